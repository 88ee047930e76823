-- phase: contract
-- What the scheduler looks for now and then: lectures whose hour is over, lectures deleted long ago. A purged lecture's row
-- goes with its last object, so it needs no mark of its own.

ALTER TABLE lecture DROP KEY IF EXISTS lecture_deleted;
ALTER TABLE lecture DROP COLUMN IF EXISTS purged_at;
ALTER TABLE lecture ADD KEY IF NOT EXISTS lecture_gone (deleted_at);
ALTER TABLE lecture ADD KEY IF NOT EXISTS lecture_time (time_state, starts_at);
