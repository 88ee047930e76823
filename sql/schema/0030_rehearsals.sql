-- phase: expand
-- Live streams: rehearsals, what a second publisher of a view may do, and recordings that were closed too early.
--
-- Rehearsals are streams that one person alone sees. They are lectures of a course that belongs to that person and stands in no list;
-- the programs of the version before take it for a hidden course without staff.

ALTER TABLE course
  ADD COLUMN IF NOT EXISTS rehearsals_of BIGINT NULL COMMENT 'its lectures are rehearsals of this person; NULL: a course like any other',
  ADD UNIQUE KEY IF NOT EXISTS course_rehearsals (rehearsals_of),
  ADD COLUMN IF NOT EXISTS keep_first BOOLEAN NOT NULL DEFAULT FALSE
    COMMENT 'of live streams: who streams a view keeps it while connected; else a publisher that is silent gives way';
ALTER TABLE course ADD CONSTRAINT course_rehearsals_of FOREIGN KEY IF NOT EXISTS (rehearsals_of) REFERENCES user (id);

-- The person's next stream is a rehearsal, whatever lecture is due: for an hour, or until that rehearsal ends.
CREATE TABLE IF NOT EXISTS live_test (
  user_id   BIGINT NOT NULL PRIMARY KEY,
  since_at  DATETIME(3) NOT NULL,
  CONSTRAINT live_test_user FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

ALTER TABLE live_session
  MODIFY COLUMN why ENUM('finished','lost','dropped','ingest','entry','taken','revoked','over','moved') NULL
    COMMENT 'as the entry says; taken: by another publisher, revoked: the token or the right, over: the stream was ended, moved: the person chose another lecture';

ALTER TABLE live_recording
  ADD COLUMN IF NOT EXISTS sealed_upload_id BIGINT NULL COMMENT 'what the store took while the ingest was lost, which came back with more: upload_id is that of all',
  ADD KEY IF NOT EXISTS live_recording_sealed (sealed_upload_id);
