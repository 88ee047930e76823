-- Nodes and the tokens with which they join.

-- A heartbeat may be late, and one may be lost.
-- fragment: node_alive
n.seen_at > UTC_TIMESTAMP(3) - INTERVAL 10 + n.rests SECOND

-- fragment: node_cols
n.id, n.organisation_id, o.slug, o.path, n.name, n.roles, n.sharing, n.url, n.version,
       ${node_alive}, n.revoked_at, n.created_at, n.seen_at, n.cpu, n.memory_used,
       n.memory_total, n.disk_free, n.disk_total, n.uptime, n.free_quick, n.free_encode, n.free_store, n.free_live,
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

-- Who it is; what it last reported is not read, since each heartbeat asks.
-- name: node_get_by_token
SELECT n.id, n.organisation_id, o.slug, o.path, n.name, n.roles, n.sharing, n.url
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

-- name: node_seen
UPDATE node
SET seen_at = UTC_TIMESTAMP(3), version = ?, cpu = ?, memory_used = ?, memory_total = ?, disk_free = ?, disk_total = ?,
    uptime = ?, free_quick = ?, free_encode = ?, free_store = ?, free_live = ?, store_node = ?, rests = ?
WHERE id = ?;

-- name: node_heard
UPDATE node SET seen_at = UTC_TIMESTAMP(3) WHERE id = ?;

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

-- What a heartbeat has to look at (lib/svc/pipeline/doors/pace.h). Most change nothing that matters: the row is written if the
-- version, the free places or the store changed, if the load changed much (a tenth of the cores, a hundredth of the memory or the
-- disk), and else every four seconds, so that the node counts as alive. Then: has the node jobs; are there short steps at all. Joins
-- of which the first row is enough cost half of what subqueries do.
-- name: node_look
SELECT n.seen_at IS NULL OR n.seen_at < UTC_TIMESTAMP(3) - INTERVAL 4 SECOND OR n.version <> ? OR n.free_quick <> ?
         OR n.free_encode <> ? OR n.free_store <> ? OR n.free_live <> ? OR n.store_node <> ? OR ABS(n.cpu - ?) >= 0.1
         OR ABS(n.memory_used - ?) > n.memory_total / 100 OR ABS(n.disk_free - ?) > n.disk_total / 100,
       j.id IS NOT NULL, q.id IS NOT NULL, n.rests
FROM node n
LEFT JOIN job j FORCE INDEX (job_node) ON j.node_id = n.id AND j.state IN ('leased', 'running')
LEFT JOIN job q FORCE INDEX (job_share) ON q.state IN ('queued', 'leased', 'running') AND q.lane = 'quick'
WHERE n.id = ? LIMIT 1;

-- Of a node that has jobs or a store: has it a short step, or does one wait for it alone, or is it the store of a lecture that is at
-- such a step; does any job wait for it alone.
-- name: node_concern
SELECT COALESCE((SELECT 1 FROM job j WHERE j.node_id = n.id AND j.state IN ('leased', 'running')
                   AND j.lane IN ('quick', 'store') AND j.kind <> 'delete' LIMIT 1),
                (SELECT 1 FROM job j WHERE j.target_node = n.id AND j.state = 'queued' AND j.kind <> 'delete'
                   AND j.not_before <= UTC_TIMESTAMP(3) + INTERVAL 5 SECOND LIMIT 1),
                (SELECT 1 FROM job j JOIN lecture l ON l.id = j.lecture_id
                   WHERE j.state IN ('queued', 'leased', 'running') AND j.lane = 'quick' AND l.node_id = n.id LIMIT 1)),
       (SELECT 1 FROM job j WHERE j.target_node = n.id AND j.state = 'queued'
          AND j.not_before <= UTC_TIMESTAMP(3) + INTERVAL 5 SECOND LIMIT 1)
FROM node n WHERE n.id = ?;

-- Workers of an organisation that come every few seconds and get a short step before that node does.
-- name: node_before
SELECT 1 FROM node n FORCE INDEX (node_ready)
WHERE n.organisation_id = ? AND n.rests = 0 AND n.revoked_at IS NULL AND n.roles & 1 AND ${node_alive}
  AND (n.free_quick > ? OR (n.free_quick = ? AND n.id < ?)) LIMIT ?;

-- How many nodes there are, up to a limit.
-- name: node_count
SELECT COUNT(*) FROM (SELECT 1 FROM node FORCE INDEX (node_ready) WHERE revoked_at IS NULL LIMIT ?) n;

-- Short steps of lectures of these organisations that wait, and those that run, since another follows each. A path of organisations
-- stands for "the worker may serve it", which is a rough form of node_distance(). Only the first hundred of all are looked at: with
-- more than that in the queue workers are too few, and to hurry helps nobody.
-- name: node_steps
SELECT 1 FROM (SELECT share FROM job FORCE INDEX (job_queue)
               WHERE state IN ('queued', 'leased', 'running') AND lane = 'quick'
                 AND (state <> 'queued' OR not_before <= UTC_TIMESTAMP(3) + INTERVAL 5 SECOND) LIMIT 100) j
JOIN organisation o ON o.id = j.share
WHERE o.path LIKE ? LIMIT ?;
