-- phase: expand
-- Searching organisations by parts of words reads every one that somebody may choose. What is compared there is made by the
-- database, whichever program writes the name: the weights of its letters, in which ü is u and ß is ss. An index holds it beside
-- the path, so that a search reads no rows.

ALTER TABLE organisation
  ADD COLUMN IF NOT EXISTS sought VARBINARY(1200) AS
    (LEFT(WEIGHT_STRING(CONCAT(name, ' ', slug) COLLATE utf8mb4_uca1400_ai_ci), 1200)) PERSISTENT,
  ADD KEY IF NOT EXISTS organisation_sought (path, archived_by, sought);
