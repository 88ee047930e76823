-- Deleting lectures for good, and removing objects that are not needed any more.

-- fragment: purge_job
j.kind = 'delete' AND j.state IN ('queued', 'leased', 'running', 'failed', 'dead') AND JSON_VALUE(j.params, '$.purge') = 1

-- name: purge_running
SELECT COUNT(*) FROM job j WHERE j.lecture_id = ? AND ${purge_job};

-- name: purge_uploads
SELECT `key` FROM upload WHERE lecture_id = ? ORDER BY id;

-- name: purge_cancel_uploads
UPDATE upload SET state = 'cancelled', updated_at = UTC_TIMESTAMP(3)
WHERE lecture_id = ? AND state IN ('open', 'complete');

-- name: purge_generation_gone
DELETE FROM artifact WHERE lecture_id = ? AND generation = ?;

-- name: purge_original_gone
DELETE FROM artifact WHERE lecture_id = ? AND generation = 0 AND path = ?;

-- name: purge_all_gone
DELETE FROM artifact WHERE lecture_id = ?;

-- name: purge_lecture_delete
DELETE FROM lecture WHERE id = ?;

-- name: purge_prefixes
SELECT g.job_id, g.attempt FROM job_log g JOIN job j ON j.id = g.job_id
WHERE j.lecture_id = ? AND j.kind IN ('quick', 'full') ORDER BY g.job_id, g.attempt;
