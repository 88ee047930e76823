-- Tasks, each with its current step: the first that is not over, else a dead one, else the last.

-- fragment: task_cols
t.id, t.kind, t.state, t.lecture_id, l.`key`, l.title, c.slug, COALESCE(s.view, ''), COALESCE(s.name, ''),
       t.created_at, t.finished_at, j.id, j.kind, j.state, j.progress, j.eta, j.error_code, j.error_text

-- fragment: task_from
FROM task t JOIN lecture l ON l.id = t.lecture_id JOIN course c ON c.id = l.course_id
     LEFT JOIN source s ON s.id = t.source_id
     LEFT JOIN job j ON j.id = COALESCE(
       (SELECT MIN(a.id) FROM job a WHERE a.task_id = t.id AND a.state IN ('queued', 'leased', 'running', 'failed')),
       (SELECT MIN(a.id) FROM job a WHERE a.task_id = t.id AND a.state = 'waiting'),
       (SELECT MAX(a.id) FROM job a WHERE a.task_id = t.id AND a.state = 'dead'),
       (SELECT MAX(a.id) FROM job a WHERE a.task_id = t.id))

-- name: task_insert
INSERT INTO task (kind, lecture_id, source_id, created_at) VALUES (?, ?, NULLIF(?, 0), UTC_TIMESTAMP(3));

-- name: task_list
SELECT ${task_cols}
${task_from}
WHERE ? = 0 OR t.state = 'failed'
   OR (t.state = 'open' AND (t.kind = 'publish' OR j.state <> 'queued' OR j.not_before <= UTC_TIMESTAMP(3)))
ORDER BY t.id DESC LIMIT ?;

-- name: task_get
SELECT ${task_cols}
${task_from}
WHERE t.id = ?;

-- name: task_job_states
SELECT state, COUNT(*) FROM job WHERE task_id = ? GROUP BY state;

-- name: task_close
UPDATE task SET state = ?, finished_at = UTC_TIMESTAMP(3) WHERE id = ? AND state <> ?;

-- name: task_open
UPDATE task SET state = 'open', finished_at = NULL WHERE id = ?;

-- name: task_dead_jobs
-- Dead jobs of a task, whether each is a commit whose files are missing or damaged, and its upload.
SELECT j.id, j.kind = 'commit' AND j.error_code = 'verify', COALESCE(u.`key`, '')
FROM job j LEFT JOIN source s ON s.id = j.source_id LEFT JOIN upload u ON u.id = s.upload_id
WHERE j.task_id = ? AND j.state = 'dead' ORDER BY j.id;

-- name: task_count
SELECT lane, state, COUNT(*) FROM job
WHERE state IN ('waiting', 'queued', 'leased', 'running', 'failed', 'dead') GROUP BY lane, state;
