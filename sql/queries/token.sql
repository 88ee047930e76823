-- Personal tokens.

-- name: token_insert
INSERT INTO personal_token (hash, user_id, name, scopes, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)

-- name: token_lock
-- A person's tokens are made one after the other, so that two requests at once do not go over the limit, and a form sent twice makes one.
SELECT id FROM user WHERE id = ? FOR UPDATE

-- name: token_count
SELECT COUNT(*), COALESCE(MAX(id), 0) FROM personal_token WHERE user_id = ?

-- name: token_list
SELECT t.id, t.name, t.scopes, t.created_at, t.expires_at, t.used_at, t.used_from, t.expires_at <= ?, u.login,
       EXISTS (SELECT 1 FROM live_session s WHERE s.token_id = t.id AND s.stopped_at IS NULL)
FROM personal_token t JOIN user u ON u.id = t.user_id
WHERE t.user_id = ? ORDER BY t.id DESC

-- name: token_list_all
SELECT t.id, t.name, t.scopes, t.created_at, t.expires_at, t.used_at, t.used_from, t.expires_at <= ?, u.login,
       EXISTS (SELECT 1 FROM live_session s WHERE s.token_id = t.id AND s.stopped_at IS NULL)
FROM personal_token t JOIN user u ON u.id = t.user_id
ORDER BY t.id DESC LIMIT ?

-- name: token_owner
SELECT user_id, name FROM personal_token WHERE id = ? FOR UPDATE

-- name: token_delete
DELETE FROM personal_token WHERE id = ?

-- name: token_get
SELECT t.id, u.id, u.login, u.name, t.scopes, t.used_at IS NULL OR t.used_at < ? - INTERVAL 1 MINUTE OR NOT t.used_from <=> ?,
       t.expires_at <= ?
FROM personal_token t JOIN user u ON u.id = t.user_id
WHERE t.hash = ? AND u.disabled_at IS NULL

-- name: token_used
UPDATE personal_token SET used_at = ?, used_from = ? WHERE id = ?
