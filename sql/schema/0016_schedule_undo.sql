-- phase: expand
-- What the last change of a timetable was, of each person in each course: how its lectures were before and after it. Undoing
-- it puts back what they were, if they still are what they were after it.

CREATE TABLE IF NOT EXISTS schedule_undo (
  id          BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  course_id   BIGINT NOT NULL,
  user_id     BIGINT NOT NULL,
  `key`       CHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at  DATETIME(3) NOT NULL,
  UNIQUE KEY schedule_undo_last (course_id, user_id),
  CONSTRAINT schedule_undo_course FOREIGN KEY (course_id) REFERENCES course (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

CREATE TABLE IF NOT EXISTS schedule_undo_lecture (
  undo_id           BIGINT NOT NULL,
  lecture_id        BIGINT NOT NULL,
  was_starts_at     DATETIME(3) NOT NULL,
  was_ends_at       DATETIME(3) NULL,
  was_hall          VARCHAR(120) NOT NULL,
  was_edited        BOOLEAN NOT NULL,
  was_time_state    VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  was_cancelled_at  DATETIME(3) NULL,
  was_cancel_note   VARCHAR(300) NOT NULL,
  is_starts_at      DATETIME(3) NULL COMMENT 'after the change, which the same transaction makes',
  is_ends_at        DATETIME(3) NULL,
  is_hall           VARCHAR(120) NOT NULL DEFAULT '',
  is_edited         BOOLEAN NOT NULL DEFAULT FALSE,
  is_cancelled_at   DATETIME(3) NULL,
  is_cancel_note    VARCHAR(300) NOT NULL DEFAULT '',
  PRIMARY KEY (undo_id, lecture_id),
  KEY schedule_undo_lecture (lecture_id),
  CONSTRAINT schedule_undo_of FOREIGN KEY (undo_id) REFERENCES schedule_undo (id) ON DELETE CASCADE,
  CONSTRAINT schedule_undo_lecture FOREIGN KEY (lecture_id) REFERENCES lecture (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;
