-- Halls, and the lectures that take place in them.

-- fragment: hall_cols
h.id, h.organisation_id, ho.name, ho.slug, ho.path, ho.zone, h.name, h.codes, h.building, h.seats, h.booking, h.archived_at

-- name: hall_insert
INSERT INTO hall (organisation_id, name, codes, building, seats, booking, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)

-- name: hall_lock
SELECT id FROM hall WHERE id = ? FOR UPDATE

-- name: hall_update
-- rule_at stands first: what follows sees the new booking.
UPDATE hall SET rule_at = IF(booking = ?, rule_at, ?), name = ?, codes = ?, building = ?, seats = ?, booking = ? WHERE id = ?

-- name: hall_set_archived
UPDATE hall SET archived_at = ? WHERE id = ?

-- name: hall_rename
-- The lectures that have it say its new name.
UPDATE lecture SET hall = ?, updated_at = ? WHERE hall_id = ? AND hall_state = 'booked'

-- name: hall_get
SELECT ${hall_cols} FROM hall h JOIN organisation ho ON ho.id = h.organisation_id WHERE h.id = ?

-- name: hall_count
SELECT COUNT(*) FROM hall WHERE organisation_id = ?

-- name: hall_list
-- Those of one organisation, archived ones last, each with its requests to come.
SELECT ${hall_cols},
  (SELECT COUNT(*) FROM lecture l JOIN course c ON c.id = l.course_id WHERE l.hall_id = h.id AND ${booking_open} AND l.starts_at > ?)
FROM hall h JOIN organisation ho ON ho.id = h.organisation_id
WHERE h.organisation_id = ? ORDER BY h.archived_at IS NOT NULL, h.building, h.name, h.id LIMIT ? OFFSET ?

-- fragment: booking_open
l.hall_state = 'requested' AND l.deleted_at IS NULL AND l.cancelled_at IS NULL AND c.deleted_at IS NULL

-- fragment: hall_above
-- An organisation and those above it, as [1,4]: their halls serve it.
JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$')) up JOIN hall h ON h.organisation_id = up.id
JOIN organisation ho ON ho.id = h.organisation_id

-- name: hall_list_serving
SELECT ${hall_cols} FROM ${hall_above}
WHERE h.archived_at IS NULL AND (h.name LIKE ? ESCAPE '!' OR h.codes LIKE ? ESCAPE '!' OR h.building LIKE ? ESCAPE '!')
ORDER BY LENGTH(ho.path) DESC, h.building, h.name, h.id LIMIT ?

-- name: hall_match
-- Which halls these are: by number (i), else by name or code (n), whatever the spaces, capitals and accents; the nearest first.
SELECT j.r, ${hall_cols}
FROM JSON_TABLE(?, '$[*]' COLUMNS (r INT PATH '$.r', i BIGINT PATH '$.i',
  n VARCHAR(120) CHARACTER SET utf8mb4 COLLATE utf8mb4_uca1400_ai_ci PATH '$.n')) j
JOIN ${hall_above}
WHERE h.id = j.i OR (j.i IS NULL AND j.n <> '' AND h.archived_at IS NULL
  AND (REPLACE(h.name, ' ', '') = REPLACE(j.n, ' ', '') OR FIND_IN_SET(REPLACE(j.n, ' ', ''), REPLACE(h.codes, ' ', ''))))
ORDER BY j.r, h.name = j.n DESC, LENGTH(ho.path) DESC, h.id

-- name: booking_lock
-- A write, not FOR UPDATE: a cluster compares what transactions write, and one of two fails. In the order of the list.
UPDATE JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$')) j STRAIGHT_JOIN hall h ON h.id = j.id SET h.bookings = h.bookings + 1

-- name: booking_busy
-- Who has a hall (h) on a day since 1970 (d) between two times (f, t: seconds since 1970). A booking is no longer than a day; a
-- lecture without an end counts four hours.
SELECT l.id, l.hall_id, l.starts_at, IFNULL(l.ends_at, l.starts_at + INTERVAL 4 HOUR)
FROM JSON_TABLE(?, '$[*]' COLUMNS (h BIGINT PATH '$.h', d INT PATH '$.d', f BIGINT PATH '$.f', t BIGINT PATH '$.t')) j
STRAIGHT_JOIN lecture l FORCE INDEX (lecture_hall_on) ON l.hall_id = j.h AND l.hall_on = DATE'1970-01-01' + INTERVAL j.d DAY
  AND l.starts_at < TIMESTAMP('1970-01-01') + INTERVAL j.t SECOND
  AND IFNULL(l.ends_at, l.starts_at + INTERVAL 4 HOUR) > TIMESTAMP('1970-01-01') + INTERVAL j.f SECOND
STRAIGHT_JOIN course c ON c.id = l.course_id AND c.deleted_at IS NULL
WHERE l.deleted_at IS NULL AND l.cancelled_at IS NULL ORDER BY l.starts_at, l.id

-- name: booking_lectures
SELECT ${lecture_cols}
FROM ${actor} JOIN JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$')) j JOIN lecture l ON l.id = j.id
JOIN course c ON c.id = l.course_id ${course_joins} ${lecture_progress}

-- name: booking_of_course
-- What it has in halls from a time on.
SELECT ${lecture_cols}
FROM ${actor} JOIN lecture l JOIN course c ON c.id = l.course_id ${course_joins} ${lecture_progress}
WHERE l.course_id = ? AND l.hall_state = 'booked' AND l.starts_at > ? AND l.deleted_at IS NULL AND l.cancelled_at IS NULL

-- name: booking_rules
-- The halls of these lectures as they are now, and whether their rule has changed since a time, NULL: since the lecture gave it up.
SELECT l.id, IFNULL(h.rule_at >= COALESCE(?, l.cancelled_at, l.deleted_at, c.deleted_at), 0), ${hall_cols}
FROM JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$')) j JOIN lecture l ON l.id = j.id
JOIN course c ON c.id = l.course_id JOIN hall h ON h.id = l.hall_id JOIN organisation ho ON ho.id = h.organisation_id

-- name: booking_give_up
UPDATE lecture l JOIN JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$')) j ON j.id = l.id
SET l.hall_state = ?, l.hall = '', l.hall_note = '', l.updated_at = ?

-- name: request_list
-- For halls of a part of the tree, those of one course and hall together. Picked first, so that the rest is read of those alone; from
-- the halls on, which are fewest: left alone, the server begins with all lectures.
SELECT STRAIGHT_JOIN ${lecture_cols}
FROM ${actor}
JOIN (SELECT STRAIGHT_JOIN l.id
      FROM hall h JOIN organisation ho ON ho.id = h.organisation_id
      JOIN lecture l FORCE INDEX (lecture_hall) ON l.hall_id = h.id AND l.hall_state = 'requested' AND l.starts_at > ?
      JOIN course c ON c.id = l.course_id
      WHERE ho.path LIKE ? AND ${booking_open} ORDER BY c.name, c.id, l.hall_id, l.starts_at, l.id LIMIT ?) pick
JOIN lecture l ON l.id = pick.id JOIN course c ON c.id = l.course_id ${course_joins} ${lecture_progress}
ORDER BY c.name, c.id, l.hall_id, l.starts_at, l.id

-- name: request_count
-- At most so many, for halls of a part of the tree. In this order: left to itself the database reads all lectures.
SELECT COUNT(*) FROM (
  SELECT STRAIGHT_JOIN 1 FROM hall h JOIN organisation ho ON ho.id = h.organisation_id
  JOIN lecture l FORCE INDEX (lecture_hall) ON l.hall_id = h.id JOIN course c ON c.id = l.course_id
  WHERE ho.path LIKE ? AND l.starts_at > ? AND ${booking_open} LIMIT ?) found

-- name: request_lock
SELECT l.id FROM ${schedule_keys} JOIN lecture l ON l.`key` = CONVERT(j.k USING ascii) ORDER BY l.id FOR UPDATE

-- name: request_pick
SELECT ${lecture_cols}, ho.path
FROM ${actor} JOIN ${schedule_keys} JOIN lecture l ON l.`key` = CONVERT(j.k USING ascii)
JOIN hall h ON h.id = l.hall_id JOIN organisation ho ON ho.id = h.organisation_id
JOIN course c ON c.id = l.course_id ${course_joins} ${lecture_progress}
WHERE ${booking_open} AND l.starts_at > ? ORDER BY l.starts_at, l.id

-- name: request_answer
UPDATE lecture l JOIN JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$')) j ON j.id = l.id JOIN hall h ON h.id = l.hall_id
SET l.hall_state = ?, l.hall = IF(? = 'booked', h.name, ''), l.hall_note = ?, l.updated_at = ?
