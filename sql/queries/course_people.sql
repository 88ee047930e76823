-- Staff and students of a course.

-- name: course_staff_insert
INSERT INTO course_staff (course_id, user_id, created_at) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE user_id = user_id

-- name: course_staff_lock
SELECT user_id FROM course_staff WHERE course_id = ? FOR UPDATE

-- name: course_staff_delete
DELETE FROM course_staff WHERE course_id = ? AND user_id = ?

-- name: course_staff_list
SELECT u.id, u.login, u.name FROM course_staff s JOIN user u ON u.id = s.user_id
WHERE s.course_id = ? ORDER BY s.created_at, u.name LIMIT ? OFFSET ?

-- name: course_student_insert
INSERT INTO enrolment (course_id, user_id, created_at) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE user_id = user_id

-- name: course_student_delete
DELETE FROM enrolment WHERE course_id = ? AND user_id = ?

-- name: course_student_list
SELECT u.id, u.login, u.name FROM enrolment e JOIN user u ON u.id = e.user_id
WHERE e.course_id = ? ORDER BY u.name, u.id LIMIT ? OFFSET ?
