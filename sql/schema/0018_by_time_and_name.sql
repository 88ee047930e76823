-- phase: expand
-- Lists that end early read rows in their order: the lectures of everybody by time, the courses of a term by name.

ALTER TABLE lecture ADD KEY IF NOT EXISTS lecture_when (deleted_at, starts_at);
ALTER TABLE course ADD KEY IF NOT EXISTS course_named (term_id, deleted_at, name);
