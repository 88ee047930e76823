-- phase: expand
-- Lists that end early read no rows but those they show: the newest recordings of public courses, the courses of a subtree, and who
-- has a hall on a day. hall_on is the day in UTC on which a booking begins.

ALTER TABLE lecture
  ADD COLUMN IF NOT EXISTS hall_on DATE AS (IF(hall_state = 'booked', DATE(starts_at), NULL)) STORED,
  ADD KEY IF NOT EXISTS lecture_hall_on (hall_id, hall_on, starts_at, ends_at),
  ADD KEY IF NOT EXISTS lecture_shown_of (shown_at, id, course_id, release_hides);
ALTER TABLE course ADD KEY IF NOT EXISTS course_kept (organisation_id, deleted_at);
