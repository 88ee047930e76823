-- Sessions.

-- name: session_insert
INSERT INTO session (hash, user_id, created_at, expires_at, agent) VALUES (?, ?, ?, ?, ?)

-- name: session_get
SELECT u.id, u.login, u.name, EXISTS (SELECT 1 FROM course_staff c WHERE c.user_id = u.id)
FROM session s JOIN user u ON u.id = s.user_id
WHERE s.hash = ? AND s.expires_at > ? AND u.disabled_at IS NULL

-- name: session_delete
DELETE FROM session WHERE hash = ?

-- name: session_delete_user
DELETE FROM session WHERE user_id = ?

-- name: session_sweep
DELETE FROM session WHERE expires_at <= ? LIMIT 1000
