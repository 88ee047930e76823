-- Days without lectures.

-- fragment: free_day_cols
f.id, f.term_id, f.scope, f.first, f.last, f.name, o.name, o.slug

-- fragment: free_day_above
-- An organisation, those above it, and 0, which stands for everywhere.
(WITH RECURSIVE up AS (SELECT id, parent_id FROM organisation WHERE id = ?
                       UNION ALL SELECT p.id, p.parent_id FROM organisation p JOIN up ON p.id = up.parent_id)
 SELECT id FROM up UNION SELECT 0) above

-- name: free_day_insert
INSERT INTO free_day (term_id, organisation_id, first, last, name, created_at) VALUES (?, NULLIF(?, 0), ?, ?, ?, ?)

-- name: free_day_count
SELECT COUNT(*) FROM free_day WHERE term_id = ? AND scope = ?

-- name: free_day_get
SELECT ${free_day_cols} FROM free_day f LEFT JOIN organisation o ON o.id = f.organisation_id WHERE f.id = ?

-- name: free_day_delete
DELETE FROM free_day WHERE id = ?

-- name: free_day_list
SELECT ${free_day_cols} FROM ${free_day_above}
JOIN free_day f ON f.scope = above.id AND f.last >= ? AND f.first <= ? LEFT JOIN organisation o ON o.id = f.organisation_id
ORDER BY f.first, f.last, f.id
