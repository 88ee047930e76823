-- Identity providers: what is set, and the metadata that was read last.

-- fragment: idp_cols
i.id, i.entity_id, i.name, IFNULL(i.organisation_id, 0), o.slug, i.domains, i.scopes, i.allow_cbc, i.source, i.source_cert,
i.metadata_at, i.metadata_until, i.keys_until, i.checked_at, i.due_at, i.failures, i.failure

-- fragment: rules_say
-- What the rules of all providers give people by what was said of them last: user i.user_id, role r.gives.
identity i JOIN idp p ON p.entity_hash = UNHEX(SUBSTR(i.provider, 6))
JOIN idp_rule r ON r.idp_id = p.id AND r.gives <> 'home'
JOIN identity_attribute a ON a.identity_id = i.id AND a.attribute = r.attribute AND a.value = r.value

-- name: idp_insert
INSERT INTO idp (entity_hash, entity_id, name, organisation_id, domains, scopes, allow_cbc, source, source_cert, due_at, created_at)
VALUES (?, ?, ?, NULLIF(?, 0), ?, ?, ?, ?, ?, ?, ?)

-- name: idp_update
UPDATE idp SET name = ?, organisation_id = NULLIF(?, 0), domains = ?, scopes = ?, allow_cbc = ? WHERE id = ?

-- name: idp_admins
-- Of the admins that can act: does one sign in at this provider, and does one by a password or at another one that is there?
SELECT IFNULL(MAX(EXISTS (SELECT 1 FROM identity k WHERE k.user_id = u.id AND k.provider = ?)), 0),
  IFNULL(MAX(u.password IS NOT NULL OR EXISTS (
    SELECT 1 FROM identity i JOIN idp p ON p.entity_hash = UNHEX(SUBSTR(i.provider, 6)) WHERE i.user_id = u.id AND p.id <> ?)), 0)
FROM role_grant g JOIN user u ON u.id = g.user_id WHERE g.organisation_id IS NULL AND g.role = 'admin' AND u.disabled_at IS NULL

-- name: idp_lock
-- Sign-ins that are under way end before; those that come later fail at the foreign key of session_saml.
SELECT id FROM idp WHERE id = ? FOR UPDATE

-- name: idp_delete
DELETE FROM idp WHERE id = ?

-- name: idp_get
SELECT ${idp_cols}, i.metadata FROM idp i LEFT JOIN organisation o ON o.id = i.organisation_id WHERE i.id = ?

-- name: idp_get_entity
SELECT ${idp_cols}, i.metadata FROM idp i LEFT JOIN organisation o ON o.id = i.organisation_id WHERE i.entity_hash = ?

-- name: idp_any
SELECT id FROM idp LIMIT 1

-- name: idp_list
SELECT ${idp_cols} FROM idp i LEFT JOIN organisation o ON o.id = i.organisation_id
WHERE i.name LIKE ? ESCAPE '!' OR i.entity_id LIKE ? ESCAPE '!' OR o.name LIKE ? ESCAPE '!' ORDER BY i.name, i.id LIMIT ? OFFSET ?

-- name: idp_list_offered
-- For the sign-in page: those that could be asked at some time, and whether they can be now; first those that have the words in their
-- name or that of their organisation, or one of these domains (["cs.uni.example","uni.example","example"]), then the one with that id.
SELECT i.id, i.name, o.name, IFNULL(i.name LIKE ? ESCAPE '!' OR o.name LIKE ? ESCAPE '!', FALSE) OR EXISTS (
    SELECT 1 FROM JSON_TABLE(?, '$[*]' COLUMNS (h VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin PATH '$')) d
    WHERE FIND_IN_SET(d.h, REPLACE(i.domains, ' ', ','))) AS found,
  i.metadata_until IS NULL OR i.metadata_until > ?
FROM idp i LEFT JOIN organisation o ON o.id = i.organisation_id
WHERE i.metadata_at IS NOT NULL
ORDER BY found DESC, i.id = ? DESC, IFNULL(o.name, i.name), i.name, i.id LIMIT ?

-- name: idp_due
SELECT ${idp_cols}, i.metadata FROM idp i LEFT JOIN organisation o ON o.id = i.organisation_id
WHERE i.due_at <= ? ORDER BY i.due_at, i.id LIMIT 1

-- name: idp_take
UPDATE idp SET due_at = ? WHERE id = ? AND due_at = ?

-- name: idp_refresh
UPDATE idp SET due_at = ? WHERE id = ?

-- name: idp_set_source
UPDATE idp SET source = ?, source_cert = ?, due_at = ?, failures = 0, failure = '' WHERE id = ?

-- name: idp_forget
UPDATE idp SET metadata = NULL, metadata_at = NULL, metadata_until = NULL, keys_until = NULL WHERE id = ?

-- name: idp_good
-- Not if it came from where its source was before, or was checked with another certificate than it has now.
UPDATE idp SET metadata = ?, metadata_at = ?, metadata_until = ?, keys_until = ?, checked_at = metadata_at, due_at = ?,
  failures = 0, failure = ''
WHERE id = ? AND source = ? AND source_cert <=> ?

-- name: idp_bad
UPDATE idp SET checked_at = ?, due_at = ?, failures = failures + 1, failure = ? WHERE id = ? AND source = ? AND source_cert <=> ?

-- name: idp_ending
-- Another university counts if it is there; a role does not end if the rules of another one give it, too.
SELECT
  (SELECT COUNT(DISTINCT k.user_id) FROM identity k WHERE k.provider = ?),
  (SELECT COUNT(DISTINCT k.user_id) FROM identity k JOIN user u ON u.id = k.user_id AND u.password IS NULL
   WHERE k.provider = ? AND NOT EXISTS (SELECT 1 FROM identity i JOIN idp p ON p.entity_hash = UNHEX(SUBSTR(i.provider, 6))
                                        WHERE i.user_id = k.user_id AND i.provider <> k.provider)),
  (SELECT COUNT(*) FROM session_saml m JOIN session s ON s.hash = m.hash WHERE m.idp_id = ? AND s.expires_at > ?),
  (SELECT COUNT(*) FROM role_grant g WHERE g.idp_id = ? AND NOT EXISTS (
    SELECT 1 FROM ${rules_say}
    WHERE p.id <> g.idp_id AND i.user_id = g.user_id AND r.gives = g.role AND r.organisation_id = g.organisation_id))
