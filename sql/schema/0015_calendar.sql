-- phase: expand
-- Secret addresses of calendars: who opens one sees what that person may see at that moment. Revoking deletes the row.

CREATE TABLE IF NOT EXISTS calendar_feed (
  id          BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  hash        BINARY(32) NOT NULL COMMENT 'SHA-256 of the secret in the address',
  user_id     BIGINT NOT NULL,
  scope       ENUM('mine','all','course','organisation') NOT NULL,
  object_id   BIGINT NOT NULL DEFAULT 0 COMMENT 'the course or organisation',
  created_at  DATETIME(3) NOT NULL,
  read_at     DATETIME(3) NULL COMMENT 'last read, to the hour',
  UNIQUE KEY calendar_feed_hash (hash),
  KEY calendar_feed_user (user_id),
  CONSTRAINT calendar_feed_user FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;
