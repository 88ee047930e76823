-- A modest university for measuring: 2,000 users, 100 courses, 1,500 lectures, 12,000 enrolments; and what waits in the queue
-- while bench/nodes/run says so: a probe and 300 encodes of recordings that fit on no worker's disk, so that they go on waiting.
-- Into an empty installation only.
SET @now = UTC_TIMESTAMP(3);
SET @org = (SELECT MIN(id) FROM organisation);
SET @node = (SELECT MIN(id) FROM node);
INSERT IGNORE INTO term (slug, year, half, starts_at, ends_at) VALUES ('2026w', 2026, 'w', '2026-10-01', '2027-04-01');
SET @term = (SELECT id FROM term WHERE slug = '2026w');

INSERT INTO user (login, name, organisation_id, created_at)
  SELECT CONCAT('b', seq), CONCAT('Bench user ', seq), @org, @now FROM seq_1_to_2000;
SET @user = (SELECT MIN(id) FROM user WHERE name LIKE 'Bench user %');
INSERT INTO course (`key`, term_id, organisation_id, slug, name, visibility, created_at, updated_at)
  SELECT CONCAT('b', LPAD(LOWER(CONV(seq, 10, 36)), 11, '0')), @term, @org, CONCAT('bench-', seq), CONCAT('Bench course ', seq),
         ELT(1 + seq MOD 3, 'public', 'signedin', 'enrolled'), @now, @now
  FROM seq_1_to_100;
SET @course = (SELECT MIN(id) FROM course WHERE slug = 'bench-1');
INSERT INTO enrolment (user_id, course_id, created_at)
  SELECT @user + seq MOD 2000, @course + (seq * 17 + seq DIV 2000 * 7) MOD 100, @now FROM seq_1_to_12000;
INSERT INTO enrolment (user_id, course_id, created_at)
  SELECT (SELECT id FROM user WHERE login = 'demo-student'), @course + seq, @now FROM seq_1_to_6;
INSERT INTO lecture (`key`, course_id, title, starts_at, ends_at, time_state, media_state, access, published_at, generation,
                     duration_ms, created_at, updated_at)
  SELECT CONCAT('b', LPAD(LOWER(CONV(seq, 10, 36)), 11, '0')), @course + seq MOD 100, CONCAT('Lecture ', seq DIV 100 + 1),
         @now - INTERVAL (seq DIV 100) WEEK, @now - INTERVAL (seq DIV 100) WEEK + INTERVAL 90 MINUTE, 'ended', 'complete',
         'published', @now - INTERVAL seq MINUTE, 2, 5400000, @now, @now
  FROM seq_1_to_1500;
SET @lecture = (SELECT MIN(id) FROM lecture WHERE `key` LIKE 'b%' AND title = 'Lecture 1');

INSERT INTO upload (`key`, lecture_id, node_id, view, state, name, size, nonce, created_at, updated_at)
  SELECT CONCAT('b', LPAD(seq, 11, '0')), @lecture + seq, @node, 'CAM', 'taken', 'long.mp4', 1 << 49, 'bench', @now, @now
  FROM seq_0_to_300;
INSERT INTO source (lecture_id, upload_id, node_id, view, name, size, sha256, created_at)
  SELECT lecture_id, id, 0, view, name, size, REPEAT('0', 64), @now FROM upload WHERE nonce = 'bench';
INSERT INTO task (kind, state, lecture_id, source_id, created_at)
  SELECT 'publish', 'cancelled', lecture_id, id, @now FROM source WHERE name = 'long.mp4';
INSERT INTO job (task_id, lecture_id, source_id, kind, lane, view, state, priority, params, not_before, created_at, share)
  SELECT t.id, t.lecture_id, t.source_id, IF(t.lecture_id = @lecture, 'probe', 'full'),
         IF(t.lecture_id = @lecture, 'quick', 'encode'), 'CAM', 'cancelled', 5, '{}', @now, @now, @org
  FROM task t JOIN source s ON s.id = t.source_id WHERE s.name = 'long.mp4';
ANALYZE TABLE user, course, enrolment, lecture, job;
