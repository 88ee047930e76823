-- phase: expand
-- A worker on the machine of a storage node links the store's files instead of copying them, and says whose they are: a source
-- in that store takes nothing of its scratch folder. 0: none, as every worker of the version before.

ALTER TABLE node ADD COLUMN IF NOT EXISTS store_node BIGINT NOT NULL DEFAULT 0
  COMMENT 'worker: the node from whose store it links files instead of copying them; 0: none';
