-- phase: expand
-- A session that an IdP began without a name of its person is of that IdP, too: it ends with it.

ALTER TABLE session_saml
  MODIFY name_hash BINARY(32) NULL COMMENT 'SHA-256 of the name id; NULL: none was said, the IdP cannot end it by name',
  MODIFY name_id VARCHAR(1024) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL;
