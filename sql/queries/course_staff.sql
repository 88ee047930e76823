-- Staff and students of a course.

-- name: course_touch
UPDATE course SET updated_at = ? WHERE id = ?

-- name: course_staff_set
INSERT INTO course_staff (course_id, user_id, role, rights, granted_by, created_at)
VALUES (?, ?, ?, ?, NULLIF(?, 0), ?)
ON DUPLICATE KEY UPDATE role = VALUES(role), rights = VALUES(rights), granted_by = VALUES(granted_by),
  created_at = VALUES(created_at)

-- name: course_staff_delete
DELETE FROM course_staff WHERE course_id = ? AND user_id = ?

-- name: course_staff_list
SELECT u.id, u.login, u.name, s.role, s.rights + 0, s.created_at, g.name, u.disabled_at IS NOT NULL
FROM course_staff s JOIN user u ON u.id = s.user_id LEFT JOIN user g ON g.id = s.granted_by
WHERE s.course_id = ? ORDER BY s.role, s.created_at, u.name LIMIT ?

-- name: course_student_insert
INSERT INTO enrolment (course_id, user_id, created_at) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE user_id = user_id

-- name: course_student_delete
DELETE FROM enrolment WHERE course_id = ? AND user_id = ?

-- name: course_student_list
SELECT u.id, u.login, u.name FROM enrolment e JOIN user u ON u.id = e.user_id
WHERE e.course_id = ? ORDER BY u.name, u.id LIMIT ? OFFSET ?
