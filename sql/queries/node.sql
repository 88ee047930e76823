-- Nodes and the tokens with which they join.

-- fragment: node_cols
n.id, n.organisation_id, o.slug, o.path, n.name, n.roles, n.sharing, n.url, n.version,
       n.seen_at > UTC_TIMESTAMP(3) - INTERVAL 10 SECOND, n.revoked_at, n.created_at, n.seen_at, n.cpu, n.memory_used,
       n.memory_total, n.disk_free, n.disk_total, n.uptime, n.free_quick, n.free_encode, n.free_store,
       (SELECT COUNT(*) FROM job j WHERE j.node_id = n.id AND j.state IN ('leased', 'running')), n.store_node

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

-- A store answers to its address (claim st), so an address belongs to one organisation; '' is the core's own.
-- name: node_url_foreign
SELECT id FROM node WHERE organisation_id <> ? AND url = ? AND roles & ? AND revoked_at IS NULL LIMIT 1;

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
-- With the lectures that each failed in a row, the last failure and its task.
SELECT ${node_cols},
       (SELECT COUNT(DISTINCT f.lecture_id) FROM node_failure f WHERE f.node_id = n.id),
       (SELECT f.error_code FROM node_failure f WHERE f.node_id = n.id ORDER BY f.failed_at DESC, f.job_id DESC LIMIT 1),
       (SELECT j.task_id FROM node_failure f JOIN job j ON j.id = f.job_id WHERE f.node_id = n.id
        ORDER BY f.failed_at DESC, f.job_id DESC LIMIT 1)
FROM node n JOIN organisation o ON o.id = n.organisation_id
ORDER BY o.path, n.name, n.id;

-- Most heartbeats change nothing that matters. The row is written if the version, the free places or the store changed, if the load
-- changed much (a tenth of the cores, a hundredth of the memory or the disk), and else every four seconds, so that the node
-- counts as alive.
-- name: node_seen
UPDATE node
SET seen_at = UTC_TIMESTAMP(3), version = ?, cpu = ?, memory_used = ?, memory_total = ?, disk_free = ?, disk_total = ?,
    uptime = ?, free_quick = ?, free_encode = ?, free_store = ?, store_node = ?
WHERE id = ?
  AND (seen_at IS NULL OR seen_at < UTC_TIMESTAMP(3) - INTERVAL 4 SECOND
    OR version <> ? OR free_quick <> ? OR free_encode <> ? OR free_store <> ? OR store_node <> ? OR ABS(cpu - ?) >= 0.1
    OR ABS(memory_used - ?) > memory_total / 100 OR ABS(disk_free - ?) > disk_total / 100);

-- name: node_revoke
UPDATE node SET revoked_at = UTC_TIMESTAMP(3) WHERE id = ? AND revoked_at IS NULL;

-- name: node_failure_count
-- What the node failed in: jobs, lectures, and whether this lecture is among them.
SELECT COUNT(*), COUNT(DISTINCT lecture_id), COALESCE(MAX(lecture_id = ?), 0) FROM node_failure WHERE node_id = ?;

-- name: node_failure_put
INSERT INTO node_failure (node_id, job_id, lecture_id, kind, error_code, failed_at)
VALUES (?, ?, ?, ?, ?, UTC_TIMESTAMP(3))
ON DUPLICATE KEY UPDATE error_code = VALUES(error_code), failed_at = VALUES(failed_at);

-- name: node_failure_clear
DELETE FROM node_failure WHERE node_id = ? AND kind = ?;

-- name: node_failure_jobs
SELECT COUNT(*) FROM node_failure WHERE job_id = ?;

-- name: node_failure_excuse
DELETE FROM node_failure WHERE job_id = ?;

-- name: node_token_insert
INSERT INTO org_token (jti, organisation_id, roles, uses_left, created_by, created_at, expires_at)
VALUES (?, ?, ?, ?, NULLIF(?, 0), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) + INTERVAL ? SECOND);

-- name: node_token_use
UPDATE org_token SET uses_left = uses_left - 1
WHERE jti = ? AND organisation_id = ? AND (roles & ?) = ? AND uses_left > 0 AND revoked_at IS NULL
  AND expires_at > UTC_TIMESTAMP(3);

-- For the interval of a node's heartbeats: whether there is a short step that somebody waits for (without those that no node
-- can take for minutes) and that concerns the node, and whether any job concerns it. These are jobs that it has, that only it
-- may run, and those of a lecture on its store; for a worker also jobs of lectures whose organisation it may work for, but
-- not an encode that another node runs. As in job_list_queued, this is only a rough form of node_distance().
-- name: node_busy
SELECT COALESCE(MAX(j.lane IN ('quick', 'store') AND j.kind <> 'delete'
                    AND (j.state <> 'queued' OR j.created_at > UTC_TIMESTAMP(3) - INTERVAL 5 MINUTE)), 0),
       COUNT(*) > 0
FROM node n JOIN organisation no ON no.id = n.organisation_id JOIN job j
WHERE n.id = ? AND j.state IN ('queued', 'leased', 'running')
  AND (j.state <> 'queued' OR j.not_before <= UTC_TIMESTAMP(3) + INTERVAL 5 SECOND)
  AND ((j.node_id = n.id AND j.state <> 'queued') OR j.target_node = n.id
    OR (j.lane <> 'encode' AND n.id = (SELECT l.node_id FROM lecture l WHERE l.id = j.lecture_id))
    OR (n.roles & 1 AND (j.state = 'queued' OR j.lane <> 'encode') AND (n.sharing <> 'private'
      OR (SELECT lo.path FROM lecture ll JOIN course lc ON lc.id = ll.course_id
          JOIN organisation lo ON lo.id = lc.organisation_id
          WHERE ll.id = j.lecture_id) LIKE CONCAT(no.path, '%'))));
