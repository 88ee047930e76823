-- Makes the demo university comparable: in the middle of a term, with as many lectures a course as the large one (seed.sql) and a few
-- halls. What a page shows more of at the large one is then what there is more of.
SET @now = UTC_TIMESTAMP(3);
SET @monday = DATE(@now) - INTERVAL WEEKDAY(@now) DAY;
INSERT INTO hall (organisation_id, name, codes, building, seats, booking, created_at)
  SELECT o.id, CONCAT('Hall ', seq), CONCAT('H', seq), 'Building 1', 50 + seq, ELT(1 + seq MOD 3, 'below', 'request', 'maintainers'), @now
  FROM seq_1_to_4 JOIN organisation o ON o.slug = 'engineering';
SET @hall = (SELECT MIN(id) FROM hall WHERE name = 'Hall 1');
INSERT INTO lecture (`key`, course_id, title, starts_at, ends_at, time_state, media_state, access, published_at,
                     generation, duration_ms, hall, hall_id, hall_state, created_at, updated_at)
  SELECT CONCAT('p', LPAD(LOWER(CONV(s.course * 20 + s.week, 10, 36)), 11, '0')), s.course, CONCAT('Lecture ', s.week + 1),
         s.at, s.at + INTERVAL 90 MINUTE, IF(s.at < @now, 'ended', 'planned'), IF(s.at < @now, 'complete', 'none'), 'published',
         LEAST(@now, s.at), IF(s.at < @now, 2, 0), IF(s.at < @now, 5400000, 0),
         IF(s.at < @now OR s.asks, '', 'Hall 1'), IF(s.at < @now, NULL, @hall), IF(s.at < @now, NULL, IF(s.asks, 'requested', 'booked')),
         @now, @now
  FROM (SELECT c.id AS course, seq AS week, c.slug = 'lectern' AS asks,
               @monday + INTERVAL (CAST(seq AS SIGNED) - 15 - IF(t.ends_at < @now, 26, 0)) WEEK
                 + INTERVAL c.id MOD 5 DAY + INTERVAL 7 + c.id HOUR AS at
        FROM seq_0_to_19 JOIN course c JOIN term t ON t.id = c.term_id) s;
ANALYZE TABLE hall, lecture;
