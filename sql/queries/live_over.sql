-- The end of live streams that nobody ended, and their recordings. Times are the database's.

-- name: live_over_due
-- Streams, or one of them, that nobody publishes any more, and whether all views were ended by their publishers. A rehearsal has no
-- time for which one could wait.
SELECT q.lecture_id, q.finished
FROM (SELECT v.lecture_id,
             c.rehearsals_of IS NOT NULL OR NOT EXISTS (SELECT 1 FROM live_session s
                         WHERE s.lecture_id = v.lecture_id AND s.why NOT IN ('finished', 'over', 'moved')
                           AND s.id = (SELECT MAX(m.id) FROM live_session m WHERE m.lecture_id = s.lecture_id AND m.view = s.view)) AS finished,
             (SELECT MAX(s.stopped_at) FROM live_session s WHERE s.lecture_id = v.lecture_id) AS gone_at,
             ${live_end} AS planned_end
      FROM live v JOIN lecture l ON l.id = v.lecture_id JOIN course c ON c.id = l.course_id
      WHERE v.ended_at IS NULL AND (? = 0 OR v.lecture_id = ?)
        AND NOT EXISTS (SELECT 1 FROM live_session s WHERE s.lecture_id = v.lecture_id AND s.stopped_at IS NULL)) q
WHERE q.gone_at < UTC_TIMESTAMP(3) - INTERVAL ? SECOND
  AND (q.finished OR q.planned_end < UTC_TIMESTAMP(3) - INTERVAL ? SECOND)
LIMIT 50;

-- name: live_over_publish
-- Views, or one of them, of streams that are over: a recording is there and in no source, and none is on its way. Uploads that are
-- complete and not taken are few: until their probe.
SELECT DISTINCT s.lecture_id, s.view, NOT c.keep_gaps
FROM upload u FORCE INDEX (upload_open) JOIN live_recording r ON r.upload_id = u.id JOIN live_session s ON s.id = r.session_id
     JOIN live v ON v.lecture_id = s.lecture_id
     JOIN lecture l ON l.id = s.lecture_id JOIN course c ON c.id = l.course_id
WHERE u.state = 'complete' AND u.size > 13 AND v.ended_at IS NOT NULL AND NOT v.discard
  AND l.deleted_at IS NULL AND c.deleted_at IS NULL
  AND (? = 0 OR (s.lecture_id = ? AND s.view = ?))
  AND NOT EXISTS (SELECT 1 FROM source_part p WHERE p.upload_id = u.id)
  AND NOT EXISTS (SELECT 1 FROM live_session o JOIN live_recording w ON w.session_id = o.id LEFT JOIN upload x ON x.id = w.upload_id
                  WHERE o.lecture_id = s.lecture_id AND o.view = s.view
                    AND w.complete_at IS NULL AND w.given_up_at IS NULL AND IFNULL(x.state, 'open') = 'open')
LIMIT 20;

-- name: live_over_empty
-- Recordings without a tag, as of an ingest that burned before the store had anything: 13 bytes are the head of an FLV. And uploads that
-- were closed too early, of which another has all by now; those that are in a source go with it.
SELECT s.lecture_id, u.`key`
FROM upload u FORCE INDEX (upload_open) JOIN live_recording r ON r.upload_id = u.id JOIN live_session s ON s.id = r.session_id
     JOIN live v ON v.lecture_id = s.lecture_id
WHERE u.state = 'complete' AND u.size <= 13 AND v.ended_at IS NOT NULL
UNION
SELECT u.lecture_id, u.`key`
FROM live_recording r JOIN upload u ON u.id = r.sealed_upload_id
WHERE r.sealed_upload_id > 0 AND r.complete_at IS NOT NULL AND u.state = 'complete'
  AND NOT EXISTS (SELECT 1 FROM source_part p WHERE p.upload_id = u.id)
LIMIT 20;

-- name: live_over_parts
SELECT r.upload_id, u.size, s.began_at, s.id
FROM live_session s JOIN live_recording r ON r.session_id = s.id JOIN upload u ON u.id = r.upload_id
WHERE s.lecture_id = ? AND s.view = ? AND u.state IN ('complete', 'taken') AND u.size > 13 ORDER BY s.id, r.fence;

-- name: live_over_forget
-- Recordings of discarded streams. They go within a minute, so what ended long before that is not looked at.
SELECT s.lecture_id, u.`key`
FROM live v JOIN live_session s ON s.lecture_id = v.lecture_id JOIN live_recording r ON r.session_id = s.id JOIN upload u ON u.id = r.upload_id
WHERE v.discard AND v.ended_at < UTC_TIMESTAMP(3) - INTERVAL ? DAY AND v.ended_at > UTC_TIMESTAMP(3) - INTERVAL 100 DAY
  AND u.state IN ('open', 'complete', 'taken')
LIMIT 100;
