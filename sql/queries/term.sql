-- Terms.

-- fragment: term_cols
id, slug, year, half, starts_at, ends_at, lectures_first, lectures_last

-- name: term_insert
INSERT INTO term (slug, year, half, starts_at, ends_at) VALUES (?, ?, ?, ?, ?)

-- name: term_set_period
UPDATE term SET lectures_first = ?, lectures_last = ? WHERE id = ?

-- name: term_get
SELECT ${term_cols} FROM term WHERE id = ?

-- name: term_list
SELECT ${term_cols} FROM term ORDER BY starts_at DESC, id DESC
