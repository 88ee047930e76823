-- Counts of the installation.

-- name: status_content
SELECT (SELECT COUNT(*) FROM organisation), (SELECT COUNT(*) FROM user), (SELECT COUNT(*) FROM term),
       (SELECT COUNT(*) FROM course WHERE deleted_at IS NULL), (SELECT COUNT(*) FROM lecture WHERE deleted_at IS NULL),
       (SELECT COUNT(*) FROM session WHERE expires_at > ?)
