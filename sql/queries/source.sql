-- Sources: uploaded files as the pipeline sees them.

-- name: source_insert
INSERT INTO source (lecture_id, upload_id, node_id, view, name, size, sha256, created_at)
VALUES (?, ?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(3));

-- name: source_insert_parts
INSERT INTO source (lecture_id, upload_id, node_id, view, name, size, sha256, parts, cut_gaps, created_at)
VALUES (?, ?, ?, ?, ?, ?, '', ?, ?, UTC_TIMESTAMP(3))
ON DUPLICATE KEY UPDATE id = LAST_INSERT_ID(id), size = VALUES(size), parts = VALUES(parts), cut_gaps = VALUES(cut_gaps);

-- name: source_parts_delete
DELETE FROM source_part WHERE source_id = ?;

-- name: source_get
SELECT s.id, s.lecture_id, l.`key`, s.upload_id, u.`key`, s.name, s.view, s.size, s.sha256, s.node_id, n.url, s.probe,
       s.plan, s.duration, s.created_at, s.parts, s.cut_gaps
FROM source s JOIN lecture l ON l.id = s.lecture_id JOIN upload u ON u.id = s.upload_id JOIN node n ON n.id = s.node_id
WHERE s.id = ?;

-- name: source_part_insert
INSERT INTO source_part (source_id, position, upload_id, begins, goes_on) VALUES (?, ?, ?, ?, ?);

-- name: source_parts
SELECT p.upload_id, u.`key`, u.size, u.sha256, p.begins, p.goes_on
FROM source_part p JOIN upload u ON u.id = p.upload_id WHERE p.source_id = ? ORDER BY p.position;

-- name: source_set_plan
UPDATE source SET probe = ?, plan = ?, duration = ? WHERE id = ?;
