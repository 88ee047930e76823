-- Signing in at identity providers: identities, answers that were used, sessions that a provider began.

-- name: identity_get
SELECT i.id, u.id, u.login, u.name, u.disabled_at IS NOT NULL FROM identity i JOIN user u ON u.id = i.user_id
WHERE i.provider = ? AND i.subject = ?

-- name: identity_insert
INSERT INTO identity (user_id, provider, subject, created_at) VALUES (?, ?, ?, ?)

-- name: identity_rename
UPDATE identity SET subject = ? WHERE id = ?

-- name: identity_used
UPDATE identity SET used_at = ? WHERE id = ?

-- name: identity_follow
-- Of an account without a password of this site, whose first identity this is: the provider began it.
UPDATE user u SET u.name = IFNULL(?, u.name), u.email = IFNULL(?, u.email)
WHERE u.id = ? AND u.password IS NULL AND NOT EXISTS (SELECT 1 FROM identity o WHERE o.user_id = u.id AND o.id < ?)
  AND (BINARY IFNULL(?, u.name) <> BINARY u.name OR NOT BINARY IFNULL(?, u.email) <=> BINARY u.email)

-- name: saml_used_insert
INSERT INTO saml_used (hash, until) VALUES (?, ?)

-- name: saml_used_sweep
DELETE FROM saml_used WHERE until <= ? LIMIT 1000

-- name: session_saml_insert
INSERT INTO session_saml (hash, idp_id, name_hash, name_id, name_format, name_qualifier, sp_name_qualifier, session_index)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)

-- name: session_delete_idp
DELETE s FROM session s JOIN session_saml m ON m.hash = s.hash WHERE m.idp_id = ?

-- name: session_delete_idp_person
DELETE s FROM session s JOIN session_saml m ON m.hash = s.hash WHERE s.user_id = ? AND m.idp_id = ?

-- name: session_saml_get
-- Without a name of the person the provider cannot be told of a sign-out.
SELECT idp_id, name_id, name_format, name_qualifier, sp_name_qualifier, session_index FROM session_saml
WHERE hash = ? AND name_id IS NOT NULL

-- name: session_delete_named
-- Of a person at a provider: the session of that index, or all of them.
DELETE s FROM session s JOIN session_saml m ON m.hash = s.hash
WHERE m.idp_id = ? AND m.name_hash = ? AND (? IS NULL OR m.session_index = ?)

-- name: identity_list
SELECT i.id, p.name, i.created_at, i.used_at, u.password IS NOT NULL, IFNULL(p.id, 0)
FROM identity i JOIN user u ON u.id = i.user_id
LEFT JOIN idp p ON p.entity_hash = UNHEX(SUBSTR(i.provider, 6))
WHERE i.user_id = ? ORDER BY i.id LIMIT ?

-- name: identity_delete
DELETE FROM identity WHERE id = ? AND user_id = ?

-- name: identity_pending_insert
INSERT INTO identity_pending (hash, user_id, idp_id, subject, shown, until) VALUES (?, ?, ?, ?, ?, ?)

-- name: identity_pending_get
SELECT p.idp_id, i.name, i.entity_id, p.subject, p.shown FROM identity_pending p JOIN idp i ON i.id = p.idp_id
WHERE p.hash = ? AND p.user_id = ? AND p.until > ?

-- name: identity_pending_sweep
DELETE FROM identity_pending WHERE until <= ? LIMIT 1000
