-- Roles that an identity provider's rules give. A grant of theirs has its number; one by hand has none.

-- name: idp_rule_list
SELECT r.attribute, r.value, r.gives, r.organisation_id, o.slug
FROM idp_rule r JOIN organisation o ON o.id = r.organisation_id WHERE r.idp_id = ? ORDER BY r.position, r.id

-- name: idp_rule_delete
DELETE FROM idp_rule WHERE idp_id = ?

-- name: idp_rule_insert
INSERT INTO idp_rule (idp_id, position, attribute, value, gives, organisation_id) VALUES (?, ?, ?, ?, ?, ?)

-- name: idp_rule_gains
SELECT DISTINCT u.login, u.name, r.gives, (SELECT o.slug FROM organisation o WHERE o.id = r.organisation_id)
FROM idp_rule r JOIN identity_attribute a ON a.attribute = r.attribute AND a.value = r.value
JOIN identity i ON i.id = a.identity_id JOIN user u ON u.id = i.user_id AND u.disabled_at IS NULL
WHERE r.idp_id = ? AND r.gives <> 'home' AND i.provider = ?
  AND NOT EXISTS (SELECT 1 FROM role_grant g WHERE g.user_id = i.user_id AND g.role = r.gives AND g.scope = r.organisation_id)
ORDER BY u.login, r.gives LIMIT ?

-- name: idp_rule_losses
-- Neither its rules give it any more, nor those of another provider.
SELECT u.login, u.name, g.role, o.slug
FROM role_grant g JOIN user u ON u.id = g.user_id JOIN organisation o ON o.id = g.organisation_id
WHERE g.idp_id = ? AND NOT EXISTS (
  SELECT 1 FROM ${rules_say}
  WHERE i.user_id = g.user_id AND r.gives = g.role AND r.organisation_id = g.organisation_id)
ORDER BY u.login, g.role LIMIT ?

-- name: role_give_person
-- What the rules of all providers give one person.
INSERT IGNORE INTO role_grant (user_id, role, organisation_id, created_at, idp_id)
SELECT DISTINCT i.user_id, r.gives, r.organisation_id, ?, p.id
FROM ${rules_say} JOIN user u ON u.id = i.user_id AND u.disabled_at IS NULL WHERE i.user_id = ?

-- name: role_give_people
-- What they give those whom one provider knows.
INSERT IGNORE INTO role_grant (user_id, role, organisation_id, created_at, idp_id)
SELECT DISTINCT i.user_id, r.gives, r.organisation_id, ?, p.id
FROM ${rules_say} JOIN user u ON u.id = i.user_id AND u.disabled_at IS NULL
WHERE i.user_id IN (SELECT k.user_id FROM identity k WHERE k.provider = ?)

-- name: idp_rule_take
-- From one person, or from all (0).
DELETE g FROM role_grant g WHERE g.idp_id = ? AND NOT EXISTS (
  SELECT 1 FROM identity i JOIN identity_attribute a ON a.identity_id = i.id
  JOIN idp_rule r ON r.attribute = a.attribute AND r.value = a.value
  WHERE r.idp_id = g.idp_id AND r.gives = g.role AND r.organisation_id = g.organisation_id
    AND i.user_id = g.user_id AND i.provider = ?)
  AND (? = 0 OR g.user_id = ?)

-- name: identity_attribute_delete
DELETE FROM identity_attribute WHERE identity_id = ?

-- name: identity_attribute_insert
INSERT INTO identity_attribute (identity_id, number, attribute, value) VALUES (?, ?, ?, ?)
