-- Rehearsals: the course that holds those of a person, and its lectures. Times are the database's.

-- name: live_rehearsal_home
-- Where a person who has none of a lecture now may rehearse: an organisation and a term of a course in which they may upload, the newest
-- first, else of an organisation in which they may create courses, and the newest term that has begun.
SELECT x.organisation_id, x.term_id
FROM (SELECT h.organisation_id, h.term_id, 0 AS behind, t.starts_at
      FROM course_staff s JOIN course h ON h.id = s.course_id JOIN term t ON t.id = h.term_id
      WHERE s.user_id = ? AND (s.role <> 'assistant' OR FIND_IN_SET('upload', s.rights)) AND h.deleted_at IS NULL
      UNION ALL
      SELECT g.organisation_id, t.id, 1, t.starts_at FROM role_grant g JOIN term t
      WHERE g.user_id = ? AND g.role IN ('lecturer', 'maintainer') AND t.starts_at <= UTC_TIMESTAMP(3)) x
ORDER BY x.behind, x.starts_at DESC, x.organisation_id LIMIT 1;

-- name: live_rehearsal_course
-- Nobody can give a course an address with a dot.
INSERT INTO course (`key`, term_id, organisation_id, slug, name, visibility, rehearsals_of, created_at, updated_at)
VALUES (?, ?, ?, CONCAT('rehearsals.', ?), 'Rehearsals', 'hidden', ?, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))
ON DUPLICATE KEY UPDATE id = LAST_INSERT_ID(id), organisation_id = VALUES(organisation_id);

-- name: live_rehearsal_insert
INSERT INTO lecture (`key`, course_id, title, starts_at, time_state, created_at, updated_at)
VALUES (?, ?, 'Rehearsal', UTC_TIMESTAMP(3), 'planned', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3));

-- name: live_rehearsal_drop
-- One that did not begin.
DELETE FROM lecture WHERE id = ?;

-- name: live_rehearsal_list
SELECT l.`key`, v.began_at, v.ended_at, l.media_state
FROM course c JOIN lecture l ON l.course_id = c.id JOIN live v ON v.lecture_id = l.id
WHERE c.rehearsals_of = ? AND l.deleted_at IS NULL ORDER BY v.began_at DESC, l.id DESC LIMIT ?;

-- name: live_rehearsal_give
UPDATE lecture l JOIN live v ON v.lecture_id = l.id JOIN course c ON c.id = ?
SET l.course_id = c.id, l.title = ?, l.starts_at = v.began_at, l.ends_at = v.ended_at, l.release_kind = c.release_kind,
    l.release_days = c.release_days, l.release_hides = c.release_hides, l.updated_at = UTC_TIMESTAMP(3)
WHERE l.id = ?;

-- name: live_rehearsal_sweep
UPDATE course c JOIN lecture l ON l.course_id = c.id JOIN live v ON v.lecture_id = l.id
SET l.deleted_at = UTC_TIMESTAMP(3), l.updated_at = UTC_TIMESTAMP(3)
WHERE c.rehearsals_of > 0 AND l.deleted_at IS NULL AND v.ended_at < UTC_TIMESTAMP(3) - INTERVAL ? DAY;

-- name: live_test_get
SELECT since_at + INTERVAL ? SECOND FROM live_test WHERE user_id = ? AND since_at > UTC_TIMESTAMP(3) - INTERVAL ? SECOND;

-- name: live_test_set
INSERT INTO live_test (user_id, since_at) VALUES (?, UTC_TIMESTAMP(3)) ON DUPLICATE KEY UPDATE since_at = VALUES(since_at);

-- name: live_test_clear
DELETE FROM live_test WHERE user_id = ?;

-- name: live_test_over
-- It ends with the rehearsal that it made, not with one before it.
DELETE t FROM live_test t JOIN course c ON c.rehearsals_of = t.user_id JOIN lecture l ON l.course_id = c.id
WHERE l.id = ? AND EXISTS (SELECT 1 FROM live_session s WHERE s.lecture_id = l.id AND s.began_at >= t.since_at);

-- name: live_on_air
-- Has the person streamed into a lecture that others see, and whose stream is not over?
SELECT EXISTS (SELECT 1 FROM live_session s JOIN live v ON v.lecture_id = s.lecture_id JOIN lecture l ON l.id = s.lecture_id
               JOIN course c ON c.id = l.course_id
               WHERE s.user_id = ? AND v.ended_at IS NULL AND c.rehearsals_of IS NULL);
