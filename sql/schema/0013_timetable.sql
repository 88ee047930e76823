-- phase: expand
-- The timetable: when a term has lectures, which days are free, series of lectures and where they take place, lectures that do
-- not take place, and when a recording appears. Dates (DATE) are those of the calendar on the wall, whatever the zone.

ALTER TABLE term
  ADD COLUMN IF NOT EXISTS lectures_first DATE NULL COMMENT 'first day of the lecture period; NULL: the whole term',
  ADD COLUMN IF NOT EXISTS lectures_last DATE NULL COMMENT 'its last day';

CREATE TABLE IF NOT EXISTS free_day (
  id               BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  term_id          BIGINT NOT NULL,
  organisation_id  BIGINT NULL COMMENT 'free there and below; NULL: everywhere',
  scope            BIGINT AS (IFNULL(organisation_id, 0)) PERSISTENT,
  first            DATE NOT NULL,
  last             DATE NOT NULL,
  name             VARCHAR(120) NOT NULL,
  created_at       DATETIME(3) NOT NULL,
  UNIQUE KEY free_day_once (term_id, scope, first, last),
  KEY free_day_scope (scope, last),
  CONSTRAINT free_day_term FOREIGN KEY (term_id) REFERENCES term (id),
  CONSTRAINT free_day_organisation FOREIGN KEY (organisation_id) REFERENCES organisation (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

-- Lectures that were planned by one form. The nonce is the form's: sent twice, it makes one series.
CREATE TABLE IF NOT EXISTS series (
  id          BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  course_id   BIGINT NOT NULL,
  nonce       CHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at  DATETIME(3) NOT NULL,
  UNIQUE KEY series_nonce (course_id, nonce),
  CONSTRAINT series_course FOREIGN KEY (course_id) REFERENCES course (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

-- What holds for the recordings of a course. Its lectures have a copy, except those with a rule of their own.
ALTER TABLE course
  ADD COLUMN IF NOT EXISTS release_kind ENUM('ready','days','hand') NOT NULL DEFAULT 'ready'
    COMMENT 'a recording appears when it is ready, release_days after the lecture, or by hand',
  ADD COLUMN IF NOT EXISTS release_days INT NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS release_hides BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'gone with the end of the term';

-- That a lecture does not take place is a column of its own beside time_state, whose words programs of the version before
-- know by heart: they see it as planned. shown_at: from when on viewers see the recording, NULL: not yet known, or never;
-- what hides it again depends on the term. shown_in is the course of such a lecture: under it an index holds no others.
-- They stand beside watchable_at and watchable_in, which programs of the version before read.
ALTER TABLE lecture
  ADD COLUMN IF NOT EXISTS series_id BIGINT NULL,
  ADD COLUMN IF NOT EXISTS hall VARCHAR(120) NOT NULL DEFAULT '' COMMENT 'as people write it',
  ADD COLUMN IF NOT EXISTS edited BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'its time or hall was changed apart from its series',
  ADD COLUMN IF NOT EXISTS cancelled_at DATETIME(3) NULL COMMENT 'it does not take place',
  ADD COLUMN IF NOT EXISTS cancel_note VARCHAR(300) NOT NULL DEFAULT '',
  ADD COLUMN IF NOT EXISTS release_own BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'the rule is not that of its course',
  ADD COLUMN IF NOT EXISTS release_kind ENUM('ready','days','hand') NOT NULL DEFAULT 'ready',
  ADD COLUMN IF NOT EXISTS release_days INT NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS release_hides BOOLEAN NOT NULL DEFAULT FALSE,
  ADD COLUMN IF NOT EXISTS released_at DATETIME(3) NULL COMMENT 'by hand',
  ADD COLUMN IF NOT EXISTS shown_at DATETIME(3) AS
    (IF(access = 'published' AND deleted_at IS NULL AND generation > 0 AND (release_kind <> 'hand' OR released_at IS NOT NULL),
        GREATEST(published_at, IFNULL(playable_at, published_at),
                 IF(release_kind = 'days', IFNULL(ends_at, starts_at) + INTERVAL release_days DAY, published_at),
                 IF(release_kind = 'hand', released_at, published_at)), NULL)) STORED,
  ADD COLUMN IF NOT EXISTS shown_in BIGINT AS
    (IF(access = 'published' AND deleted_at IS NULL AND generation > 0 AND (release_kind <> 'hand' OR released_at IS NOT NULL),
        course_id, NULL)) STORED,
  ADD KEY IF NOT EXISTS lecture_shown (shown_at),
  ADD KEY IF NOT EXISTS lecture_shown_in (shown_in, shown_at),
  ADD KEY IF NOT EXISTS lecture_series (series_id, starts_at);
