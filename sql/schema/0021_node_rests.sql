-- phase: expand
-- Of many workers without work most come seldom (lib/svc/pipeline/doors/pace.h). Such a node says nothing for longer than
-- others and is alive all the same. 0: it comes every few seconds, as each node of the version before. The index
-- finds those that do not rest, and counts all.

ALTER TABLE node
  ADD COLUMN IF NOT EXISTS rests SMALLINT UNSIGNED NOT NULL DEFAULT 0
    COMMENT 'seconds between two heartbeats of an idle node among many; 0: it comes every few seconds',
  ADD KEY IF NOT EXISTS node_ready (organisation_id, rests, revoked_at);
