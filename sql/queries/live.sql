-- Live streams: sessions, their jobs and recordings. Times are the database's.

-- fragment: live_end
IFNULL(l.ends_at, l.starts_at + INTERVAL 4 HOUR)

-- fragment: live_mine
-- The person streams into the lecture, or has done so.
EXISTS (SELECT 1 FROM live_session x WHERE x.lecture_id = l.id AND x.user_id = a.id)

-- fragment: live_chosen
-- The choice h counts. It is for one stream: 15 minutes after the end of v it is over, if it was made before that.
h.chosen_at > UTC_TIMESTAMP(3) - INTERVAL 12 HOUR
       AND (v.ended_at IS NULL OR v.ended_at < h.chosen_at OR v.ended_at > UTC_TIMESTAMP(3) - INTERVAL 15 MINUTE)

-- name: live_due_list
-- Lectures that a person could stream, in the order in which they would be taken. Picked by three indexes, then checked. What
-- colleagues stream comes behind what is due at the same time, and what they ended is no reason to wait. A rehearsal whose program
-- ended it comes last; one that lost its connection goes on, so that nobody is put on air by a program that connects again.
SELECT l.id, l.`key`, l.title, c.name, o.zone, l.starts_at, ${live_end}, h.lecture_id IS NOT NULL,
       v.lecture_id IS NOT NULL AND v.ended_at IS NULL, IFNULL(v.ended_at IS NOT NULL AND v.ended_by = 'person', 0),
       IFNULL(v.ended_by = 'person' AND v.ended_at > UTC_TIMESTAMP(3) - INTERVAL 60 SECOND, 0) AND ${live_mine},
       c.rehearsals_of IS NOT NULL, c.keep_first
FROM (SELECT CAST(? AS SIGNED) AS id) a
JOIN (SELECT pl.id FROM course_staff ps JOIN lecture pl ON pl.course_id = ps.course_id AND pl.deleted_at IS NULL
      WHERE ps.user_id = ? AND pl.starts_at > UTC_TIMESTAMP(3) - INTERVAL 1 DAY AND pl.starts_at <= UTC_TIMESTAMP(3) + INTERVAL 15 MINUTE
        AND IFNULL(pl.ends_at, pl.starts_at + INTERVAL 4 HOUR) > UTC_TIMESTAMP(3) - INTERVAL 15 MINUTE
      UNION SELECT pv.lecture_id FROM live pv JOIN live_session px ON px.lecture_id = pv.lecture_id
            WHERE (pv.ended_at IS NULL OR pv.ended_at > UTC_TIMESTAMP(3) - INTERVAL 60 SECOND AND pv.ended_by = 'person') AND px.user_id = ?
      UNION SELECT h.lecture_id FROM live_choice h LEFT JOIN live v ON v.lecture_id = h.lecture_id
            WHERE h.user_id = ? AND ${live_chosen}) pick
JOIN lecture l ON l.id = pick.id
JOIN course c ON c.id = l.course_id
JOIN organisation o ON o.id = c.organisation_id
LEFT JOIN course_staff s ON s.course_id = c.id AND s.user_id = a.id AND (s.role <> 'assistant' OR FIND_IN_SET('upload', s.rights))
LEFT JOIN live v ON v.lecture_id = l.id
LEFT JOIN live_choice h ON h.user_id = a.id AND h.lecture_id = l.id AND ${live_chosen}
WHERE l.deleted_at IS NULL AND l.cancelled_at IS NULL AND c.deleted_at IS NULL AND (s.user_id IS NOT NULL OR c.rehearsals_of = a.id)
ORDER BY h.lecture_id IS NULL,
         c.rehearsals_of IS NOT NULL AND IFNULL((SELECT x.why IN ('finished', 'moved') FROM live_session x WHERE x.lecture_id = l.id ORDER BY x.id DESC LIMIT 1), FALSE),
         v.lecture_id IS NULL OR v.ended_at IS NOT NULL OR NOT ${live_mine},
         CASE WHEN l.starts_at > UTC_TIMESTAMP(3) THEN 1 WHEN ${live_end} > UTC_TIMESTAMP(3) THEN 0 ELSE 2 END,
         ABS(TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3), IF(${live_end} > UTC_TIMESTAMP(3), l.starts_at, ${live_end}))),
         v.lecture_id IS NOT NULL AND v.ended_at IS NULL, l.id
LIMIT 50;

-- name: live_choice_set
INSERT INTO live_choice (user_id, lecture_id, chosen_at) VALUES (?, ?, UTC_TIMESTAMP(3))
ON DUPLICATE KEY UPDATE lecture_id = VALUES(lecture_id), chosen_at = VALUES(chosen_at);

-- name: live_choice_clear
DELETE FROM live_choice WHERE user_id = ?;

-- name: live_refusal_insert
INSERT INTO live_refusal (user_id, lecture_id, reason, from_address, at) VALUES (?, NULLIF(?, 0), ?, ?, UTC_TIMESTAMP(3));

-- name: live_refusal_list
-- The newest for each reason and lecture: programs connect again by themselves. Without those before a stream that goes on: they are
-- solved.
SELECT r.reason, r.at, r.from_address, l.`key`, IF(c.rehearsals_of IS NULL, l.title, NULL)
FROM (SELECT MAX(n.id) AS id FROM live_refusal n WHERE n.user_id = ? AND n.at > UTC_TIMESTAMP(3) - INTERVAL ? SECOND
      GROUP BY n.reason, n.lecture_id) newest
JOIN live_refusal r ON r.id = newest.id LEFT JOIN lecture l ON l.id = r.lecture_id LEFT JOIN course c ON c.id = l.course_id
WHERE NOT EXISTS (SELECT 1 FROM live_session s WHERE s.stopped_at IS NULL AND s.user_id = r.user_id AND s.began_at > r.at)
ORDER BY r.at DESC, r.id DESC LIMIT ?;

-- name: live_refusal_sweep
DELETE FROM live_refusal WHERE at < UTC_TIMESTAMP(3) - INTERVAL 1 DAY LIMIT 1000;

-- fragment: live_session_cols
s.id, s.`key`, s.lecture_id, s.view, s.user_id, s.token_id, s.entry_id, s.job_id, s.stopped_at IS NOT NULL, s.why,
       s.media_at < UTC_TIMESTAMP(3) - INTERVAL 3 SECOND,
       NOT EXISTS (SELECT 1 FROM live_recording r WHERE r.session_id = s.id AND r.ended_at IS NULL),
       s.generation

-- name: live_session_insert
INSERT INTO live_session (`key`, lecture_id, view, user_id, token_id, entry_id, from_address, job_id, generation, began_at, media_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3));

-- name: live_session_lecture
SELECT lecture_id FROM live_session WHERE `key` = ?;

-- name: live_session_lectures_elsewhere
SELECT DISTINCT s.lecture_id FROM live_session s WHERE s.stopped_at IS NULL AND s.user_id = ? AND s.lecture_id <> ? ORDER BY s.lecture_id;

-- name: live_session_lock
SELECT ${live_session_cols}
FROM live_session s WHERE s.`key` = ? FOR UPDATE;

-- name: live_session_lock_by_job
SELECT ${live_session_cols}
FROM live_session s WHERE s.job_id = ? FOR UPDATE;

-- name: live_session_lock_view
-- Who streams into a view of a lecture.
SELECT ${live_session_cols}
FROM live_session s WHERE s.lecture_id = ? AND s.view = ? AND s.stopped_at IS NULL ORDER BY s.id FOR UPDATE;

-- name: live_session_lock_lecture
SELECT ${live_session_cols}
FROM live_session s WHERE s.lecture_id = ? AND s.stopped_at IS NULL ORDER BY s.id FOR UPDATE;

-- name: live_session_lock_elsewhere
-- What a person streams into other lectures.
SELECT ${live_session_cols}
FROM live_session s WHERE s.stopped_at IS NULL AND s.user_id = ? AND s.lecture_id <> ? ORDER BY s.id FOR UPDATE;

-- name: live_session_stop
UPDATE live_session SET stopped_at = UTC_TIMESTAMP(3), why = ? WHERE id = ? AND stopped_at IS NULL;

-- name: live_session_heard
UPDATE live_session SET media_at = GREATEST(media_at, UTC_TIMESTAMP(3) - INTERVAL ? * 1000 MICROSECOND) WHERE job_id = ?;

-- name: live_session_quiet
-- Its ingest gets nothing any more: its entry asks for another one now, or is gone.
UPDATE live_session SET media_at = UTC_TIMESTAMP(3) - INTERVAL 10 SECOND WHERE id = ?;

-- name: live_begin
-- Who goes live again goes on with the same stream: what was discarded of it counts again. What can be watched begins anew if it was
-- closed. (MariaDB assigns from left to right.)
INSERT INTO live (lecture_id, generation, began_at) VALUES (?, ?, UTC_TIMESTAMP(3))
ON DUPLICATE KEY UPDATE shown_at = IF(generation = VALUES(generation), shown_at, NULL), generation = VALUES(generation), interrupted_at = NULL, ended_at = NULL, ended_by = NULL, ended_user_id = NULL, discard = FALSE;

-- name: live_resume
UPDATE live SET interrupted_at = NULL WHERE lecture_id = ? AND interrupted_at IS NOT NULL;

-- name: live_interrupt
UPDATE live SET interrupted_at = UTC_TIMESTAMP(3)
WHERE lecture_id = ? AND interrupted_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM live_session s WHERE s.lecture_id = live.lecture_id AND s.stopped_at IS NULL);

-- name: live_ingests
-- Free places are those of the last heartbeat, less what was leased since.
SELECT n.id, o.path, n.sharing, n.url,
       n.free_live - (SELECT COUNT(*) FROM job j WHERE j.node_id = n.id AND j.lane = 'live' AND j.state = 'leased')
FROM node n JOIN organisation o ON o.id = n.organisation_id
WHERE n.revoked_at IS NULL AND n.roles & ? AND n.seen_at > UTC_TIMESTAMP(3) - INTERVAL ? * 1000 MICROSECOND
ORDER BY n.id;

-- name: live_recording_insert
INSERT INTO live_recording (session_id, fence, node_id, began_at) VALUES (?, ?, ?, UTC_TIMESTAMP(3));

-- name: live_recording_get
SELECT r.session_id, r.node_id, r.upload_id, r.sealed_at IS NOT NULL, r.given_up_at IS NOT NULL, s.lecture_id, s.view, s.user_id,
       r.complete_at IS NOT NULL, r.sealed_upload_id IS NOT NULL
FROM live_recording r JOIN live_session s ON s.id = r.session_id WHERE s.`key` = ? AND r.fence = ? FOR UPDATE;

-- name: live_recording_end
-- A recording without a byte has no file.
UPDATE live_recording
SET ended_at = UTC_TIMESTAMP(3), bytes = ?, given_up_at = IF(? = 0 AND upload_id IS NULL, UTC_TIMESTAMP(3), given_up_at)
WHERE session_id = ? AND fence = ? AND ended_at IS NULL;

-- name: live_recording_ended
SELECT ended_at IS NOT NULL FROM live_recording WHERE session_id = ? AND fence = ?;

-- name: live_recording_upload
UPDATE live_recording SET upload_id = ?, given_up_at = NULL WHERE session_id = ? AND fence = ?;

-- name: live_recording_unseal
-- Its ingest is back and goes on sending; what the store has closed already stays as it is.
UPDATE live_recording SET sealed_at = NULL WHERE session_id = ? AND fence = ? AND complete_at IS NULL;

-- name: live_recording_anew
-- The store was told to close its upload, and its ingest is back with more: another upload gets all of it.
UPDATE live_recording SET sealed_upload_id = upload_id, upload_id = NULL, sealed_at = NULL, complete_at = NULL WHERE session_id = ? AND fence = ?;

-- name: live_recording_complete
UPDATE live_recording SET complete_at = UTC_TIMESTAMP(3) WHERE upload_id = ?;

-- name: live_session_person
SELECT user_id, lecture_id FROM live_session WHERE `key` = ? AND entry_id = ?;

-- fragment: live_stream_cols
v.lecture_id, l.`key`, l.title, c.name, v.began_at, v.interrupted_at, v.ended_at, v.ended_by, u.name, v.discard,
       v.ended_at > UTC_TIMESTAMP(3) - INTERVAL 14 DAY AND (v.discard OR v.ended_by = 'person')

-- fragment: live_stream_from
FROM live v JOIN lecture l ON l.id = v.lecture_id JOIN course c ON c.id = l.course_id LEFT JOIN user u ON u.id = v.ended_user_id

-- name: live_stream_get
SELECT ${live_stream_cols}
${live_stream_from}
WHERE v.lecture_id = ?;

-- name: live_stream_list
SELECT ${live_stream_cols}
${live_stream_from}
WHERE v.ended_at IS NULL ORDER BY v.began_at, v.lecture_id LIMIT ?;

-- fragment: live_publisher
SELECT s.lecture_id, s.`key`, s.view, u.login, u.name, t.name, s.from_address, n.name, s.began_at, s.stopped_at, s.why,
       s.stopped_at IS NULL AND j.state = 'running' AND j.lease_expires > UTC_TIMESTAMP(3)
FROM live_session s JOIN user u ON u.id = s.user_id LEFT JOIN personal_token t ON t.id = s.token_id
     LEFT JOIN job j ON j.id = s.job_id LEFT JOIN node n ON n.id = j.node_id

-- name: live_publishers_of
${live_publisher}
WHERE s.lecture_id = ? ORDER BY s.stopped_at IS NOT NULL, s.id DESC LIMIT ?;

-- name: live_publishers_now
${live_publisher}
WHERE s.stopped_at IS NULL ORDER BY s.lecture_id, s.id DESC;

-- name: live_lock
SELECT ended_at IS NOT NULL, ended_by = 'person', discard, ended_at > UTC_TIMESTAMP(3) - INTERVAL 14 DAY
FROM live WHERE lecture_id = ? FOR UPDATE;

-- name: live_end
UPDATE live SET ended_at = UTC_TIMESTAMP(3), ended_by = ?, ended_user_id = NULLIF(?, 0), discard = ? WHERE lecture_id = ?;

-- name: live_set_discard
UPDATE live SET discard = ? WHERE lecture_id = ?;

-- name: live_keep
UPDATE live SET discard = FALSE WHERE lecture_id = ?;

-- name: live_open_again
-- Ended as if its publishers had ended it: who comes goes on with it.
UPDATE live SET ended_by = 'finished', ended_user_id = NULL WHERE lecture_id = ?;

-- name: live_in_work
SELECT EXISTS (SELECT 1 FROM live_session s JOIN live_recording r ON r.session_id = s.id JOIN source o ON o.upload_id = r.upload_id
               WHERE s.lecture_id = ?);

-- name: live_sweep_revoked
-- Publishers whose token was revoked, or who may not stream into the lecture any more.
SELECT s.`key`
FROM live_session s JOIN user u ON u.id = s.user_id JOIN lecture l ON l.id = s.lecture_id JOIN course c ON c.id = l.course_id
     LEFT JOIN personal_token t ON t.id = s.token_id
     LEFT JOIN course_staff m ON m.course_id = c.id AND m.user_id = s.user_id
       AND (m.role <> 'assistant' OR FIND_IN_SET('upload', m.rights))
WHERE s.stopped_at IS NULL
  AND (t.id IS NULL OR u.disabled_at IS NOT NULL OR l.deleted_at IS NOT NULL OR c.deleted_at IS NOT NULL
       OR (m.user_id IS NULL AND NOT c.rehearsals_of <=> s.user_id));

-- name: live_sweep_look
-- Is there anything to look at; is any node heard.
SELECT EXISTS (SELECT 1 FROM live WHERE ended_at IS NULL) OR EXISTS (SELECT 1 FROM live_session WHERE stopped_at IS NULL)
         OR EXISTS (SELECT 1 FROM job WHERE state IN ('leased', 'running') AND lane = 'live')
         OR EXISTS (SELECT 1 FROM live_recording WHERE complete_at IS NULL AND given_up_at IS NULL),
       EXISTS (SELECT 1 FROM node n WHERE n.revoked_at IS NULL AND n.seen_at > UTC_TIMESTAMP(3) - INTERVAL 10 SECOND);

-- name: live_sweep_lost
-- Sessions that no ingest has had for so long that their entry has given up, or is gone itself.
SELECT s.`key` FROM live_session s JOIN job j ON j.id = s.job_id
WHERE s.stopped_at IS NULL AND j.lease_expires < UTC_TIMESTAMP(3) - INTERVAL ? * 1000 MICROSECOND;

-- name: live_sweep_state
-- Whether somebody publishes, as the leases say.
UPDATE live SET interrupted_at = IF(interrupted_at IS NULL, UTC_TIMESTAMP(3), NULL)
WHERE ended_at IS NULL AND (interrupted_at IS NULL) <> EXISTS (
  SELECT 1 FROM live_session s JOIN job j ON j.id = s.job_id
  WHERE s.lecture_id = live.lecture_id AND s.stopped_at IS NULL AND j.lease_expires > UTC_TIMESTAMP(3));

-- name: live_sweep_jobs
-- Jobs of streams that are over, whose ingest does not report.
SELECT s.`key` FROM job j JOIN live_session s ON s.job_id = j.id
WHERE j.state IN ('leased', 'running') AND j.lane = 'live' AND s.stopped_at IS NOT NULL
  AND j.lease_expires < UTC_TIMESTAMP(3) - INTERVAL ? * 1000 MICROSECOND;

-- name: live_sweep_silent
-- Recordings of streams that are over, of which their ingest has said nothing for a while: those that it never asked an upload for
-- are given up.
UPDATE live_recording r JOIN live_session s ON s.id = r.session_id
SET r.given_up_at = UTC_TIMESTAMP(3)
WHERE r.complete_at IS NULL AND r.given_up_at IS NULL AND r.upload_id IS NULL
  AND s.stopped_at < UTC_TIMESTAMP(3) - INTERVAL ? * 1000 MICROSECOND;

-- name: live_sweep_burned
-- The store takes what it has of a recording whose ingest is gone.
UPDATE live_recording r JOIN live_session s ON s.id = r.session_id JOIN node n ON n.id = r.node_id
SET r.sealed_at = UTC_TIMESTAMP(3)
WHERE r.complete_at IS NULL AND r.given_up_at IS NULL AND r.sealed_at IS NULL AND r.upload_id IS NOT NULL
  AND s.stopped_at < UTC_TIMESTAMP(3) - INTERVAL ? * 1000 MICROSECOND
  AND (n.revoked_at IS NOT NULL OR n.seen_at < UTC_TIMESTAMP(3) - INTERVAL ? * 1000 MICROSECOND);

-- name: live_sealed
-- What a storage node shall take as it is.
SELECT u.`key` FROM live_recording r JOIN upload u ON u.id = r.upload_id
WHERE r.complete_at IS NULL AND r.given_up_at IS NULL AND r.sealed_at IS NOT NULL AND u.state = 'open' AND u.node_id = ? LIMIT ?;
