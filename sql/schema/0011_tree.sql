-- phase: expand
-- Organisations are changed by web forms: renamed, moved, archived, with their own colour and logo. Every change of the tree's shape
-- first writes the one row of organisation_tree: two moves at once would both pass their check and could make a ring.

CREATE TABLE IF NOT EXISTS organisation_tree (
  id       INT NOT NULL PRIMARY KEY,
  changes  BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;
INSERT IGNORE INTO organisation_tree (id, changes) VALUES (1, 0);

-- Former slugs, so that old addresses go on working. The slug of an organisation comes before a former one.
CREATE TABLE IF NOT EXISTS organisation_slug (
  slug             VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  organisation_id  BIGINT NOT NULL,
  created_at       DATETIME(3) NOT NULL,
  KEY organisation_slug_of (organisation_id),
  CONSTRAINT organisation_slug_of FOREIGN KEY (organisation_id) REFERENCES organisation (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

-- Pictures by what is in them; several organisations may have the same.
CREATE TABLE IF NOT EXISTS organisation_logo (
  hash        CHAR(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY COMMENT 'SHA-256, the first 128 bits, base64url',
  kind        ENUM('png','webp') NOT NULL,
  width       INT NOT NULL,
  height      INT NOT NULL,
  bytes       MEDIUMBLOB NOT NULL,
  created_at  DATETIME(3) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

ALTER TABLE organisation
  ADD COLUMN IF NOT EXISTS lang CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'in which its people write; empty: not said',
  ADD COLUMN IF NOT EXISTS contact VARCHAR(254) NOT NULL DEFAULT '' COMMENT 'address of mail or https://',
  ADD COLUMN IF NOT EXISTS accent CHAR(7) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT '#2f5bd8; NULL: that of the one above',
  ADD COLUMN IF NOT EXISTS logo CHAR(22) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'NULL: that of the one above',
  ADD COLUMN IF NOT EXISTS archived_by BIGINT NULL COMMENT 'itself or one above, with which it was archived',
  ADD COLUMN IF NOT EXISTS archived_at DATETIME(3) NULL;
ALTER TABLE organisation ADD KEY IF NOT EXISTS organisation_children (parent_id, name, id);
ALTER TABLE organisation ADD CONSTRAINT organisation_logo_of FOREIGN KEY IF NOT EXISTS (logo) REFERENCES organisation_logo (hash);
