-- phase: expand
-- Personal tokens: what a person gives a program (OBS, a script), so that it acts for them within some scopes. Revoking deletes the row.

CREATE TABLE IF NOT EXISTS personal_token (
  id          BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  hash        BINARY(32) NOT NULL COMMENT 'SHA-256 of the secret in the token',
  user_id     BIGINT NOT NULL,
  name        VARCHAR(100) NOT NULL,
  scopes      INT NOT NULL COMMENT 'bits: 1 stream',
  created_at  DATETIME(3) NOT NULL,
  expires_at  DATETIME(3) NULL,
  used_at     DATETIME(3) NULL COMMENT 'to the minute',
  used_from   VARCHAR(45) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'address of the program',
  UNIQUE KEY personal_token_hash (hash),
  KEY personal_token_user (user_id),
  KEY personal_token_expires (expires_at),
  CONSTRAINT personal_token_user FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;
