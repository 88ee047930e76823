-- Enrolment.

-- name: enrolment_insert
INSERT INTO enrolment (user_id, course_id, created_at) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE user_id = user_id

-- name: enrolment_delete
DELETE FROM enrolment WHERE user_id = ? AND course_id = ?

-- name: enrolment_list
SELECT u.id, u.login, u.name FROM enrolment e JOIN user u ON u.id = e.user_id
WHERE e.course_id = ? ORDER BY u.name, u.id LIMIT ? OFFSET ?
