-- Courses. `a` is the actor as a one-row table, so that its id is one parameter however often it is used.

-- fragment: course_staff
-- The role of the actor. Whoever has rehearsals may do with them what an assistant with the right to upload may (lib/svc/policy.c).
IF(c.rehearsals_of = a.id, 'assistant', ms.role), IF(c.rehearsals_of = a.id, 2, ms.rights + 0)

-- fragment: course_cols
c.id, c.`key`, c.slug, c.name, c.visibility, c.downloads, c.deleted_at,
c.term_id, t.slug, t.year, t.half, c.organisation_id, o.name, o.zone, o.path,
(SELECT GROUP_CONCAT(u.name ORDER BY s.role, s.created_at, u.name SEPARATOR ', ')
 FROM course_staff s JOIN user u ON u.id = s.user_id WHERE s.course_id = c.id AND s.role <> 'assistant'),
(SELECT COUNT(*) FROM lecture l WHERE l.course_id = c.id AND l.deleted_at IS NULL AND l.access = 'published'),
${course_staff}, me.user_id IS NOT NULL, c.rehearsals_of IS NOT NULL

-- fragment: course_joins
JOIN term t ON t.id = c.term_id
JOIN organisation o ON o.id = c.organisation_id
LEFT JOIN course_staff ms ON ms.course_id = c.id AND ms.user_id = a.id
LEFT JOIN enrolment me ON me.user_id = a.id AND me.course_id = c.id

-- fragment: actor
(SELECT CAST(? AS SIGNED) AS id) a

-- name: course_get
SELECT ${course_cols}, c.description, c.keep_gaps, c.keep_first FROM ${actor} JOIN course c ${course_joins} WHERE c.id = ?

-- name: course_get_by_slug
SELECT ${course_cols}, c.description, c.keep_gaps, c.keep_first FROM ${actor} JOIN course c ${course_joins} WHERE t.slug = ? AND c.slug = ?

-- fragment: course_next
-- The first to come, in the order of the index: of another index all would be read.
(SELECT x.id FROM lecture x FORCE INDEX (lecture_course)
 WHERE x.course_id = c.id AND x.deleted_at IS NULL AND x.starts_at > UTC_TIMESTAMP(3) AND x.access = 'published'
   AND x.cancelled_at IS NULL ORDER BY x.starts_at, x.id LIMIT 1)

-- name: course_list_mine
-- Picked first, so that names and counts are only looked up for the rows of this page.
SELECT STRAIGHT_JOIN ${course_cols},
  (SELECT COUNT(*) FROM lecture n FORCE INDEX (lecture_shown_in)
   LEFT JOIN progress p FORCE INDEX (PRIMARY) ON p.user_id = a.id AND p.lecture_id = n.id
   WHERE n.shown_in = c.id AND n.shown_at > a.since AND n.shown_at <= UTC_TIMESTAMP(3)
     AND NOT (n.release_hides AND t.ends_at <= UTC_TIMESTAMP(3)) AND p.lecture_id IS NULL),
  nx.starts_at, nx.hall
FROM (SELECT CAST(? AS SIGNED) AS id, CAST(? AS DATETIME(3)) AS since) a
JOIN (SELECT pc.id FROM (SELECT CAST(? AS SIGNED) AS id) pa
      JOIN (SELECT course_id FROM course_staff WHERE user_id = ?
            UNION SELECT course_id FROM enrolment WHERE user_id = ?) mine
      JOIN course pc ON pc.id = mine.course_id JOIN term pt ON pt.id = pc.term_id
      LEFT JOIN course_staff ps ON ps.course_id = pc.id AND ps.user_id = pa.id
      WHERE pc.deleted_at IS NULL AND (pc.visibility <> 'hidden' OR ps.user_id IS NOT NULL)
      ORDER BY pt.starts_at DESC, pc.name, pc.id LIMIT ? OFFSET ?) pick
JOIN course c ON c.id = pick.id ${course_joins}
LEFT JOIN lecture nx ON nx.id = ${course_next}
ORDER BY t.starts_at DESC, c.name, c.id

-- name: course_list_taught
SELECT STRAIGHT_JOIN ${course_cols},
  (SELECT COUNT(*) FROM lecture n WHERE n.course_id = c.id AND n.deleted_at IS NULL AND n.access <> 'published'),
  (SELECT COUNT(*) FROM lecture n WHERE n.course_id = c.id AND n.deleted_at IS NULL AND n.media_state = 'failed')
FROM ${actor} JOIN course_staff mine ON mine.user_id = a.id JOIN course c ON c.id = mine.course_id ${course_joins}
WHERE c.deleted_at IS NULL
ORDER BY t.starts_at DESC, c.name, c.id LIMIT ? OFFSET ?

-- name: course_list_term
-- The same rule as ACT_COURSE_LIST in lib/svc/policy.c; a test compares the two for every role and visibility. The
-- subquery picks the rows of this page in the order of the index, so that names and counts are read for them only; what visitors may
-- not see is left out as soon as the course is read.
SELECT STRAIGHT_JOIN ${course_cols}
FROM ${actor}
JOIN (SELECT STRAIGHT_JOIN pc.id
      FROM course pc FORCE INDEX (course_named) JOIN organisation po ON po.id = pc.organisation_id
      LEFT JOIN course_staff ps ON ps.course_id = pc.id AND ps.user_id = ?
      LEFT JOIN enrolment pe ON pe.user_id = ? AND pe.course_id = pc.id
      WHERE pc.term_id = ? AND pc.deleted_at IS NULL AND pc.rehearsals_of IS NULL AND pc.name LIKE ? ESCAPE '!' AND (? OR pc.visibility = 'public')
        AND (pc.visibility = 'public' OR (pc.visibility = 'signedin' AND ?)
          OR (pc.visibility = 'enrolled' AND pe.user_id IS NOT NULL)
          OR ps.user_id IS NOT NULL OR po.path REGEXP ?)
      ORDER BY pc.name, pc.id LIMIT ? OFFSET ?) pick
JOIN course c ON c.id = pick.id ${course_joins}
ORDER BY c.name, c.id

-- name: course_list_public
-- The subquery picks the rows in the order of the index.
SELECT STRAIGHT_JOIN ${course_cols}
FROM ${actor}
JOIN (SELECT pc.id FROM course pc FORCE INDEX (course_listed)
      WHERE pc.term_id = ? AND pc.deleted_at IS NULL AND pc.visibility = 'public' ORDER BY pc.name, pc.id LIMIT ?) pick
JOIN course c ON c.id = pick.id ${course_joins}
ORDER BY c.name, c.id

-- name: course_list_deleted
-- The same rule as ACT_COURSE_OWN in lib/svc/policy.c; a test compares the two.
SELECT ${course_cols}
FROM (SELECT CAST(? AS SIGNED) AS id, CAST(? AS DATETIME(3)) AS since) a
JOIN course c ${course_joins}
WHERE c.deleted_at > a.since
  AND (ms.role = 'owner' OR o.path REGEXP ?)
ORDER BY c.deleted_at DESC, c.id LIMIT ?

-- name: course_list_all
SELECT ${course_cols}, c.keep_gaps, c.keep_first FROM (SELECT 0 AS id, CAST(? AS SIGNED) AS term) a JOIN course c ${course_joins}
WHERE c.deleted_at IS NULL AND c.rehearsals_of IS NULL AND (a.term = 0 OR c.term_id = a.term)
ORDER BY t.starts_at DESC, c.name, c.id

-- name: course_insert
INSERT INTO course (`key`, term_id, organisation_id, slug, name, description, visibility, downloads, keep_gaps, keep_first, created_at, updated_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: course_lock
SELECT id FROM course WHERE id = ? FOR UPDATE

-- name: course_update
UPDATE course SET term_id = ?, organisation_id = ?, slug = ?, name = ?, description = IFNULL(?, description),
  visibility = ?, downloads = ?, keep_gaps = ?, keep_first = ?, updated_at = ? WHERE id = ?

-- name: course_set_texts
UPDATE course SET name = ?, description = IFNULL(?, description), updated_at = ? WHERE id = ?

-- name: course_set_deleted
UPDATE course SET deleted_at = ? WHERE id = ?
