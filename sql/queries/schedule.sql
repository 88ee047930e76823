-- The timetable of a course.

-- name: schedule_busy
-- What takes place between two times, to be compared with what is planned. A lecture without an end counts four hours.
SELECT id, starts_at, IFNULL(ends_at, starts_at + INTERVAL 4 HOUR), title FROM lecture
WHERE course_id = ? AND deleted_at IS NULL AND cancelled_at IS NULL AND starts_at < ? AND starts_at > ? - INTERVAL 1 DAY
ORDER BY starts_at LIMIT 2000

-- name: series_insert
INSERT INTO series (course_id, nonce, created_at) VALUES (?, ?, ?)

-- name: series_made
SELECT COUNT(*) FROM series WHERE course_id = ? AND nonce = ?

-- name: schedule_insert
-- Times come as seconds since 1970: FROM_UNIXTIME ends in 2038.
INSERT INTO lecture (`key`, course_id, series_id, title, description, starts_at, ends_at, hall, hall_id, hall_state, time_state, access,
  published_at, release_kind, release_days, release_hides, created_at, updated_at)
SELECT j.k, c.id, s.id, j.t, '', TIMESTAMP('1970-01-01') + INTERVAL j.s SECOND, TIMESTAMP('1970-01-01') + INTERVAL j.e SECOND, j.h,
  j.hi, j.hs, IF(TIMESTAMP('1970-01-01') + INTERVAL j.e SECOND <= n.now, 'ended', 'planned'), 'published', n.now,
  c.release_kind, c.release_days, c.release_hides, n.now, n.now
FROM JSON_TABLE(?, '$[*]' COLUMNS (k CHAR(12) PATH '$.k', t VARCHAR(200) PATH '$.t', s BIGINT PATH '$.s', e BIGINT PATH '$.e',
  h VARCHAR(120) PATH '$.h', hi BIGINT PATH '$.hi', hs VARCHAR(10) PATH '$.hs')) j
JOIN (SELECT CAST(? AS DATETIME(3)) AS now) n
JOIN series s ON s.id = ? JOIN course c ON c.id = s.course_id

-- fragment: schedule_keys
JSON_TABLE(?, '$[*]' COLUMNS (k CHAR(12) PATH '$')) j

-- name: schedule_lock
SELECT l.id FROM ${schedule_keys} JOIN lecture l ON l.`key` = CONVERT(j.k USING ascii) WHERE l.course_id = ? ORDER BY l.id FOR UPDATE

-- name: schedule_pick
SELECT ${lecture_cols}
FROM ${actor} JOIN ${schedule_keys} JOIN lecture l ON l.`key` = CONVERT(j.k USING ascii)
JOIN course c ON c.id = l.course_id ${course_joins} ${lecture_progress}
WHERE l.course_id = ? AND l.deleted_at IS NULL ORDER BY l.starts_at, l.id

-- name: schedule_series
-- The lectures of a series from a time on.
SELECT ${lecture_cols}
FROM ${actor} JOIN lecture l JOIN course c ON c.id = l.course_id ${course_joins} ${lecture_progress}
WHERE l.series_id = ? AND l.starts_at >= ? AND l.course_id = ? AND l.deleted_at IS NULL ORDER BY l.starts_at, l.id LIMIT 500

-- name: schedule_move
UPDATE lecture l
JOIN JSON_TABLE(?, '$[*]' COLUMNS (i BIGINT PATH '$.i', s BIGINT PATH '$.s', e BIGINT PATH '$.e', h VARCHAR(120) PATH '$.h',
  hi BIGINT PATH '$.hi', hs VARCHAR(10) PATH '$.hs', hn VARCHAR(300) PATH '$.hn', x BIGINT PATH '$.x', t VARCHAR(10) PATH '$.t')) j ON j.i = l.id
SET l.starts_at = TIMESTAMP('1970-01-01') + INTERVAL j.s SECOND, l.ends_at = TIMESTAMP('1970-01-01') + INTERVAL j.e SECOND,
  l.hall = j.h, l.hall_id = j.hi, l.hall_state = j.hs, l.hall_note = j.hn, l.edited = j.x, l.time_state = j.t, l.updated_at = ?

-- name: schedule_cancel
UPDATE lecture l JOIN JSON_TABLE(?, '$[*]' COLUMNS (i BIGINT PATH '$')) j ON j.i = l.id
SET l.cancelled_at = ?, l.cancel_note = ?, l.updated_at = ?

-- name: schedule_restore
UPDATE lecture l JOIN JSON_TABLE(?, '$[*]' COLUMNS (i BIGINT PATH '$')) j ON j.i = l.id
SET l.cancelled_at = NULL, l.cancel_note = '', l.time_state = 'planned', l.updated_at = ?
