-- What takes place between two times, and the secret addresses under which programs read it.

-- fragment: calendar_time
p.deleted_at IS NULL AND p.starts_at >= ? AND p.starts_at < ?

-- fragment: calendar_rest
JOIN lecture l ON l.id = pick.id JOIN course c ON c.id = l.course_id ${course_joins} ${lecture_progress}
ORDER BY l.starts_at, l.id

-- name: calendar_mine
SELECT ${lecture_cols}, l.updated_at
FROM ${actor}
JOIN (SELECT p.id FROM (SELECT course_id FROM course_staff WHERE user_id = ?
                        UNION SELECT course_id FROM enrolment WHERE user_id = ?) mine
      JOIN lecture p ON p.course_id = mine.course_id AND ${calendar_time}
      ORDER BY p.starts_at, p.id LIMIT ?) pick
${calendar_rest}

-- name: calendar_course
SELECT ${lecture_cols}, l.updated_at
FROM ${actor}
JOIN (SELECT p.id FROM lecture p WHERE p.course_id = ? AND ${calendar_time} ORDER BY p.starts_at, p.id LIMIT ?) pick
${calendar_rest}

-- fragment: calendar_may
-- The same rule as ACT_LECTURE_LIST, so that the limit counts what the person may see; what the rule of policy.c refuses is
-- dropped afterwards. Parameters: whether the person manages that part of the tree, is signed in,
-- and manages it once more.
(p.access = 'published' OR ps.user_id IS NOT NULL OR ?)
AND (pc.visibility = 'public' OR (pc.visibility = 'signedin' AND ?)
  OR (pc.visibility = 'enrolled' AND pe.user_id IS NOT NULL) OR ps.user_id IS NOT NULL OR ?)

-- name: calendar_hall
-- Who has it: what is booked, cancelled ones too.
SELECT ${lecture_cols}, l.updated_at
FROM ${actor}
JOIN (SELECT p.id
      FROM lecture p JOIN course pc ON pc.id = p.course_id AND pc.deleted_at IS NULL
      LEFT JOIN course_staff ps ON ps.course_id = pc.id AND ps.user_id = ?
      LEFT JOIN enrolment pe ON pe.user_id = ? AND pe.course_id = pc.id
      WHERE p.hall_id = ? AND p.hall_state = 'booked' AND ${calendar_time} AND ${calendar_may}
      ORDER BY p.starts_at, p.id LIMIT ?) pick
${calendar_rest}

-- name: calendar_organisation
-- A part of the tree with few courses: its courses by a prefix of the path, then their lectures; those whose term is half a year
-- away are not looked at.
SELECT ${lecture_cols}, l.updated_at
FROM ${actor}
JOIN (SELECT p.id
      FROM organisation po
      JOIN course pc ON pc.organisation_id = po.id AND pc.deleted_at IS NULL
      JOIN term pt ON pt.id = pc.term_id AND pt.starts_at < ? + INTERVAL 183 DAY AND pt.ends_at > ? - INTERVAL 183 DAY
      JOIN lecture p ON p.course_id = pc.id AND ${calendar_time}
      LEFT JOIN course_staff ps ON ps.course_id = pc.id AND ps.user_id = ?
      LEFT JOIN enrolment pe ON pe.user_id = ? AND pe.course_id = pc.id
      WHERE po.path LIKE ? AND ${calendar_may}
      ORDER BY p.starts_at, p.id LIMIT ?) pick
${calendar_rest}

-- name: calendar_by_time
-- A part of the tree with many courses: lectures in the order of time, until there are enough.
SELECT ${lecture_cols}, l.updated_at
FROM ${actor}
JOIN (SELECT STRAIGHT_JOIN p.id
      FROM lecture p FORCE INDEX (lecture_when)
      JOIN course pc ON pc.id = p.course_id AND pc.deleted_at IS NULL
      JOIN organisation po ON po.id = pc.organisation_id
      LEFT JOIN course_staff ps ON ps.course_id = pc.id AND ps.user_id = ?
      LEFT JOIN enrolment pe ON pe.user_id = ? AND pe.course_id = pc.id
      WHERE ${calendar_time} AND po.path LIKE ? AND ${calendar_may}
      ORDER BY p.starts_at, p.id LIMIT ?) pick
${calendar_rest}

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
