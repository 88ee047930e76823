-- phase: expand
-- Halls in what is kept of the last change of a timetable, and in secret addresses of calendars.

ALTER TABLE schedule_undo_lecture
  ADD COLUMN IF NOT EXISTS was_hall_id BIGINT NULL,
  ADD COLUMN IF NOT EXISTS was_hall_state ENUM('requested','booked','refused','lost') NULL,
  ADD COLUMN IF NOT EXISTS was_hall_note VARCHAR(300) NOT NULL DEFAULT '',
  ADD COLUMN IF NOT EXISTS is_hall_id BIGINT NULL,
  ADD COLUMN IF NOT EXISTS is_hall_state ENUM('requested','booked','refused','lost') NULL;
ALTER TABLE calendar_feed MODIFY scope ENUM('mine','all','course','organisation','hall') NOT NULL;
