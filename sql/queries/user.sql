-- People, their roles and preferences.

-- fragment: user_cols
u.id, u.login, u.name, u.email, u.organisation_id, u.created_at, u.disabled_at IS NOT NULL

-- name: user_get_by_login
SELECT ${user_cols}, u.password FROM user u WHERE u.login = ?

-- name: user_get
SELECT ${user_cols}, u.password FROM user u WHERE u.id = ?

-- name: user_list
SELECT ${user_cols},
  (SELECT GROUP_CONCAT(CONCAT(g.role, IFNULL(CONCAT(' @', o.slug), '')) ORDER BY g.role, o.slug SEPARATOR ', ')
   FROM role_grant g LEFT JOIN organisation o ON o.id = g.organisation_id WHERE g.user_id = u.id)
FROM user u ORDER BY u.login LIMIT ? OFFSET ?

-- name: user_insert
INSERT INTO user (login, name, email, password, organisation_id, created_at) VALUES (?, ?, ?, ?, NULLIF(?, 0), ?)

-- name: user_set_password
UPDATE user SET password = ? WHERE id = ?

-- name: user_disable
UPDATE user SET disabled_at = ? WHERE id = ? AND disabled_at IS NULL

-- name: user_enable
UPDATE user SET disabled_at = NULL WHERE id = ? AND disabled_at IS NOT NULL

-- name: user_grants
SELECT g.role, IFNULL(g.organisation_id, 0), IFNULL(o.path, '')
FROM role_grant g LEFT JOIN organisation o ON o.id = g.organisation_id WHERE g.user_id = ? ORDER BY g.id

-- name: user_grant_insert
INSERT INTO role_grant (user_id, role, organisation_id, created_at) VALUES (?, ?, NULLIF(?, 0), ?)

-- name: user_grant_delete
DELETE FROM role_grant WHERE user_id = ? AND role = ? AND scope = ?

-- name: user_preference_get
SELECT value FROM preference WHERE user_id = ? AND name = ?

-- name: user_preference_set
INSERT INTO preference (user_id, name, value) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE value = VALUES(value)
