-- phase: expand
-- What the scheduler looks for when it removes what has been kept long enough (lib/svc/retain.h).

ALTER TABLE task ADD KEY IF NOT EXISTS task_finished (kind, finished_at);
ALTER TABLE job_log ADD KEY IF NOT EXISTS job_log_finished (finished_at);
ALTER TABLE org_token ADD KEY IF NOT EXISTS org_token_expires (expires_at);
