-- What takes place between two times, and the secret addresses under which programs read it.

-- fragment: calendar_time
l.deleted_at IS NULL AND l.starts_at >= ? AND l.starts_at < ?

-- fragment: calendar_rest
JOIN lecture l ON l.id = pick.id JOIN course c ON c.id = l.course_id ${course_joins} ${lecture_progress}
ORDER BY l.starts_at, l.id

-- name: calendar_mine
SELECT STRAIGHT_JOIN ${lecture_cols}, l.updated_at
FROM ${actor}
JOIN (SELECT l.id FROM (SELECT course_id FROM course_staff WHERE user_id = ?
                        UNION SELECT course_id FROM enrolment WHERE user_id = ?) mine
      JOIN lecture l ON l.course_id = mine.course_id AND ${calendar_time}
      ORDER BY l.starts_at, l.id LIMIT ?) pick
${calendar_rest}

-- name: calendar_course
SELECT STRAIGHT_JOIN ${lecture_cols}, l.updated_at
FROM ${actor}
JOIN (SELECT l.id FROM lecture l WHERE l.course_id = ? AND ${calendar_time} ORDER BY l.starts_at, l.id LIMIT ?) pick
${calendar_rest}

-- fragment: calendar_may
-- The same rule as ACT_LECTURE_LIST, so that the limit counts what the person may see; what the rule of policy.c refuses is
-- dropped afterwards. What visitors may not see is left out as soon as the course is read. Parameters: whether
-- it is no visitor, manages that part of the tree, is signed in, and manages it once more.
(? OR c.visibility = 'public') AND (l.access = 'published' OR ms.user_id IS NOT NULL OR ?)
AND (c.visibility = 'public' OR (c.visibility = 'signedin' AND ?)
  OR (c.visibility = 'enrolled' AND me.user_id IS NOT NULL) OR ms.user_id IS NOT NULL OR ?)

-- fragment: calendar_pass
-- All of a lecture as soon as it is read. The term by its key, and without a join buffer: the rows stay in the order of the index, so
-- that reading ends when there are enough.
JOIN course c ON c.id = l.course_id AND c.deleted_at IS NULL
JOIN organisation o ON o.id = c.organisation_id
LEFT JOIN course_staff ms ON ms.course_id = c.id AND ms.user_id = a.id
LEFT JOIN enrolment me ON me.user_id = a.id AND me.course_id = c.id
JOIN term t FORCE INDEX (PRIMARY) ON t.id = c.term_id ${lecture_progress}

-- name: calendar_hall
-- Who has it: what is booked, cancelled ones too.
SELECT STRAIGHT_JOIN ${lecture_cols}, l.updated_at
FROM ${actor} JOIN lecture l FORCE INDEX (lecture_hall) ${calendar_pass}
WHERE l.hall_id = ? AND l.hall_state = 'booked' AND ${calendar_time} AND ${calendar_may}
ORDER BY l.starts_at, l.id LIMIT ?

-- name: calendar_organisation
-- A part of the tree with few courses: its courses by a prefix of the path, then their lectures; those whose term is half a year
-- away are not looked at.
SELECT STRAIGHT_JOIN ${lecture_cols}, l.updated_at
FROM ${actor}
JOIN (SELECT l.id
      FROM organisation o
      JOIN course c ON c.organisation_id = o.id AND c.deleted_at IS NULL
      JOIN term t ON t.id = c.term_id AND t.starts_at < ? + INTERVAL 183 DAY AND t.ends_at > ? - INTERVAL 183 DAY
      JOIN lecture l ON l.course_id = c.id AND ${calendar_time}
      LEFT JOIN course_staff ms ON ms.course_id = c.id AND ms.user_id = ?
      LEFT JOIN enrolment me ON me.user_id = ? AND me.course_id = c.id
      WHERE o.path LIKE ? AND ${calendar_may}
      ORDER BY l.starts_at, l.id LIMIT ?) pick
${calendar_rest}

-- name: calendar_by_time
-- A part of the tree with many courses: lectures in the order of time, until there are enough.
SELECT STRAIGHT_JOIN ${lecture_cols}, l.updated_at
FROM ${actor} JOIN lecture l FORCE INDEX (lecture_when) ${calendar_pass}
WHERE ${calendar_time} AND o.path LIKE ? AND ${calendar_may}
ORDER BY l.starts_at, l.id LIMIT ?

-- name: calendar_has_many
SELECT COUNT(*) FROM (SELECT 1 FROM organisation o JOIN course c ON c.organisation_id = o.id
                      WHERE o.path LIKE ? AND c.deleted_at IS NULL LIMIT ?) found

-- name: calendar_feed_insert
INSERT INTO calendar_feed (hash, user_id, scope, object_id, created_at) VALUES (?, ?, ?, ?, ?)

-- name: calendar_feed_count
SELECT COUNT(*) FROM calendar_feed WHERE user_id = ? FOR UPDATE

-- name: calendar_feed_list
SELECT f.id, f.scope, f.object_id, COALESCE(c.name, o.name, h.name, ''), f.created_at, f.read_at
FROM calendar_feed f
LEFT JOIN course c ON f.scope = 'course' AND c.id = f.object_id
LEFT JOIN organisation o ON f.scope = 'organisation' AND o.id = f.object_id
LEFT JOIN hall h ON f.scope = 'hall' AND h.id = f.object_id
WHERE f.user_id = ? ORDER BY f.id DESC

-- name: calendar_feed_delete
DELETE FROM calendar_feed WHERE id = ? AND user_id = ?

-- name: calendar_feed_get
SELECT f.id, f.scope, f.object_id, u.id, u.login, u.name, f.read_at IS NULL OR f.read_at < ? - INTERVAL 1 HOUR
FROM calendar_feed f JOIN user u ON u.id = f.user_id
WHERE f.hash = ? AND u.disabled_at IS NULL

-- name: calendar_feed_read
UPDATE calendar_feed SET read_at = ? WHERE id = ?
