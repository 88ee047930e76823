-- Removing what has been kept long enough. Each statement takes the number of days and removes at most a few hundred
-- rows, so that nobody waits for its locks.

-- name: retain_audit
DELETE FROM audit WHERE at < UTC_TIMESTAMP(3) - INTERVAL ? DAY ORDER BY at LIMIT 500;

-- Removals that are done, with their jobs. Tasks of publishing are kept as long as the lecture, whose page shows them.
-- name: retain_removals
DELETE FROM task
WHERE kind = 'delete' AND state IN ('done', 'cancelled') AND finished_at < UTC_TIMESTAMP(3) - INTERVAL ? DAY
ORDER BY finished_at LIMIT 200;

-- name: retain_logs
DELETE FROM job_log WHERE finished_at < UTC_TIMESTAMP(3) - INTERVAL ? DAY ORDER BY finished_at LIMIT 500;

-- name: retain_uploads
DELETE FROM upload
WHERE state IN ('refused', 'expired', 'cancelled') AND updated_at < UTC_TIMESTAMP(3) - INTERVAL ? DAY
  AND NOT EXISTS (SELECT 1 FROM source s WHERE s.upload_id = upload.id)
  AND NOT EXISTS (SELECT 1 FROM source_part p WHERE p.upload_id = upload.id)
LIMIT 500;

-- name: retain_undos
DELETE FROM schedule_undo WHERE created_at < UTC_TIMESTAMP(3) - INTERVAL ? DAY LIMIT 500;

-- name: retain_tokens
DELETE FROM org_token WHERE expires_at < UTC_TIMESTAMP(3) - INTERVAL ? DAY ORDER BY expires_at LIMIT 500;

-- A node that keeps files or has jobs is not removed.
-- name: retain_nodes
DELETE FROM node
WHERE COALESCE(revoked_at, seen_at, created_at) < UTC_TIMESTAMP(3) - INTERVAL ? DAY
  AND NOT EXISTS (SELECT 1 FROM artifact a WHERE a.node_id = node.id)
  AND NOT EXISTS (SELECT 1 FROM upload u WHERE u.node_id = node.id)
  AND NOT EXISTS (SELECT 1 FROM source s WHERE s.node_id = node.id)
  AND NOT EXISTS (SELECT 1 FROM lecture l WHERE l.node_id = node.id)
  AND NOT EXISTS (SELECT 1 FROM job j WHERE j.target_node = node.id AND j.state NOT IN ('done', 'cancelled'))
LIMIT 100;
