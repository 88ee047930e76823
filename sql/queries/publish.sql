-- What the pipeline writes to a lecture.

-- name: publish_open
SELECT (SELECT COUNT(*) FROM job j WHERE j.lecture_id = l.id AND j.kind NOT IN ('delete', 'seal')
          AND j.state IN ('waiting', 'queued', 'leased', 'running', 'failed')),
       (SELECT COUNT(*) FROM upload u WHERE u.lecture_id = l.id AND u.state = 'open'),
       (SELECT COUNT(*) FROM lecture_view v WHERE v.lecture_id = l.id AND v.quality = 'quick')
FROM lecture l WHERE l.id = ?;

-- name: publish_base
-- What a commit builds on.
SELECT generation FROM lecture WHERE id = ?;

-- name: publish_shown
SELECT COUNT(*) FROM lecture_view WHERE source_id = ?;

-- name: publish_last_failure
SELECT error_code, error_text FROM job
WHERE lecture_id = ? AND state = 'dead' AND kind NOT IN ('delete', 'seal') ORDER BY finished_at DESC, id DESC LIMIT 1;

-- name: publish_view_delete
DELETE FROM lecture_view WHERE lecture_id = ? AND kind = ?;

-- name: publish_view_insert
INSERT INTO lecture_view (lecture_id, kind, source_id, quality, generation, duration, audio, loudness, sprite)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: publish_rendition_insert
INSERT INTO rendition (lecture_id, kind, name, width, height, bitrate, frames, duration, copied)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: publish_silence_insert
INSERT IGNORE INTO silence (lecture_id, kind, starts, ends) VALUES (?, ?, ?, ?);

-- name: publish_chapter_insert
INSERT IGNORE INTO chapter (lecture_id, kind, starts) VALUES (?, ?, ?);

-- name: publish_artifact_insert
INSERT INTO artifact (lecture_id, generation, view, path, node_id, size, sha256, created_at)
VALUES (?, ?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(3));

-- Generation 0 are the originals, which stay.
-- name: publish_artifact_carry
INSERT INTO artifact (lecture_id, generation, view, path, node_id, size, sha256, created_at)
SELECT lecture_id, ?, view, path, node_id, size, sha256, UTC_TIMESTAMP(3)
FROM artifact WHERE lecture_id = ? AND generation = ? AND generation > 0 AND view <> ?;

-- name: publish_poster
SELECT kind, duration FROM lecture_view WHERE lecture_id = ? ORDER BY FIELD(kind, 'COMB', 'CAM', 'PRES');
