-- Lectures and the progress of people. STRAIGHT_JOIN: a list begins with the rows that were picked, also while the statistics of a
-- table that grew are old; without it the lists of the start page read every lecture then.

-- fragment: lecture_cols
l.id, l.`key`, l.course_id, l.title, l.starts_at, l.ends_at, IF(l.cancelled_at IS NULL, l.time_state, 'cancelled'), l.media_state, l.media_reason, l.access,
l.published_at, l.generation, l.duration_ms, l.poster_view, l.node_id, l.deleted_at,
c.`key`, c.slug, c.name, t.slug, c.visibility, c.downloads, c.deleted_at IS NOT NULL,
c.organisation_id, o.path, o.zone,
${course_staff}, me.user_id IS NOT NULL, IFNULL(p.position_ms, 0), IFNULL(p.watched, 0),
l.hall, l.series_id, l.edited, l.cancel_note,
l.release_kind, l.release_days, l.release_hides, l.release_own, l.released_at, t.ends_at,
l.hall_id, l.hall_state, l.hall_note, (SELECT lh.name FROM hall lh WHERE lh.id = l.hall_id),
c.rehearsals_of IS NOT NULL

-- fragment: lecture_progress
LEFT JOIN progress p ON p.user_id = a.id AND p.lecture_id = l.id

-- fragment: lecture_number
1 + (SELECT COUNT(*) FROM lecture n WHERE n.course_id = l.course_id AND n.deleted_at IS NULL
     AND (n.starts_at < l.starts_at OR (n.starts_at = l.starts_at AND n.id < l.id)))

-- name: lecture_get
SELECT ${lecture_cols}, l.description, ${lecture_number}
FROM ${actor} JOIN lecture l JOIN course c ON c.id = l.course_id ${course_joins} ${lecture_progress} WHERE l.`key` = ?

-- name: lecture_get_by_id
SELECT ${lecture_cols}, l.description, ${lecture_number}
FROM ${actor} JOIN lecture l JOIN course c ON c.id = l.course_id ${course_joins} ${lecture_progress} WHERE l.id = ?

-- name: lecture_lock
SELECT id FROM lecture WHERE id = ? FOR UPDATE

-- name: lecture_place
-- The place of a lecture in its course. Also of a deleted one, so that a page that begins after it still works.
SELECT starts_at, id FROM lecture WHERE `key` = ? AND course_id = ?

-- fragment: lecture_visible
p.course_id = ? AND p.deleted_at IS NULL AND (p.access = 'published' OR ?)
AND NOT EXISTS (SELECT 1 FROM progress seen WHERE seen.user_id = ? AND seen.lecture_id = p.id AND seen.watched)

-- fragment: lecture_numbered
(SELECT id, ROW_NUMBER() OVER (ORDER BY starts_at, id) AS number, COUNT(*) OVER () AS total
 FROM lecture WHERE course_id = ? AND deleted_at IS NULL) n

-- name: lecture_list_up
-- The subquery picks the rows from a place in the course on, by the index. Numbers count lectures that this person may
-- not see, too.
SELECT STRAIGHT_JOIN ${lecture_cols}, n.number, n.total
FROM ${actor}
JOIN (SELECT p.id FROM lecture p
      WHERE ${lecture_visible} AND p.starts_at >= ? AND (p.starts_at > ? OR p.id > ?)
      ORDER BY p.starts_at, p.id LIMIT ?) pick
JOIN ${lecture_numbered} ON n.id = pick.id
JOIN lecture l ON l.id = pick.id JOIN course c ON c.id = l.course_id ${course_joins} ${lecture_progress}
ORDER BY l.starts_at, l.id

-- name: lecture_list_down
SELECT STRAIGHT_JOIN ${lecture_cols}, n.number, n.total
FROM ${actor}
JOIN (SELECT p.id FROM lecture p
      WHERE ${lecture_visible} AND p.starts_at <= ? AND (p.starts_at < ? OR p.id < ?)
      ORDER BY p.starts_at DESC, p.id DESC LIMIT ?) pick
JOIN ${lecture_numbered} ON n.id = pick.id
JOIN lecture l ON l.id = pick.id JOIN course c ON c.id = l.course_id ${course_joins} ${lecture_progress}
ORDER BY l.starts_at DESC, l.id DESC

-- name: lecture_next
SELECT ${lecture_cols}
FROM ${actor}
JOIN (SELECT n.id FROM lecture n WHERE n.course_id = ? AND n.deleted_at IS NULL AND n.starts_at > ? AND n.access = 'published'
        AND n.cancelled_at IS NULL ORDER BY n.starts_at, n.id LIMIT 1) pick
JOIN lecture l ON l.id = pick.id JOIN course c ON c.id = l.course_id ${course_joins} ${lecture_progress}

-- name: lecture_list_deleted
-- Lectures that can be restored: without those that are being purged.
SELECT ${lecture_cols}
FROM (SELECT CAST(? AS SIGNED) AS id, CAST(? AS DATETIME(3)) AS since) a
JOIN lecture l JOIN course c ON c.id = l.course_id ${course_joins} ${lecture_progress}
WHERE l.course_id = ? AND l.deleted_at > a.since
  AND NOT EXISTS (SELECT 1 FROM job j WHERE j.lecture_id = l.id AND ${purge_job})
ORDER BY l.deleted_at DESC, l.id LIMIT ?

-- fragment: lecture_not_hidden
-- Not a join: the rows come in the order of the index.
(NOT r.release_hides OR (SELECT ht.ends_at FROM term ht WHERE ht.id = rc.term_id) > UTC_TIMESTAMP(3))

-- name: lecture_list_recent
-- Picked first, from the index of what can be watched in each of the person's courses; then read.
SELECT STRAIGHT_JOIN ${lecture_cols}
FROM ${actor}
JOIN (SELECT r.id FROM (SELECT CAST(? AS SIGNED) AS id) pa
      JOIN (SELECT course_id FROM course_staff WHERE user_id = ?
            UNION SELECT course_id FROM enrolment WHERE user_id = ?) mine
      JOIN course rc ON rc.id = mine.course_id
      LEFT JOIN course_staff rs ON rs.course_id = rc.id AND rs.user_id = pa.id
      JOIN lecture r FORCE INDEX (lecture_shown_in) ON r.shown_in = rc.id AND r.shown_at <= UTC_TIMESTAMP(3)
      WHERE ${lecture_not_hidden} AND rc.deleted_at IS NULL AND (rc.visibility <> 'hidden' OR rs.user_id IS NOT NULL)
      ORDER BY r.shown_at DESC, r.id DESC LIMIT ?) pick
JOIN lecture l ON l.id = pick.id
JOIN course c ON c.id = l.course_id ${course_joins} ${lecture_progress}
ORDER BY l.shown_at DESC, l.id DESC

-- name: lecture_list_recent_public
-- The subquery picks the rows by the index alone, newest first, until there are enough.
SELECT STRAIGHT_JOIN ${lecture_cols}
FROM ${actor}
JOIN (SELECT STRAIGHT_JOIN r.id FROM lecture r FORCE INDEX (lecture_shown_of) JOIN course rc ON rc.id = r.course_id
      WHERE r.shown_at <= UTC_TIMESTAMP(3) AND ${lecture_not_hidden} AND rc.visibility = 'public' AND rc.deleted_at IS NULL
      ORDER BY r.shown_at DESC, r.id DESC LIMIT ?) pick
JOIN lecture l ON l.id = pick.id
JOIN course c ON c.id = l.course_id ${course_joins} ${lecture_progress}
ORDER BY l.shown_at DESC, l.id DESC

-- name: lecture_list_continue
-- The service drops those that the person may no longer play.
SELECT STRAIGHT_JOIN ${lecture_cols}
FROM ${actor} JOIN progress p ON p.user_id = a.id JOIN lecture l ON l.id = p.lecture_id
JOIN course c ON c.id = l.course_id ${course_joins}
WHERE p.watched = 0 AND p.position_ms > 0 AND l.access = 'published' AND l.deleted_at IS NULL AND l.generation > 0
  AND c.deleted_at IS NULL
ORDER BY p.updated_at DESC, p.lecture_id DESC LIMIT ?

-- name: lecture_insert
INSERT INTO lecture (`key`, course_id, title, description, starts_at, ends_at, time_state, created_at, updated_at,
  hall, hall_id, hall_state, release_kind, release_days, release_hides)
SELECT ?, id, ?, ?, ?, ?, ?, ?, ?, ?, NULLIF(?, 0), ?, release_kind, release_days, release_hides FROM course WHERE id = ?

-- name: lecture_update
UPDATE lecture SET title = ?, description = IFNULL(?, description), edited = edited OR ?,
  starts_at = ?, ends_at = ?, hall = ?, hall_id = NULLIF(?, 0), hall_state = ?, hall_note = ?, updated_at = ? WHERE id = ?

-- name: lecture_set_access
UPDATE lecture SET access = ?, published_at = ?, updated_at = ? WHERE id = ? AND access = ?

-- name: lecture_set_deleted
UPDATE lecture SET deleted_at = ?, updated_at = ? WHERE id = ?

-- name: lecture_set_time
UPDATE lecture SET time_state = ?, updated_at = ? WHERE id = ? AND time_state = ?


-- name: lecture_set_media
UPDATE lecture SET media_state = ?, media_reason = ?, updated_at = ? WHERE id = ? AND media_state = ?

-- name: lecture_set_generation
UPDATE lecture SET playable_at = IF(generation = 0, ?, playable_at), generation = ?, duration_ms = ?, poster_view = IFNULL(?, poster_view), updated_at = ?
WHERE id = ? AND generation < ?

-- name: lecture_set_node
UPDATE lecture SET node_id = ? WHERE id = ? AND (node_id IS NULL OR node_id = ?)

-- name: lecture_list_purgeable
-- Without lectures whose purge was already given to a node: while the node is away they would fill the list. Rehearsals go at once. The
-- subqueries pick each kind by its index; one OR over two tables would read all lectures every minute.
SELECT ${lecture_cols}
FROM (SELECT 0 AS id) a
JOIN (SELECT dl.id FROM lecture dl WHERE dl.deleted_at < ?
      UNION SELECT cl.id FROM course dc JOIN lecture cl ON cl.course_id = dc.id WHERE dc.deleted_at < ?
      UNION SELECT rl.id FROM course rc JOIN lecture rl ON rl.course_id = rc.id WHERE rc.rehearsals_of > 0 AND rl.deleted_at IS NOT NULL) gone
JOIN lecture l ON l.id = gone.id JOIN course c ON c.id = l.course_id ${course_joins} ${lecture_progress}
WHERE NOT EXISTS (SELECT 1 FROM job j WHERE j.lecture_id = l.id AND ${purge_job})
ORDER BY l.id LIMIT ?

-- name: lecture_list_over
-- A lecture without an end counts as over four hours after its beginning.
SELECT id FROM lecture
WHERE time_state = 'planned' AND cancelled_at IS NULL AND starts_at < ? AND IFNULL(ends_at, starts_at + INTERVAL 4 HOUR) < ? ORDER BY id LIMIT 200
