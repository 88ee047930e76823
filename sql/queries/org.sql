-- Organisations. A subtree is a constant prefix of `path`, given as '/1/4/%'.

-- fragment: org_cols
o.id, o.parent_id, o.path, o.slug, o.name, o.zone, o.lang, o.contact, o.accent, o.logo, o.archived_by, o.archived_at

-- fragment: org_scope
-- Subtrees of which the actor may choose, as ["/1/4/","/1/9/"]. Compared with >= and <, not LIKE, so that the index on the path is
-- used for each of them.
JSON_TABLE(?, '$[*]' COLUMNS (top VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin PATH '$')) g
JOIN organisation o ON o.path >= g.top AND o.path < CONCAT(g.top, '~')

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

-- name: org_lock
SELECT id FROM organisation WHERE id = ? FOR UPDATE

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

-- name: org_above
SELECT ${org_cols}
FROM JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$')) j JOIN organisation o ON o.id = j.id ORDER BY LENGTH(o.path), o.id

-- name: org_names
-- Of several paths, as [[1,4],[1,9]].
SELECT o.id, o.name FROM (SELECT DISTINCT j.id FROM JSON_TABLE(?, '$[*][*]' COLUMNS (id BIGINT PATH '$')) j) j
JOIN organisation o ON o.id = j.id

-- name: org_children
-- Picked first, so that only the rows of this page are counted.
SELECT ${org_cols},
  (SELECT COUNT(*) FROM organisation k WHERE k.parent_id = o.id),
  (SELECT COUNT(*) FROM course c WHERE c.organisation_id = o.id AND c.deleted_at IS NULL AND c.rehearsals_of IS NULL)
FROM (SELECT p.id FROM organisation p WHERE p.parent_id <=> NULLIF(?, 0) ORDER BY p.name, p.id LIMIT ? OFFSET ?) pick
JOIN organisation o ON o.id = pick.id ORDER BY o.name, o.id

-- name: org_counts
-- Of a subtree, each up to a limit: organisations with the top itself, courses, people who belong there, machines.
SELECT
  (SELECT COUNT(*) FROM (SELECT 1 FROM organisation o WHERE o.path LIKE ? LIMIT ?) a),
  (SELECT COUNT(*) FROM (SELECT 1 FROM organisation o STRAIGHT_JOIN course c FORCE INDEX (course_kept) ON c.organisation_id = o.id
                         WHERE o.path LIKE ? AND c.deleted_at IS NULL AND c.rehearsals_of IS NULL LIMIT ?) b),
  (SELECT COUNT(*) FROM (SELECT 1 FROM organisation o JOIN user u ON u.organisation_id = o.id WHERE o.path LIKE ? LIMIT ?) c),
  (SELECT COUNT(*) FROM (SELECT 1 FROM organisation o JOIN node n ON n.organisation_id = o.id WHERE o.path LIKE ? LIMIT ?) d)

-- fragment: org_weights
WEIGHT_STRING(CONVERT(? USING utf8mb4) COLLATE utf8mb4_uca1400_ai_ci)

-- fragment: org_begins
SELECT f.id, LOCATE(${org_weights}, f.sought) = 1 AS begins, f.sought

-- fragment: org_except
-- Not in this subtree, from its path on and before what is behind it: two ranges of the index.
(o.path < ? OR o.path >= ?)

-- fragment: org_found
o.archived_by IS NULL AND ${org_except}
  AND LOCATE(${org_weights}, o.sought) > 0 AND LOCATE(${org_weights}, o.sought) > 0
  AND LOCATE(${org_weights}, o.sought) > 0 AND LOCATE(${org_weights}, o.sought) > 0
LIMIT 400

-- fragment: org_sorted
ORDER BY begins DESC, f.sought, f.id LIMIT ?) pick
JOIN organisation o ON o.id = pick.id ORDER BY pick.begins DESC, pick.sought, o.id

-- name: org_find
-- In one subtree: four words, "" for none, each anywhere in name or slug, by their weights: organisation.sought, which begins with
-- the name and is sorted as the name is. Of more than 400 that have them, the first 400 by path are sorted; rows are
-- read of those that are shown. The index holds all that is compared; without the hint rows are read through another.
SELECT ${org_cols}
FROM (${org_begins}
      FROM (SELECT o.id, o.sought FROM organisation o FORCE INDEX (organisation_sought)
            WHERE o.path >= ? AND o.path < ? AND ${org_found}) f ${org_sorted}

-- name: org_find_among
-- The same in several subtrees.
SELECT ${org_cols}
FROM (${org_begins} FROM (SELECT o.id, o.sought FROM ${org_scope} WHERE ${org_found}) f ${org_sorted}

-- name: org_find_any
SELECT ${org_cols}
FROM (SELECT o.id FROM organisation o WHERE o.path >= ? AND o.path < ? AND ${org_except} AND o.archived_by IS NULL LIMIT ?) pick
JOIN organisation o ON o.id = pick.id ORDER BY o.name, o.id

-- name: org_find_any_among
SELECT ${org_cols}
FROM (SELECT o.id FROM ${org_scope} WHERE o.archived_by IS NULL AND ${org_except} LIMIT ?) pick
JOIN organisation o ON o.id = pick.id ORDER BY o.name, o.id

-- name: org_tops
SELECT ${org_cols}
FROM JSON_TABLE(?, '$[*]' COLUMNS (top VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin PATH '$')) g
JOIN organisation o ON o.path = g.top ORDER BY o.name, o.id LIMIT ? OFFSET ?

-- name: org_roots
SELECT ${org_cols} FROM organisation o WHERE o.parent_id IS NULL ORDER BY o.name, o.id LIMIT ? OFFSET ?

-- name: org_look
-- Itself first, then those above it.
SELECT o.name, o.accent, o.contact, g.hash, g.kind, g.width, g.height, o.lang
FROM JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$')) j JOIN organisation o ON o.id = j.id
LEFT JOIN organisation_logo g ON g.hash = o.logo ORDER BY LENGTH(o.path) DESC, o.id

-- name: org_set_accent
UPDATE organisation SET accent = ? WHERE id = ?

-- name: org_logo_insert
INSERT INTO organisation_logo (hash, kind, width, height, bytes, created_at) VALUES (?, ?, ?, ?, ?, ?)
ON DUPLICATE KEY UPDATE hash = hash

-- name: org_set_logo
UPDATE organisation SET logo = ? WHERE id = ?

-- name: org_logo_delete
DELETE FROM organisation_logo WHERE hash = ? AND NOT EXISTS (SELECT 1 FROM organisation o WHERE o.logo = ?)

-- name: org_logo_get
SELECT hash, kind, width, height, bytes FROM organisation_logo WHERE hash = ?
