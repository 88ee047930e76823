-- Jobs. Every SELECT of whole jobs has the columns that lib/svc/pipeline/records/job.c reads by number. Times are the database's.

-- fragment: job_cols
j.id, j.task_id, j.lecture_id, j.source_id, (SELECT l.`key` FROM lecture l WHERE l.id = j.lecture_id), j.kind,
       j.lane, j.state, j.view, j.priority, j.attempt, j.tries, j.fence, j.node_id, j.target_node, j.avoid_node,
       j.waits_for, j.generation, j.progress, j.eta, j.params, j.result, j.error_code, j.error_text, j.not_before,
       j.lease_expires, j.created_at, j.started_at, j.finished_at, j.blamed_by

-- name: job_insert
INSERT INTO job (task_id, lecture_id, source_id, kind, lane, view, state, priority, target_node, waits_for, params,
                 not_before, created_at, share)
VALUES (?, ?, NULLIF(?, 0), ?, ?, ?, ?, ?, NULLIF(?, 0), NULLIF(?, 0), ?, UTC_TIMESTAMP(3) + INTERVAL ? * 1000 MICROSECOND, UTC_TIMESTAMP(3),
        COALESCE(NULLIF(?, 0), (SELECT c.organisation_id FROM lecture l JOIN course c ON c.id = l.course_id WHERE l.id = ?)));

-- name: job_get
SELECT ${job_cols}
FROM job j WHERE j.id = ?;

-- name: job_lock
SELECT ${job_cols}
FROM job j WHERE j.id = ? FOR UPDATE;

-- name: job_live_lecture
-- If it is of a live stream.
SELECT j.lecture_id FROM job j WHERE j.id = ? AND j.lane = 'live';

-- name: job_list_by_task
SELECT ${job_cols}
FROM job j WHERE j.task_id = ? ORDER BY j.id;

-- name: job_list_assigned
SELECT ${job_cols}
FROM job j WHERE j.node_id = ? AND j.state = 'leased' ORDER BY j.id;

-- name: job_list_share
-- The next jobs of a share, best first, with what decides where they may run: the organisation's path, where the share does not
-- say it, and the source's size, store and parts. That these are subqueries keeps the lock to the jobs.
SELECT ${job_cols},
       IF(j.share = 0, (SELECT o.path FROM lecture l JOIN course c ON c.id = l.course_id JOIN organisation o ON o.id = c.organisation_id
                        WHERE l.id = j.lecture_id), NULL),
       (SELECT s.size FROM source s WHERE s.id = j.source_id), (SELECT s.node_id FROM source s WHERE s.id = j.source_id),
       (SELECT s.parts FROM source s WHERE s.id = j.source_id)
FROM job j FORCE INDEX (job_share)
WHERE j.state = 'queued' AND j.lane = ? AND j.share = ? AND j.not_before <= UTC_TIMESTAMP(3)
  AND (j.priority < ? OR (j.priority = ? AND j.id > ?))
ORDER BY j.priority DESC, j.id LIMIT ? FOR UPDATE SKIP LOCKED;

-- Jobs that a program of the version before has queued, and those of courses that moved to another organisation, which are among
-- the ones changed of late.
-- name: job_list_wrong_share
SELECT j.id, IF(j.target_node IS NULL, c.organisation_id, -j.target_node)
FROM job j JOIN lecture l ON l.id = j.lecture_id JOIN course c ON c.id = l.course_id
WHERE j.state = 'queued' AND j.lane IN ('quick', 'encode', 'store') AND j.share = 0
UNION ALL
SELECT STRAIGHT_JOIN j.id, c.organisation_id
FROM course c JOIN lecture l ON l.course_id = c.id JOIN job j ON j.lecture_id = l.id
WHERE c.updated_at > UTC_TIMESTAMP(3) - INTERVAL 1 DAY AND j.state = 'queued' AND j.target_node IS NULL
  AND j.share <> c.organisation_id
LIMIT 1000;

-- name: job_set_share
UPDATE job SET share = ? WHERE id = ?;

-- name: job_list_expired
-- Not those of live streams: their entry asks for another node itself (lib/svc/live).
SELECT ${job_cols}
FROM job j
WHERE j.state IN ('leased', 'running') AND j.lease_expires < UTC_TIMESTAMP(3) AND j.lane <> 'live'
LIMIT 50 FOR UPDATE SKIP LOCKED;

-- name: job_list_open
SELECT ${job_cols}
FROM job j
WHERE j.lecture_id = ? AND j.state IN ('waiting', 'queued', 'leased', 'running', 'failed', 'dead')
  AND (? = 0 OR j.source_id = ?)
ORDER BY j.id FOR UPDATE;

-- name: job_list_superseded
SELECT ${job_cols}
FROM job j JOIN source s ON s.id = j.source_id
WHERE j.lecture_id = ? AND j.state IN ('waiting', 'queued', 'leased', 'running', 'failed', 'dead')
  AND s.view = ? AND s.id < ?
ORDER BY j.id FOR UPDATE;

-- name: job_ids_ready
SELECT j.id FROM job j LEFT JOIN job w ON w.id = j.waits_for
WHERE j.state = 'waiting' AND (w.id IS NULL OR w.state IN ('done', 'dead', 'cancelled'))
LIMIT 50;

-- name: job_move
UPDATE job SET state = ?, finished_at = IF(? = 1, UTC_TIMESTAMP(3), NULL) WHERE id = ? AND state = ? AND fence = ?;

-- name: job_lease
UPDATE job
SET state = ?, attempt = attempt + 1, tries = tries + 1, fence = fence + 1, node_id = ?, generation = NULLIF(?, 0), progress = 0,
    eta = -1, lease_expires = UTC_TIMESTAMP(3) + INTERVAL ? * 1000 MICROSECOND,
    started_at = UTC_TIMESTAMP(3)
WHERE id = ? AND state = ? AND fence = ?;

-- name: job_renew
UPDATE job SET progress = ?, eta = ?, lease_expires = UTC_TIMESTAMP(3) + INTERVAL ? * 1000 MICROSECOND
WHERE id = ? AND state = 'running' AND fence = ?;

-- name: job_renew_all
UPDATE job SET lease_expires = GREATEST(lease_expires, UTC_TIMESTAMP(3) + INTERVAL IF(lane = 'live', ?, ?) * 1000 MICROSECOND)
WHERE state IN ('leased', 'running');

-- name: job_set_result
UPDATE job SET result = ?, progress = 1, eta = 0, error_code = NULL, error_text = NULL WHERE id = ?;

-- name: job_set_error
UPDATE job SET error_code = ?, error_text = ? WHERE id = ?;

-- name: job_set_retry
UPDATE job
SET not_before = UTC_TIMESTAMP(3) + INTERVAL ? * 1000 MICROSECOND, avoid_node = NULLIF(?, 0),
    blamed_by = COALESCE(NULLIF(?, 0), blamed_by), lease_expires = NULL, progress = 0, eta = -1
WHERE id = ?;

-- name: job_set_tries
UPDATE job SET tries = ? WHERE id = ?;

-- name: job_set_requeued
UPDATE job SET tries = 0, not_before = UTC_TIMESTAMP(3), avoid_node = NULL, blamed_by = NULL, lease_expires = NULL,
    progress = 0
WHERE id = ?;

-- name: job_wait_instead
UPDATE job SET waits_for = ? WHERE waits_for = ? AND state = 'waiting';

-- name: job_end_leases
UPDATE job SET lease_expires = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND
WHERE node_id = ? AND state IN ('leased', 'running');

-- A job that its node does not list any more (its lease was not renewed just now) is lost: the node was restarted.
-- name: job_end_unlisted
UPDATE job SET lease_expires = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND
WHERE node_id = ? AND state = 'running'
  AND lease_expires < UTC_TIMESTAMP(3) + INTERVAL IF(lane = 'live', ?, ?) * 1000 MICROSECOND;

-- The other commits of a lecture for which a commit must wait: those that run, and those that ran and will run again,
-- since one may have made its generation without being able to report it. Of two such commits the newer one waits.
-- name: job_count_commits
SELECT COUNT(*) FROM job
WHERE lecture_id = ? AND kind = 'commit' AND id <> ?
  AND (state IN ('leased', 'running') OR (state = 'queued' AND attempt > 0 AND (? = 0 OR id < ?)));

-- name: job_log_insert
INSERT INTO job_log (job_id, attempt, node_id, fence, started_at) VALUES (?, ?, ?, ?, UTC_TIMESTAMP(3));

-- name: job_log_close
UPDATE job_log SET outcome = ?, error_code = ?, error_text = ?, log = ?, finished_at = UTC_TIMESTAMP(3)
WHERE job_id = ? AND attempt = ? AND outcome = '';

-- name: job_log_outcome
SELECT outcome FROM job_log WHERE job_id = ? AND attempt = ? AND node_id = ? AND fence = ?;

-- name: job_log_list
SELECT g.attempt, COALESCE(n.name, ''), g.outcome, g.error_code, g.error_text, g.log, g.started_at, g.finished_at
FROM job_log g LEFT JOIN node n ON n.id = g.node_id
WHERE g.job_id = ? ORDER BY g.attempt;

-- name: job_log_lost
SELECT attempt FROM job_log WHERE job_id = ? AND outcome <> 'done' ORDER BY attempt;
