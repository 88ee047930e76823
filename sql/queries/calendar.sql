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

-- name: calendar_organisation
-- The courses of a part of the tree, by a prefix of the path; those whose term is half a year away are not looked at. The same
-- rule as ACT_LECTURE_LIST, so that the limit counts what the person may see; what the rule of policy.c refuses is dropped
-- afterwards.
SELECT ${lecture_cols}, l.updated_at
FROM ${actor}
JOIN (SELECT p.id
      FROM (SELECT CAST(? AS SIGNED) AS id, CAST(? AS SIGNED) AS everything) pa
      JOIN organisation po ON po.path LIKE ?
      JOIN course pc ON pc.organisation_id = po.id AND pc.deleted_at IS NULL
      JOIN term pt ON pt.id = pc.term_id AND pt.starts_at < ? + INTERVAL 183 DAY AND pt.ends_at > ? - INTERVAL 183 DAY
      JOIN lecture p ON p.course_id = pc.id AND ${calendar_time}
      LEFT JOIN course_staff ps ON ps.course_id = pc.id AND ps.user_id = pa.id
      LEFT JOIN enrolment pe ON pe.user_id = pa.id AND pe.course_id = pc.id
      WHERE (p.access = 'published' OR ps.user_id IS NOT NULL OR pa.everything)
        AND (pc.visibility = 'public' OR (pc.visibility = 'signedin' AND pa.id > 0)
          OR (pc.visibility = 'enrolled' AND pe.user_id IS NOT NULL) OR ps.user_id IS NOT NULL OR pa.everything)
      ORDER BY p.starts_at, p.id LIMIT ?) pick
${calendar_rest}

-- name: calendar_feed_insert
INSERT INTO calendar_feed (hash, user_id, scope, object_id, created_at) VALUES (?, ?, ?, ?, ?)

-- name: calendar_feed_count
SELECT COUNT(*) FROM calendar_feed WHERE user_id = ? FOR UPDATE

-- name: calendar_feed_list
SELECT f.id, f.scope, f.object_id, COALESCE(c.name, o.name, ''), f.created_at, f.read_at
FROM calendar_feed f
LEFT JOIN course c ON f.scope = 'course' AND c.id = f.object_id
LEFT JOIN organisation o ON f.scope = 'organisation' AND o.id = f.object_id
WHERE f.user_id = ? ORDER BY f.id DESC

-- name: calendar_feed_delete
DELETE FROM calendar_feed WHERE id = ? AND user_id = ?

-- name: calendar_feed_get
SELECT f.id, f.scope, f.object_id, u.id, u.login, u.name, f.read_at IS NULL OR f.read_at < ? - INTERVAL 1 HOUR
FROM calendar_feed f JOIN user u ON u.id = f.user_id
WHERE f.hash = ? AND u.disabled_at IS NULL

-- name: calendar_feed_read
UPDATE calendar_feed SET read_at = ? WHERE id = ?
