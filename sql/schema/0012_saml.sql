-- phase: expand
-- Sign-in with university accounts: identity providers (IdPs), what they said, which sessions they began.
-- An entity id has up to 1,024 characters, more than a key may have: keys are made of its SHA-256.

CREATE TABLE IF NOT EXISTS idp (
  id               BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  entity_hash      BINARY(32) NOT NULL COMMENT 'SHA-256 of entity_id',
  entity_id        VARCHAR(1024) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  name             VARCHAR(120) NOT NULL COMMENT 'what the sign-in page calls it',
  organisation_id  BIGINT NULL COMMENT 'home of the accounts it begins; NULL: none',
  domains          VARCHAR(1000) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'of mail addresses, spaces between',
  scopes           VARCHAR(1000) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'besides those of the metadata, spaces between',
  allow_cbc        BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'AES-CBC outside of a signature',
  source           VARCHAR(1000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'of the metadata: a path or an address',
  source_cert      TEXT NULL COMMENT 'PEM: who signs the metadata; NULL: nobody',
  metadata         MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL COMMENT 'the last good one',
  metadata_at      DATETIME(3) NULL COMMENT 'when it was read',
  metadata_until   DATETIME(3) NULL COMMENT 'its validUntil',
  keys_until       DATETIME(3) NULL COMMENT 'when the last of its signing certificates ends',
  checked_at       DATETIME(3) NULL COMMENT 'the last try to read it',
  due_at           DATETIME(3) NOT NULL COMMENT 'the next one',
  failures         INT NOT NULL DEFAULT 0 COMMENT 'tries in a row',
  failure          VARCHAR(500) NOT NULL DEFAULT '' COMMENT 'why the last try failed',
  created_at       DATETIME(3) NOT NULL,
  UNIQUE KEY idp_entity (entity_hash),
  KEY idp_due (due_at),
  CONSTRAINT idp_organisation FOREIGN KEY (organisation_id) REFERENCES organisation (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

-- The first rule of a role and organisation whose attribute has the value gives it; of homes the first one counts.
CREATE TABLE IF NOT EXISTS idp_rule (
  id               BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  idp_id           BIGINT NOT NULL,
  position         INT NOT NULL,
  attribute        VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'its Name: urn:oid:…',
  value            VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  gives            ENUM('home','maintainer','lecturer') NOT NULL,
  organisation_id  BIGINT NOT NULL,
  KEY idp_rule_order (idp_id, position, id),
  CONSTRAINT idp_rule_idp FOREIGN KEY (idp_id) REFERENCES idp (id) ON DELETE CASCADE,
  CONSTRAINT idp_rule_organisation FOREIGN KEY (organisation_id) REFERENCES organisation (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

-- The rules of an IdP take back what they gave, and nothing else.
ALTER TABLE role_grant ADD COLUMN IF NOT EXISTS idp_id BIGINT NULL COMMENT 'given by the rules of this IdP; NULL: by hand';
ALTER TABLE role_grant ADD KEY IF NOT EXISTS role_grant_idp (idp_id);

-- What an IdP said of a person at the last sign-in, as rules read it: so a change of the rules can be tried.
CREATE TABLE IF NOT EXISTS identity_attribute (
  identity_id  BIGINT NOT NULL,
  number       SMALLINT NOT NULL,
  attribute    VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  value        VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (identity_id, number),
  CONSTRAINT identity_attribute_identity FOREIGN KEY (identity_id) REFERENCES identity (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

-- provider: "saml:" and the hash of the entity id in hex; subject: "pairwise-id:", … and the value.
ALTER TABLE identity MODIFY subject VARCHAR(400) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL;
ALTER TABLE identity ADD COLUMN IF NOT EXISTS used_at DATETIME(3) NULL COMMENT 'the last sign-in';

-- Assertions that signed somebody in: none does so twice. Kept until it would be refused by its age.
CREATE TABLE IF NOT EXISTS saml_used (
  hash   BINARY(32) NOT NULL PRIMARY KEY COMMENT 'SHA-256 of the IdP and the id of the assertion',
  until  DATETIME(3) NOT NULL,
  KEY saml_used_until (until)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

-- Sessions that an IdP began: it ends them by name id and index.
CREATE TABLE IF NOT EXISTS session_saml (
  hash               BINARY(32) NOT NULL PRIMARY KEY COMMENT 'of the session',
  idp_id             BIGINT NOT NULL,
  name_hash          BINARY(32) NOT NULL COMMENT 'SHA-256 of the name id with its format and qualifiers',
  name_id            VARCHAR(1024) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  name_format        VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  name_qualifier     VARCHAR(1024) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  sp_name_qualifier  VARCHAR(1024) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  session_index      VARCHAR(256) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  KEY session_saml_name (idp_id, name_hash),
  CONSTRAINT session_saml_session FOREIGN KEY (hash) REFERENCES session (hash) ON DELETE CASCADE,
  CONSTRAINT session_saml_idp FOREIGN KEY (idp_id) REFERENCES idp (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

-- An identity that was proved and waits for its person to say that it is theirs, on a page of ours.
CREATE TABLE IF NOT EXISTS identity_pending (
  hash        BINARY(32) NOT NULL PRIMARY KEY COMMENT 'SHA-256 of the cookie that may confirm it',
  user_id     BIGINT NOT NULL,
  idp_id      BIGINT NOT NULL,
  subject     VARCHAR(400) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  shown       VARCHAR(255) NOT NULL COMMENT 'what the person knows it by',
  until       DATETIME(3) NOT NULL,
  KEY identity_pending_until (until),
  CONSTRAINT identity_pending_user FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE,
  CONSTRAINT identity_pending_idp FOREIGN KEY (idp_id) REFERENCES idp (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

INSERT IGNORE INTO leader (role, holder, expires) VALUES ('courierd', '', '2000-01-01 00:00:00.000');
