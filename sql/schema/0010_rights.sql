-- phase: expand
-- Roles in a course, and by whom each role was given. Programs of the version before write rows without a role: who
-- they add may change everything, as those programs say on their page, hence the default. Of the staff there is, the
-- first of each course becomes its owner, the others lecturers.

ALTER TABLE course_staff
  ADD COLUMN IF NOT EXISTS role ENUM('owner','lecturer','assistant') NOT NULL DEFAULT 'owner',
  ADD COLUMN IF NOT EXISTS rights SET('texts','upload','timetable','people','statistics') NOT NULL DEFAULT ''
    COMMENT 'of an assistant; in the order of enum staff_right',
  ADD COLUMN IF NOT EXISTS granted_by BIGINT NULL COMMENT 'NULL: a program, or before this was kept',
  ADD CONSTRAINT course_staff_granted_by FOREIGN KEY IF NOT EXISTS (granted_by) REFERENCES user (id) ON DELETE SET NULL;

UPDATE course_staff s
JOIN course_staff f ON f.course_id = s.course_id
  AND (f.created_at < s.created_at OR (f.created_at = s.created_at AND f.user_id < s.user_id))
SET s.role = 'lecturer';

ALTER TABLE role_grant
  ADD COLUMN IF NOT EXISTS granted_by BIGINT NULL COMMENT 'NULL: a program, or before this was kept',
  ADD CONSTRAINT role_grant_granted_by FOREIGN KEY IF NOT EXISTS (granted_by) REFERENCES user (id) ON DELETE SET NULL;

-- Changes that must not happen at once write the same row: Galera compares what transactions wrote, and does not see
-- their FOR UPDATE.
CREATE TABLE IF NOT EXISTS turn (
  name   VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  taken  BIGINT NOT NULL DEFAULT 0
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;
