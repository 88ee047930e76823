-- phase: expand
-- Halls, and which lecture has which. A booking is the row of the lecture itself: its hall, its time, its hall_state. Whoever takes a hall
-- first writes the row of the hall (bookings), so that of two at once one sees what the other took.
-- Programs of the version before know the text in lecture.hall alone: they show it, and move lectures without asking for the hall.

CREATE TABLE IF NOT EXISTS hall (
  id               BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  organisation_id  BIGINT NOT NULL COMMENT 'it serves this one and everything below',
  name             VARCHAR(120) NOT NULL,
  codes            VARCHAR(200) NOT NULL DEFAULT '' COMMENT 'other names, commas between',
  building         VARCHAR(120) NOT NULL DEFAULT '',
  seats            INT NOT NULL DEFAULT 0 COMMENT '0: not said',
  booking          ENUM('below','request','maintainers') NOT NULL DEFAULT 'below' COMMENT 'who may book it',
  bookings         BIGINT NOT NULL DEFAULT 0 COMMENT 'written first by whoever takes it',
  created_at       DATETIME(3) NOT NULL,
  archived_at      DATETIME(3) NULL,
  UNIQUE KEY hall_name (organisation_id, name),
  CONSTRAINT hall_organisation FOREIGN KEY (organisation_id) REFERENCES organisation (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

-- lecture.hall stays what everybody reads: the name of the hall while it is booked, else what people wrote.
ALTER TABLE lecture
  ADD COLUMN IF NOT EXISTS hall_id BIGINT NULL COMMENT 'of the list; NULL: lecture.hall is only text',
  ADD COLUMN IF NOT EXISTS hall_state ENUM('requested','booked','refused','lost') NULL COMMENT 'lost: taken while the lecture was deleted',
  ADD COLUMN IF NOT EXISTS hall_note VARCHAR(300) NOT NULL DEFAULT '' COMMENT 'what the maintainer answered',
  ADD KEY IF NOT EXISTS lecture_hall (hall_id, hall_state, starts_at);
ALTER TABLE lecture ADD CONSTRAINT lecture_hall_of FOREIGN KEY IF NOT EXISTS (hall_id) REFERENCES hall (id);
