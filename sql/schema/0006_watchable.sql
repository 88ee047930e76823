-- phase: expand
-- Since when people can watch a lecture: it is published and its recording can be played, whichever came last; NULL: they
-- cannot. The lists of what is new go by it; by published_at they read every lecture that is published without a recording.
-- watchable_in is the course of a lecture that can be watched: under it an index holds no others. What a program of the
-- version before commits has no playable_at and counts from the publication on, as everything did before.
-- lecture_recent is for programs of the version before.

ALTER TABLE lecture
  ADD COLUMN IF NOT EXISTS playable_at DATETIME(3) NULL COMMENT 'the first generation was committed',
  ADD COLUMN IF NOT EXISTS watchable_at DATETIME(3) AS
    (IF(access = 'published' AND deleted_at IS NULL AND generation > 0, GREATEST(published_at, IFNULL(playable_at, published_at)), NULL)) STORED,
  ADD COLUMN IF NOT EXISTS watchable_in BIGINT AS
    (IF(access = 'published' AND deleted_at IS NULL AND generation > 0, course_id, NULL)) STORED,
  ADD KEY IF NOT EXISTS lecture_watchable (watchable_at),
  ADD KEY IF NOT EXISTS lecture_watchable_in (watchable_in, watchable_at);
