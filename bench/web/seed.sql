-- A large university for measuring: 30,000 users, 1,300 courses in 4 terms, 20,000 lectures, 180,000 enrolments.
-- Into an empty installation only; keys and slugs begin with "b" so that they are recognised.
SET @now = UTC_TIMESTAMP(3);
SET @org = (SELECT MIN(id) FROM organisation);

INSERT IGNORE INTO term (slug, year, half, starts_at, ends_at) VALUES
  ('2025s', 2025, 's', '2025-04-01', '2025-10-01'), ('2025w', 2025, 'w', '2025-10-01', '2026-04-01'),
  ('2026s', 2026, 's', '2026-04-01', '2026-10-01'), ('2026w', 2026, 'w', '2026-10-01', '2027-04-01');
CREATE TEMPORARY TABLE terms (n INT PRIMARY KEY, id BIGINT);
INSERT INTO terms SELECT ROW_NUMBER() OVER (ORDER BY starts_at DESC) - 1, id FROM term ORDER BY starts_at DESC LIMIT 4;

INSERT INTO user (login, name, organisation_id, created_at)
  SELECT CONCAT('b', seq), CONCAT('Bench user ', seq), @org, @now FROM seq_1_to_30000;
SET @user = (SELECT MIN(id) FROM user WHERE login LIKE 'b%' AND name LIKE 'Bench user %');

INSERT INTO course (`key`, term_id, organisation_id, slug, name, visibility, created_at, updated_at)
  SELECT CONCAT('b', LPAD(LOWER(CONV(seq, 10, 36)), 11, '0')), (SELECT id FROM terms WHERE n = seq MOD 4), @org, CONCAT('bench-', seq),
         CONCAT('Bench course ', seq), ELT(1 + seq MOD 10, 'public', 'public', 'public', 'signedin', 'signedin',
         'signedin', 'signedin', 'enrolled', 'enrolled', 'hidden'), @now, @now
  FROM seq_1_to_1300;
SET @course = (SELECT MIN(id) FROM course WHERE slug = 'bench-1');

INSERT INTO course_staff (course_id, user_id, created_at)
  SELECT @course + seq - 1, @user + seq MOD 400, @now FROM seq_1_to_1300;
INSERT INTO enrolment (user_id, course_id, created_at)
  SELECT DISTINCT @user + seq MOD 30000, @course + (seq * 7919 + seq DIV 30000 * 211) MOD 1300, @now
  FROM seq_1_to_180000;

INSERT INTO lecture (`key`, course_id, title, starts_at, ends_at, time_state, media_state, access, published_at,
                     generation, duration_ms, created_at, updated_at)
  SELECT CONCAT('b', LPAD(LOWER(CONV(seq, 10, 36)), 11, '0')), @course + seq MOD 1300, CONCAT('Lecture ', seq DIV 1300 + 1),
         @now - INTERVAL (seq DIV 1300) WEEK, @now - INTERVAL (seq DIV 1300) WEEK + INTERVAL 90 MINUTE, 'ended',
         'complete', IF(seq MOD 20 = 0, 'draft', 'published'), IF(seq MOD 20 = 0, NULL, @now - INTERVAL seq MINUTE),
         2, 5400000, @now, @now
  FROM seq_1_to_20000;
SET @lecture = (SELECT MIN(id) FROM lecture WHERE `key` = 'b00000000001');

INSERT IGNORE INTO progress (user_id, lecture_id, position_ms, watched, updated_at)
  SELECT @user + seq MOD 5000, @lecture + (seq * 31) MOD 20000, 600000, seq MOD 3 = 0, @now - INTERVAL seq SECOND
  FROM seq_1_to_60000;
ANALYZE TABLE user, course, enrolment, lecture, progress;
