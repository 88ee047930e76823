-- Counts of the installation.

-- name: status_content
SELECT (SELECT COUNT(*) FROM organisation), (SELECT COUNT(*) FROM user), (SELECT COUNT(*) FROM term),
       (SELECT COUNT(*) FROM course WHERE deleted_at IS NULL AND rehearsals_of IS NULL),
       (SELECT COUNT(*) FROM lecture WHERE deleted_at IS NULL)
         - (SELECT COUNT(*) FROM course c JOIN lecture l ON l.course_id = c.id WHERE c.rehearsals_of > 0 AND l.deleted_at IS NULL),
       (SELECT COUNT(*) FROM session WHERE expires_at > ?)
