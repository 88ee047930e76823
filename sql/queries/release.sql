-- When recordings appear.

-- name: release_get_course
SELECT release_kind, release_days, release_hides FROM course WHERE id = ?

-- name: release_set_course
UPDATE course SET release_kind = ?, release_days = ?, release_hides = ?, updated_at = ? WHERE id = ?

-- name: release_set_lectures
UPDATE lecture SET release_kind = ?, release_days = ?, release_hides = ?, updated_at = ? WHERE course_id = ? AND NOT release_own

-- name: release_set_lecture
UPDATE lecture SET release_own = TRUE, release_kind = ?, release_days = ?, release_hides = ?, updated_at = ? WHERE id = ?

-- name: release_reset_lecture
UPDATE lecture l JOIN course c ON c.id = l.course_id
SET l.release_own = FALSE, l.release_kind = c.release_kind, l.release_days = c.release_days, l.release_hides = c.release_hides,
  l.updated_at = ? WHERE l.id = ?

-- name: release_set_time
UPDATE lecture SET released_at = ?, updated_at = ? WHERE id = ?
