-- The last change of a timetable, to be undone.

-- name: schedule_undo_forget
DELETE FROM schedule_undo WHERE course_id = ? AND user_id = ?

-- name: schedule_undo_replace
REPLACE INTO schedule_undo (course_id, user_id, `key`, created_at) VALUES (?, ?, ?, ?)

-- name: schedule_undo_before
INSERT INTO schedule_undo_lecture (undo_id, lecture_id, was_starts_at, was_ends_at, was_hall, was_edited, was_time_state,
  was_cancelled_at, was_cancel_note, was_hall_id, was_hall_state, was_hall_note)
SELECT ?, l.id, l.starts_at, l.ends_at, l.hall, l.edited, l.time_state, l.cancelled_at, l.cancel_note, l.hall_id, l.hall_state, l.hall_note
FROM JSON_TABLE(?, '$[*]' COLUMNS (i BIGINT PATH '$')) j JOIN lecture l ON l.id = j.i

-- name: schedule_undo_after
UPDATE schedule_undo_lecture u JOIN lecture l ON l.id = u.lecture_id
SET u.is_starts_at = l.starts_at, u.is_ends_at = l.ends_at, u.is_hall = l.hall, u.is_edited = l.edited,
  u.is_cancelled_at = l.cancelled_at, u.is_cancel_note = l.cancel_note, u.is_hall_id = l.hall_id, u.is_hall_state = l.hall_state
WHERE u.undo_id = ?

-- name: schedule_undo_get
SELECT id, created_at FROM schedule_undo WHERE course_id = ? AND user_id = ? AND `key` = ? FOR UPDATE

-- name: schedule_undo_check
-- Each lecture of the change, locked, and whether it is what it was after the change. time_state is not compared: what was moved
-- into the past has ended a moment later.
SELECT l.id, l.deleted_at IS NULL AND l.time_state <> 'live' AND l.starts_at = u.is_starts_at AND l.ends_at <=> u.is_ends_at
  AND BINARY l.hall = BINARY u.is_hall AND l.edited = u.is_edited AND l.cancelled_at <=> u.is_cancelled_at
  AND BINARY l.cancel_note = BINARY u.is_cancel_note AND l.hall_id <=> u.is_hall_id AND l.hall_state <=> u.is_hall_state
FROM schedule_undo_lecture u JOIN lecture l ON l.id = u.lecture_id WHERE u.undo_id = ? ORDER BY l.id FOR UPDATE

-- name: schedule_undo_apply
UPDATE lecture l JOIN schedule_undo_lecture u ON u.lecture_id = l.id
SET l.starts_at = u.was_starts_at, l.ends_at = u.was_ends_at, l.hall = u.was_hall, l.edited = u.was_edited,
  l.time_state = u.was_time_state, l.cancelled_at = u.was_cancelled_at, l.cancel_note = u.was_cancel_note,
  l.hall_id = u.was_hall_id, l.hall_state = u.was_hall_state, l.hall_note = u.was_hall_note, l.updated_at = ?
WHERE u.undo_id = ?

-- name: schedule_undo_halls
-- Those that have a hall again at another time than now, or that is another one.
SELECT ${lecture_cols}
FROM ${actor} JOIN schedule_undo_lecture u JOIN lecture l ON l.id = u.lecture_id
JOIN course c ON c.id = l.course_id ${course_joins} ${lecture_progress}
WHERE u.undo_id = ? AND l.hall_state = 'booked' AND l.cancelled_at IS NULL
  AND NOT (u.was_hall_id <=> u.is_hall_id AND u.was_hall_state <=> u.is_hall_state AND u.was_starts_at = u.is_starts_at
    AND u.was_ends_at <=> u.is_ends_at AND u.is_cancelled_at IS NULL)

-- name: series_undo_get
SELECT id FROM series WHERE course_id = ? AND nonce = ? FOR UPDATE

-- name: series_undo_check
-- Its lectures, locked, and whether nobody has done anything with them.
SELECT id, deleted_at IS NULL AND updated_at = created_at AND media_state = 'none' FROM lecture WHERE series_id = ? ORDER BY id FOR UPDATE

-- name: series_undo_lectures
DELETE FROM lecture WHERE series_id = ?

-- name: series_undo_series
DELETE FROM series WHERE id = ?
