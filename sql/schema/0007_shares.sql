-- phase: expand
-- Whose share of the queue a job stands in: the scheduler looks at the first jobs of each, so that one organisation's long queue
-- keeps nobody else's machine from its work. Jobs that are there already are given theirs by the scheduler's sweep.

ALTER TABLE job ADD COLUMN IF NOT EXISTS share BIGINT NOT NULL DEFAULT 0
  COMMENT 'organisation of the course; minus the node, where only one may run it; 0: not known yet';
ALTER TABLE job ADD KEY IF NOT EXISTS job_share (state, lane, share, priority DESC, id);
