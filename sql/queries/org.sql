-- Organisations.

-- fragment: org_cols
o.id, o.parent_id, o.path, o.slug, o.name, o.zone

-- name: org_get
SELECT ${org_cols} FROM organisation o WHERE o.id = ?

-- name: org_get_by_slug
SELECT ${org_cols} FROM organisation o WHERE o.slug = ?

-- name: org_list
SELECT ${org_cols} FROM organisation o ORDER BY o.name, o.id

-- name: org_insert
INSERT INTO organisation (parent_id, path, slug, name, zone, created_at) VALUES (NULLIF(?, 0), '', ?, ?, ?, ?)

-- name: org_set_path
UPDATE organisation SET path = ? WHERE id = ?
