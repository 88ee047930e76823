-- phase: expand
-- Live streams. A lecture that is or was live has one row of live. A session is one publisher's stream into one view of it, with one
-- job of kind live; each ingest that has had the job has a recording, known by the job's fence. Times are the database's. The words
-- are appended to those of the version before; its programs meet them only after ours have begun a stream.

ALTER TABLE job
  MODIFY COLUMN kind ENUM('probe','quick','full','commit','delete','live') NOT NULL,
  MODIFY COLUMN lane ENUM('quick','encode','store','live') NOT NULL;

ALTER TABLE task MODIFY COLUMN kind ENUM('publish','delete','live') NOT NULL;

ALTER TABLE node ADD COLUMN IF NOT EXISTS free_live INT NOT NULL DEFAULT 0;

CREATE TABLE IF NOT EXISTS live (
  lecture_id      BIGINT NOT NULL PRIMARY KEY,
  began_at        DATETIME(3) NOT NULL COMMENT 'the first publisher came',
  interrupted_at  DATETIME(3) NULL COMMENT 'since then nobody publishes; NULL: somebody does',
  ended_at        DATETIME(3) NULL,
  ended_by        ENUM('finished','silence','person') NULL
    COMMENT 'all publishers ended and nobody came back; the last was lost and its time is over; somebody said so',
  ended_user_id   BIGINT NULL COMMENT 'person: who; NULL: a program',
  discard         BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'its recordings are not wanted; can be taken back',
  KEY live_ended (ended_at),
  CONSTRAINT live_lecture FOREIGN KEY (lecture_id) REFERENCES lecture (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

CREATE TABLE IF NOT EXISTS live_session (
  id            BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  `key`         CHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  lecture_id    BIGINT NOT NULL,
  view          ENUM('CAM','PRES','COMB') NOT NULL,
  user_id       BIGINT NOT NULL COMMENT 'who publishes',
  token_id      BIGINT NOT NULL COMMENT 'personal token; its row is gone when it was revoked',
  entry_id      BIGINT NOT NULL COMMENT 'node that the publisher is connected to',
  from_address  VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'of the publisher',
  job_id        BIGINT NOT NULL,
  began_at      DATETIME(3) NOT NULL,
  media_at      DATETIME(3) NOT NULL COMMENT 'the publisher was last heard then, as far as is known',
  stopped_at    DATETIME(3) NULL,
  why           ENUM('finished','lost','dropped','ingest','entry','taken','revoked','over') NULL
    COMMENT 'as the entry says; taken: by another publisher, revoked: the token or the right, over: the stream was ended',
  UNIQUE KEY live_session_key (`key`),
  UNIQUE KEY live_session_job (job_id),
  KEY live_session_lecture (lecture_id, view, id),
  KEY live_session_open (stopped_at),
  KEY live_session_user (user_id, stopped_at),
  CONSTRAINT live_session_lecture FOREIGN KEY (lecture_id) REFERENCES lecture (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

-- It is over when its upload is complete or it was given up. An ingest that was thought lost may come back: then neither sealed_at
-- nor given_up_at without an upload is the last word.
CREATE TABLE IF NOT EXISTS live_recording (
  session_id    BIGINT NOT NULL,
  fence         BIGINT NOT NULL,
  node_id       BIGINT NOT NULL COMMENT 'the ingest',
  began_at      DATETIME(3) NOT NULL,
  ended_at      DATETIME(3) NULL COMMENT 'the ingest says that it has all it will get',
  bytes         BIGINT NULL COMMENT 'as the ingest says',
  upload_id     BIGINT NULL COMMENT 'NULL: the ingest has not asked yet',
  sealed_at     DATETIME(3) NULL COMMENT 'the ingest is lost: the store takes what has arrived',
  complete_at   DATETIME(3) NULL COMMENT 'the store has all of it',
  given_up_at   DATETIME(3) NULL COMMENT 'nothing is expected of it any more',
  PRIMARY KEY (session_id, fence),
  UNIQUE KEY live_recording_upload (upload_id),
  KEY live_recording_open (complete_at, given_up_at),
  CONSTRAINT live_recording_session FOREIGN KEY (session_id) REFERENCES live_session (id) ON DELETE CASCADE,
  CONSTRAINT live_recording_upload FOREIGN KEY (upload_id) REFERENCES upload (id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

-- Why somebody could not go live, for their page; kept for a day.
CREATE TABLE IF NOT EXISTS live_refusal (
  id            BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  user_id       BIGINT NOT NULL,
  lecture_id    BIGINT NULL COMMENT 'NULL: none was due',
  reason        VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'word of lib/svc/live/refusal.h',
  from_address  VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  at            DATETIME(3) NOT NULL,
  KEY live_refusal_user (user_id, at),
  KEY live_refusal_at (at),
  CONSTRAINT live_refusal_user FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE,
  CONSTRAINT live_refusal_lecture FOREIGN KEY (lecture_id) REFERENCES lecture (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

-- The lecture that a person wants to stream, where it is not the one that is due by its time.
CREATE TABLE IF NOT EXISTS live_choice (
  user_id     BIGINT NOT NULL PRIMARY KEY,
  lecture_id  BIGINT NOT NULL,
  chosen_at   DATETIME(3) NOT NULL,
  CONSTRAINT live_choice_user FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE,
  CONSTRAINT live_choice_lecture FOREIGN KEY (lecture_id) REFERENCES lecture (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;
