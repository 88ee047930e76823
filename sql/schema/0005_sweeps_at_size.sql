-- phase: expand
-- What the sweeps of each minute ask for, at a hundred thousand lectures: which machine keeps or is to do what, and courses
-- deleted long ago. Without these a handful of machines that had left kept the scheduler busy for more than a minute.

ALTER TABLE lecture ADD KEY IF NOT EXISTS lecture_node (node_id);
ALTER TABLE source ADD KEY IF NOT EXISTS source_node (node_id);
ALTER TABLE job ADD KEY IF NOT EXISTS job_target (target_node, state);
ALTER TABLE course ADD KEY IF NOT EXISTS course_gone (deleted_at);
