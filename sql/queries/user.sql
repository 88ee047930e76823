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
INSERT INTO role_grant (user_id, role, organisation_id, granted_by, created_at) VALUES (?, ?, NULLIF(?, 0), NULLIF(?, 0), ?)

-- name: user_grant_keep
-- Given by hand now, too: rules no longer take it back.
UPDATE role_grant SET idp_id = NULL, granted_by = NULLIF(?, 0) WHERE user_id = ? AND role = ? AND scope = ? AND idp_id IS NOT NULL

-- name: user_grant_delete
DELETE FROM role_grant WHERE user_id = ? AND role = ? AND scope = ?

-- name: user_home
SELECT organisation_id FROM user WHERE id = ?

-- name: user_reach
-- The organisations in which the person may do something; '' for an admin.
SELECT IFNULL(o.path, '') FROM role_grant g LEFT JOIN organisation o ON o.id = g.organisation_id WHERE g.user_id = ?
UNION
SELECT o.path FROM course_staff s JOIN course c ON c.id = s.course_id JOIN organisation o ON o.id = c.organisation_id
WHERE s.user_id = ?

-- name: user_admins
-- How many admins can act, and whether the person is one of them.
SELECT COUNT(*), IFNULL(MAX(u.id = ?), 0)
FROM role_grant g JOIN user u ON u.id = g.user_id WHERE g.organisation_id IS NULL AND g.role = 'admin' AND u.disabled_at IS NULL

-- name: turn_take
INSERT INTO turn (name, taken) VALUES (?, 1) ON DUPLICATE KEY UPDATE taken = taken + 1

-- fragment: role_cols
u.id, u.login, u.name, u.disabled_at IS NOT NULL, g.role, g.created_at, b.name, o.slug, o.name, o.path, p.name

-- fragment: role_joins
JOIN user u ON u.id = g.user_id LEFT JOIN user b ON b.id = g.granted_by LEFT JOIN organisation o ON o.id = g.organisation_id
LEFT JOIN idp p ON p.id = g.idp_id

-- name: user_roles_of
SELECT ${role_cols} FROM role_grant g ${role_joins}
WHERE g.organisation_id <=> NULLIF(?, 0) ORDER BY g.role, u.name, u.id LIMIT ? OFFSET ?

-- name: user_roles_above
-- Of the nearest organisation first; of the installation last. Picked before names are read, lecturers after all others.
SELECT STRAIGHT_JOIN ${role_cols}
FROM (SELECT r.id, a.depth, r.role + 0 AS kind
      FROM JSON_TABLE(?, '$[*]' COLUMNS (depth FOR ORDINALITY, id BIGINT PATH '$')) a JOIN role_grant r ON r.organisation_id = a.id
      WHERE r.role = 'maintainer' OR ?
      UNION ALL SELECT id, 0, 0 FROM role_grant WHERE organisation_id IS NULL
      ORDER BY kind, depth DESC, id LIMIT ?) pick
JOIN role_grant g ON g.id = pick.id ${role_joins}
ORDER BY pick.depth DESC, g.role, u.name, u.id

-- name: user_preference_get
SELECT value FROM preference WHERE user_id = ? AND name = ?

-- name: user_preference_set
INSERT INTO preference (user_id, name, value) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE value = VALUES(value)
