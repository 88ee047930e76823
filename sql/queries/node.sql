-- Nodes and the tokens with which they join.

-- fragment: node_cols
n.id, n.organisation_id, o.slug, o.path, n.name, n.roles, n.sharing, n.url, n.version,
       n.seen_at > UTC_TIMESTAMP(3) - INTERVAL 10 SECOND, n.revoked_at, n.created_at, n.seen_at, n.cpu, n.memory_used,
       n.memory_total, n.disk_free, n.disk_total, n.uptime, n.free_quick, n.free_encode, n.free_store,
       (SELECT COUNT(*) FROM job j WHERE j.node_id = n.id AND j.state IN ('leased', 'running'))

-- name: node_insert
INSERT INTO node (organisation_id, name, roles, url, version, token, cpus, memory_total, created_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(3));

-- A storage node that joins again is the same node, with its files, if organisation, name and address are equal and the
-- former one is not alive.
-- name: node_former
SELECT id FROM node
WHERE organisation_id = ? AND name = ? AND roles = ? AND url = ?
  AND (revoked_at IS NOT NULL OR seen_at IS NULL OR seen_at < UTC_TIMESTAMP(3) - INTERVAL 30 SECOND)
ORDER BY id DESC LIMIT 1 FOR UPDATE;

-- name: node_readmit
UPDATE node SET token = ?, version = ?, cpus = ?, memory_total = ?, revoked_at = NULL, seen_at = NULL WHERE id = ?;

-- name: node_get_by_token
SELECT ${node_cols}
FROM node n JOIN organisation o ON o.id = n.organisation_id
WHERE n.token = ? AND n.revoked_at IS NULL;

-- name: node_get
SELECT ${node_cols}
FROM node n JOIN organisation o ON o.id = n.organisation_id
WHERE n.id = ?;

-- name: node_list
SELECT ${node_cols}
FROM node n JOIN organisation o ON o.id = n.organisation_id
ORDER BY o.path, n.name, n.id;

-- name: node_seen
UPDATE node
SET seen_at = UTC_TIMESTAMP(3), version = ?, cpu = ?, memory_used = ?, memory_total = ?, disk_free = ?, disk_total = ?,
    uptime = ?, free_quick = ?, free_encode = ?, free_store = ?
WHERE id = ?;

-- name: node_revoke
UPDATE node SET revoked_at = UTC_TIMESTAMP(3) WHERE id = ? AND revoked_at IS NULL;

-- name: node_token_insert
INSERT INTO org_token (jti, organisation_id, roles, uses_left, created_by, created_at, expires_at)
VALUES (?, ?, ?, ?, NULLIF(?, 0), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) + INTERVAL ? SECOND);

-- name: node_token_use
UPDATE org_token SET uses_left = uses_left - 1
WHERE jti = ? AND organisation_id = ? AND (roles & ?) = ? AND uses_left > 0 AND revoked_at IS NULL
  AND expires_at > UTC_TIMESTAMP(3);

-- For the interval of heartbeats: whether there is a short step that somebody waits for (without those that no node can
-- take for minutes), and whether there is any job.
-- name: node_busy
SELECT EXISTS (SELECT 1 FROM job
               WHERE state IN ('queued', 'leased', 'running') AND lane IN ('quick', 'store') AND kind <> 'delete'
                 AND (state <> 'queued' OR created_at > UTC_TIMESTAMP(3) - INTERVAL 5 MINUTE)),
       EXISTS (SELECT 1 FROM job WHERE state IN ('queued', 'leased', 'running'));
