-- phase: expand
-- A source may be several recordings of a live stream, one behind the other: one for each publisher who connected, and for each ingest
-- that took a stream over. Its upload is then the newest of them, its size that of all; it has no hash.

ALTER TABLE source ADD COLUMN IF NOT EXISTS parts INT NOT NULL DEFAULT 0 COMMENT 'rows of source_part; 0: the upload is the source';
ALTER TABLE source ADD COLUMN IF NOT EXISTS cut_gaps BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'of long gaps in and between parts nothing is left';

CREATE TABLE IF NOT EXISTS source_part (
  source_id  BIGINT NOT NULL,
  position   INT NOT NULL COMMENT 'from 0 on, without holes',
  upload_id  BIGINT NOT NULL,
  begins     BIGINT NOT NULL COMMENT 'when the stream of this part began, ms after that of the first part',
  goes_on    BOOLEAN NOT NULL COMMENT 'its stream is that of the part before, which another ingest had',
  PRIMARY KEY (source_id, position),
  KEY source_part_upload (upload_id),
  CONSTRAINT source_part_source FOREIGN KEY (source_id) REFERENCES source (id) ON DELETE CASCADE,
  CONSTRAINT source_part_upload FOREIGN KEY (upload_id) REFERENCES upload (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;
