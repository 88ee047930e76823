-- What lib/db itself needs.

-- name: db_session
-- For every connection: UTC, strict mode, READ COMMITTED. Rowid filters are off: with them, prepared statements with
-- parameters get plans that build a filter for every row (100 ms instead of 1). Join buffers of outer joins are off: rows that
-- passed one are no longer in the order of the index, so a list that could end early reads and sorts everything.
SET time_zone = '+00:00', character_set_results = utf8mb4,
  sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',
  tx_isolation = 'READ-COMMITTED', innodb_lock_wait_timeout = 5,
  optimizer_switch = 'rowid_filter=off,outer_join_with_cache=off'

-- name: db_begin
START TRANSACTION

-- name: db_migrate_lock_table
-- The lease of the process that migrates. Not GET_LOCK: the nodes of a cluster would all grant it. A lease also ends
-- after a crash.
CREATE TABLE IF NOT EXISTS schema_lock (
  id INT NOT NULL PRIMARY KEY,
  holder CHAR(16) CHARACTER SET ascii NOT NULL,
  expires DATETIME(3) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4

-- name: db_migrate_lock_row
INSERT IGNORE INTO schema_lock (id, holder, expires) VALUES (1, '', '2000-01-01')

-- name: db_migrate_take
UPDATE schema_lock SET holder = ?, expires = UTC_TIMESTAMP(3) + INTERVAL ? * 1000 MICROSECOND
WHERE id = 1 AND expires < UTC_TIMESTAMP(3)

-- name: db_migrate_hold
UPDATE schema_lock SET expires = UTC_TIMESTAMP(3) + INTERVAL ? * 1000 MICROSECOND WHERE id = 1 AND holder = ?

-- name: db_migrate_give
UPDATE schema_lock SET expires = '2000-01-01' WHERE id = 1 AND holder = ?

-- name: db_migrate_table
CREATE TABLE IF NOT EXISTS schema_version (
  version INT NOT NULL PRIMARY KEY,
  name VARCHAR(100) CHARACTER SET ascii NOT NULL,
  hash CHAR(64) CHARACTER SET ascii NOT NULL COMMENT 'SHA-256 of the file without its phase',
  steps INT NOT NULL COMMENT 'statements that are done',
  started_at DATETIME(3) NOT NULL,
  done_at DATETIME(3) NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4

-- name: db_migrate_known
SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'schema_version'

-- name: db_migrate_get
SELECT hash, steps, done_at IS NOT NULL FROM schema_version WHERE version = ?

-- name: db_migrate_start
INSERT INTO schema_version (version, name, hash, steps, started_at) VALUES (?, ?, ?, 0, ?)
ON DUPLICATE KEY UPDATE name = VALUES(name), hash = VALUES(hash)

-- name: db_migrate_step
UPDATE schema_version SET steps = ? WHERE version = ?

-- name: db_migrate_finish
UPDATE schema_version SET done_at = ? WHERE version = ?

-- name: db_settings
SELECT @@session.time_zone, @@session.sql_mode, @@session.tx_isolation, @@session.character_set_client
