-- phase: expand
-- How an IdP calls a session may be as long as any other text that lib/saml accepts (SAML_MAX_TEXT): nobody is refused for it.

ALTER TABLE session_saml
  MODIFY name_format VARCHAR(1024) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  MODIFY session_index VARCHAR(1024) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL;
