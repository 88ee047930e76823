-- Sources: uploaded files as the pipeline sees them.

-- name: source_insert
INSERT INTO source (lecture_id, upload_id, node_id, view, name, size, sha256, created_at)
VALUES (?, ?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(3));

-- name: source_get
SELECT s.id, s.lecture_id, l.`key`, s.upload_id, u.`key`, s.name, s.view, s.size, s.sha256, s.node_id, n.url, s.probe,
       s.plan, s.duration, s.created_at
FROM source s JOIN lecture l ON l.id = s.lecture_id JOIN upload u ON u.id = s.upload_id JOIN node n ON n.id = s.node_id
WHERE s.id = ?;

-- name: source_set_plan
UPDATE source SET probe = ?, plan = ?, duration = ? WHERE id = ?;
