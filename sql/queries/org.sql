-- Organisations. A subtree is a constant prefix of `path`, given as '/1/4/%'.

-- fragment: org_cols
o.id, o.parent_id, o.path, o.slug, o.name, o.zone, o.lang, o.contact, o.accent, o.logo, o.archived_by, o.archived_at

-- name: org_get
SELECT ${org_cols} FROM organisation o WHERE o.id = ?

-- name: org_get_by_slug
SELECT ${org_cols} FROM organisation o WHERE o.slug = ?

-- name: org_get_former
SELECT ${org_cols} FROM organisation_slug f JOIN organisation o ON o.id = f.organisation_id WHERE f.slug = ?

-- name: org_first_root
SELECT ${org_cols} FROM organisation o WHERE o.parent_id IS NULL ORDER BY o.name, o.id LIMIT 1

-- name: org_list
SELECT ${org_cols} FROM organisation o ORDER BY o.parent_id, o.name, o.id

-- name: org_insert
INSERT INTO organisation (parent_id, path, slug, name, zone, lang, created_at) VALUES (NULLIF(?, 0), '', ?, ?, ?, ?, ?)

-- name: org_set_path
UPDATE organisation SET path = ? WHERE id = ?

-- name: org_update
UPDATE organisation SET slug = ?, name = ?, zone = ?, lang = ?, contact = ? WHERE id = ?

-- name: org_former_insert
INSERT INTO organisation_slug (slug, organisation_id, created_at) VALUES (?, ?, ?)
ON DUPLICATE KEY UPDATE organisation_id = VALUES(organisation_id), created_at = VALUES(created_at)

-- name: org_former_delete
DELETE FROM organisation_slug WHERE slug = ?

-- name: org_tree_change
-- Written first by whatever changes the shape of the tree, so that such transactions come one after the other, on a cluster too.
UPDATE organisation_tree SET changes = changes + 1 WHERE id = 1

-- name: org_subtree_size
-- The most slashes and the most bytes of a path in a subtree.
SELECT MAX(LENGTH(path) - LENGTH(REPLACE(path, '/', ''))), MAX(LENGTH(path)) FROM organisation WHERE path LIKE ?

-- name: org_set_parent
UPDATE organisation SET parent_id = NULLIF(?, 0) WHERE id = ?

-- name: org_move_paths
UPDATE organisation SET path = CONCAT(?, SUBSTRING(path, ?)) WHERE path LIKE ?

-- name: org_archive
UPDATE organisation SET archived_by = ?, archived_at = ? WHERE path LIKE ? AND archived_by IS NULL

-- name: org_restore
UPDATE organisation SET archived_by = NULL, archived_at = NULL WHERE path LIKE ? AND archived_by = ?
