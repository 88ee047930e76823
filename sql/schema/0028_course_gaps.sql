-- phase: expand
-- What becomes of long gaps (lib/live/join.h) in the live streams of a course: they are cut out of the recording, or stay in it.

ALTER TABLE course ADD COLUMN IF NOT EXISTS keep_gaps BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'of live streams: the recording is as long as the lecture was';
