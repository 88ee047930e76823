-- A large university for measuring: 10,000 organisations in 12 levels, 100,000 users, 5,000 courses in 4 terms, 100,000
-- lectures, 300 halls, 300,000 enrolments. Onto the demo university only, below the school that the demo maintainer runs; keys, slugs
-- and logins begin with "p" so that they are recognised. The demo people get courses of it.
SET @now = UTC_TIMESTAMP(3);
SET @monday = DATE(@now) - INTERVAL WEEKDAY(@now) DAY;
SET @school = (SELECT id FROM organisation WHERE slug = 'engineering');

-- Four broad levels (20, 200, 2,000, 7,700), then a chain down to the twelfth.
DELIMITER //
CREATE OR REPLACE PROCEDURE grow(IN level INT, IN wanted INT, IN slug_of_parent VARCHAR(60))
BEGIN
  CREATE OR REPLACE TEMPORARY TABLE parents (n INT PRIMARY KEY, id BIGINT, path VARCHAR(190) CHARACTER SET ascii);
  INSERT INTO parents
    SELECT ROW_NUMBER() OVER (ORDER BY id) - 1, id, path FROM organisation WHERE slug LIKE slug_of_parent ORDER BY id;
  SET @parents = (SELECT COUNT(*) FROM parents);
  INSERT INTO organisation (parent_id, path, slug, name, created_at)
    SELECT p.id, '', CONCAT('p', level, '-', s.seq),
           CONCAT(ELT(1 + s.seq MOD 4, 'Department of ', 'Institute for ', 'Chair of ', 'Group '),
                  ELT(1 + (s.seq DIV 4) MOD 5, 'Algebra ', 'Robotics ', 'Materials ', 'Ökologie ', 'Networks '), level, '.', s.seq), @now
    FROM seq_1_to_7700 s JOIN parents p ON p.n = s.seq MOD @parents WHERE s.seq <= wanted;
  UPDATE organisation o JOIN organisation p ON p.id = o.parent_id SET o.path = CONCAT(p.path, o.id, '/') WHERE o.path = '';
END//
DELIMITER ;
CALL grow(3, 20, 'engineering');
CALL grow(4, 200, 'p3-%');
CALL grow(5, 2000, 'p4-%');
CALL grow(6, 7700, 'p5-%');
CALL grow(7, 60, 'p6-1%');
CALL grow(8, 10, 'p7-1');
CALL grow(9, 5, 'p8-1');
CALL grow(10, 3, 'p9-1');
CALL grow(11, 2, 'p10-1');
DROP PROCEDURE grow;
CREATE TEMPORARY TABLE places (n INT PRIMARY KEY, id BIGINT);
INSERT INTO places SELECT ROW_NUMBER() OVER (ORDER BY id) - 1, id FROM organisation WHERE slug REGEXP '^p[0-9]+-' ORDER BY id;
SET @places = (SELECT COUNT(*) FROM places);

INSERT IGNORE INTO term (slug, year, half, starts_at, ends_at) VALUES
  ('2025s', 2025, 's', '2025-04-01', '2025-10-01'), ('2025w', 2025, 'w', '2025-10-01', '2026-04-01'),
  ('2026s', 2026, 's', '2026-04-01', '2026-10-01'), ('2026w', 2026, 'w', '2026-10-01', '2027-04-01');
CREATE TEMPORARY TABLE terms (n INT PRIMARY KEY, id BIGINT);
INSERT INTO terms SELECT ROW_NUMBER() OVER (ORDER BY starts_at DESC) - 1, id FROM term ORDER BY starts_at DESC LIMIT 4;

INSERT INTO user (login, name, organisation_id, created_at)
  SELECT CONCAT('p', s.seq), CONCAT('Person ', s.seq), p.id, @now FROM seq_1_to_100000 s JOIN places p ON p.n = s.seq MOD @places;
-- Ids have gaps, so rows are numbered: people, courses, recorded lectures.
CREATE TEMPORARY TABLE people (n INT PRIMARY KEY, id BIGINT);
INSERT INTO people SELECT ROW_NUMBER() OVER (ORDER BY id) - 1, id FROM user WHERE login REGEXP '^p[0-9]+$' ORDER BY id;

INSERT INTO role_grant (user_id, role, organisation_id, created_at)
  SELECT u.id, IF(p.n MOD 3 = 0, 'maintainer', 'lecturer'), p.id, @now FROM places p JOIN people u ON u.n = p.n WHERE p.n < 3000;

INSERT INTO course (`key`, term_id, organisation_id, slug, name, visibility, created_at, updated_at)
  SELECT CONCAT('p', LPAD(LOWER(CONV(s.seq, 10, 36)), 11, '0')), t.id, p.id, CONCAT('p-course-', s.seq),
         CONCAT('Course ', s.seq), ELT(1 + s.seq MOD 10, 'public', 'public', 'public', 'signedin', 'signedin', 'signedin',
         'signedin', 'enrolled', 'enrolled', 'hidden'), @now, @now
  FROM seq_1_to_5000 s JOIN terms t ON t.n = s.seq MOD 4 JOIN places p ON p.n = (s.seq * 7) MOD @places
  ORDER BY s.seq; -- the number of a course, and so its lectures and staff, are those of its term
CREATE TEMPORARY TABLE courses (n INT PRIMARY KEY, id BIGINT);
INSERT INTO courses SELECT ROW_NUMBER() OVER (ORDER BY id) - 1, id FROM course WHERE slug LIKE 'p-course-%' ORDER BY id;

INSERT INTO course_staff (course_id, user_id, created_at)
  SELECT c.id, u.id, @now FROM courses c JOIN people u ON u.n = c.n MOD 1500;
INSERT INTO enrolment (user_id, course_id, created_at)
  SELECT DISTINCT u.id, c.id, @now FROM seq_1_to_300000 s JOIN people u ON u.n = s.seq MOD 100000
    JOIN courses c ON c.n = (s.seq * 7919 + s.seq DIV 100000 * 211) MOD 5000;

INSERT INTO hall (organisation_id, name, codes, building, seats, booking, created_at)
  SELECT @school, CONCAT('Hall ', seq), CONCAT('H', seq), CONCAT('Building ', seq DIV 20), 50 + seq, ELT(1 + seq MOD 3, 'below', 'request', 'maintainers'), @now
  FROM seq_1_to_300;
SET @hall = (SELECT MIN(id) FROM hall WHERE organisation_id = @school AND name LIKE 'Hall %');

-- Twenty a course, one a week at its own day and hour: in the current term fifteen past and five to come, half a year earlier
-- for each term before. What is past has a recording; what is to come has a hall, one in fifty has asked for it.
INSERT INTO lecture (`key`, course_id, title, starts_at, ends_at, time_state, media_state, access, published_at,
                     generation, duration_ms, hall, hall_id, hall_state, created_at, updated_at)
  SELECT CONCAT('p', LPAD(LOWER(CONV(s.seq, 10, 36)), 11, '0')), c.id, CONCAT('Lecture ', s.week + 1),
         s.at, s.at + INTERVAL 90 MINUTE, IF(s.at < @now, 'ended', 'planned'), IF(s.at < @now, 'complete', 'none'), 'published',
         LEAST(@now, s.at) - INTERVAL s.seq MOD 1440 MINUTE, IF(s.at < @now, 2, 0), IF(s.at < @now, 5400000, 0),
         IF(s.at < @now OR s.course MOD 50 = 3, '', CONCAT('Hall ', s.course DIV 220 + 1)), IF(s.at < @now, NULL, @hall + s.course DIV 220),
         IF(s.at < @now, NULL, IF(s.course MOD 50 = 3, 'requested', 'booked')), @now, @now
  FROM (SELECT seq, seq MOD 5000 AS course, seq DIV 5000 AS week,
               @monday + INTERVAL (CAST(seq DIV 5000 AS SIGNED) - 15 - 26 * CAST((seq + 1) MOD 4 AS SIGNED)) WEEK
                 + INTERVAL seq DIV 4 MOD 5 DAY + INTERVAL 7 + seq DIV 20 MOD 11 HOUR AS at
        FROM seq_0_to_99999) s
  JOIN courses c ON c.n = s.course;
CREATE TEMPORARY TABLE recorded (n INT PRIMARY KEY, id BIGINT);
INSERT INTO recorded
  SELECT ROW_NUMBER() OVER (ORDER BY id) - 1, id FROM lecture WHERE `key` LIKE 'p0%' AND media_state = 'complete' ORDER BY id;

INSERT IGNORE INTO progress (user_id, lecture_id, position_ms, watched, updated_at)
  SELECT u.id, l.id, 600000, s.seq MOD 3 = 0, @now - INTERVAL s.seq SECOND FROM seq_1_to_60000 s JOIN people u ON u.n = s.seq MOD 5000
    JOIN recorded l ON l.n = (s.seq * 31) MOD 75000;

-- The demo student is enrolled in six courses of its current term, the demo lecturer runs eight.
INSERT IGNORE INTO enrolment (user_id, course_id, created_at)
  SELECT u.id, c.id, @now FROM user u JOIN courses c ON c.n IN (3, 7, 11, 15, 19, 23) WHERE u.login = 'demo-student';
INSERT IGNORE INTO course_staff (course_id, user_id, created_at)
  SELECT c.id, u.id, @now FROM user u JOIN courses c ON c.n IN (3, 7, 11, 15, 19, 23, 27, 31) WHERE u.login = 'demo-lecturer';
ANALYZE TABLE organisation, user, hall, role_grant, course, course_staff, enrolment, lecture, progress;
