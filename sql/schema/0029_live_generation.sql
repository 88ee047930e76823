-- phase: expand
-- Watching a live stream. What of it can be watched, its DVR, lies on the storage node of its lecture as generation N, which begins
-- with the stream and grows until the stream is over; then a job of kind seal closes it. N is a number of the same row as those of
-- commits, but the lecture's generation stays what was committed last. Whoever goes live after the end begins another one. Times are
-- the database's. The words are appended to those of the version before.

ALTER TABLE job MODIFY COLUMN kind ENUM('probe','quick','full','commit','delete','live','seal') NOT NULL;

ALTER TABLE node_failure MODIFY COLUMN kind ENUM('probe','quick','full','commit','delete','seal') NOT NULL;

ALTER TABLE live
  ADD COLUMN IF NOT EXISTS generation INT NOT NULL DEFAULT 0 COMMENT 'of the stream that is on or was on last; 0: it cannot be watched',
  ADD COLUMN IF NOT EXISTS shown_at DATETIME(3) NULL COMMENT 'from then on that generation can be watched';

ALTER TABLE live_session ADD COLUMN IF NOT EXISTS generation INT NOT NULL DEFAULT 0 COMMENT 'that it is a part of; 0: none';

CREATE TABLE IF NOT EXISTS live_dvr (
  lecture_id  BIGINT NOT NULL,
  generation  INT NOT NULL,
  node_id     BIGINT NOT NULL COMMENT 'storage node',
  began_at    DATETIME(3) NOT NULL,
  ended_at    DATETIME(3) NULL COMMENT 'the stream is over',
  sealed_at   DATETIME(3) NULL COMMENT 'it is whole and can be watched on demand',
  dropped_at  DATETIME(3) NULL COMMENT 'nothing needs it any more; its files go when no playback token can name them',
  PRIMARY KEY (lecture_id, generation),
  CONSTRAINT live_dvr_lecture FOREIGN KEY (lecture_id) REFERENCES lecture (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

-- Its files are one row of artifact for each view, with an empty path: the folder, and from the seal on its size.
CREATE TABLE IF NOT EXISTS live_dvr_view (
  lecture_id  BIGINT NOT NULL,
  generation  INT NOT NULL,
  view        ENUM('CAM','PRES','COMB') NOT NULL,
  shown_at    DATETIME(3) NULL COMMENT 'an ingest says that it can be watched',
  seconds     DOUBLE NULL COMMENT 'sealed: what can be watched; NULL: nothing, or not sealed',
  audio       BOOLEAN NOT NULL DEFAULT FALSE,
  tracks      TEXT NULL COMMENT 'sealed: JSON, of its pictures',
  PRIMARY KEY (lecture_id, generation, view),
  CONSTRAINT live_dvr_view_of FOREIGN KEY (lecture_id, generation) REFERENCES live_dvr (lecture_id, generation) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;
