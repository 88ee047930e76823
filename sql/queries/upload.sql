-- Uploads: the record of a file on its way to a storage node.

-- fragment: upload_cols
u.id, u.`key`, u.lecture_id, l.`key`, u.view, u.state, u.name, u.size, u.created_at, u.updated_at, n.url,
       u.error_code, u.node_id, c.organisation_id

-- fragment: upload_from
FROM upload u JOIN lecture l ON l.id = u.lecture_id JOIN course c ON c.id = l.course_id JOIN node n ON n.id = u.node_id

-- name: upload_insert
INSERT INTO upload (`key`, lecture_id, node_id, view, name, size, nonce, created_by, created_at, updated_at)
VALUES (?, ?, ?, ?, ?, ?, ?, NULLIF(?, 0), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3));

-- name: upload_get
SELECT ${upload_cols}
${upload_from}
WHERE u.`key` = ?;

-- name: upload_get_by_id
SELECT ${upload_cols}
${upload_from}
WHERE u.id = ?;

-- name: upload_get_by_nonce
SELECT ${upload_cols}
${upload_from}
WHERE u.lecture_id = ? AND u.nonce = ?;

-- name: upload_list_idle
-- Bytes may arrive until the last token expires, and the core does not see them. So an upload is idle a day after that,
-- or the owner of a slow connection would lose a file that is still arriving. A storage node that is away cannot report a
-- complete file: then it is a week. A recording of a live stream is no upload that people forget: while its publisher or its ingest
-- is there, more comes of it.
SELECT ${upload_cols}
${upload_from}
WHERE u.state = 'open' AND u.updated_at < UTC_TIMESTAMP(3) - INTERVAL 48 HOUR
  AND (n.seen_at > UTC_TIMESTAMP(3) - INTERVAL 60 SECOND OR u.updated_at < UTC_TIMESTAMP(3) - INTERVAL 7 DAY)
  AND NOT EXISTS (SELECT 1 FROM live_recording r JOIN live_session s ON s.id = r.session_id JOIN node i ON i.id = r.node_id
                  WHERE r.upload_id = u.id AND r.given_up_at IS NULL
                    AND (s.stopped_at IS NULL OR (i.revoked_at IS NULL AND i.seen_at > UTC_TIMESTAMP(3) - INTERVAL 60 SECOND)))
LIMIT 100;

-- name: upload_lock
SELECT id FROM upload WHERE `key` = ? FOR UPDATE;

-- name: upload_move
UPDATE upload SET state = ?, error_code = ?, updated_at = UTC_TIMESTAMP(3) WHERE id = ? AND state = ?;

-- name: upload_touch
UPDATE upload SET updated_at = UTC_TIMESTAMP(3) WHERE id = ? AND state = 'open';

-- name: upload_set_file
UPDATE upload SET size = ?, sha256 = ? WHERE id = ?;

-- name: upload_stores
SELECT n.id, o.path, n.sharing, n.disk_free
FROM node n JOIN organisation o ON o.id = n.organisation_id
WHERE n.revoked_at IS NULL AND n.roles & 2 AND n.seen_at > UTC_TIMESTAMP(3) - INTERVAL 60 SECOND;

-- name: upload_sources
-- Those that are the upload or have it as a part, and whether people watch it.
SELECT s.id, EXISTS (SELECT 1 FROM lecture_view v WHERE v.source_id = s.id) FROM source s
WHERE s.upload_id = ? OR s.id IN (SELECT p.source_id FROM source_part p WHERE p.upload_id = ?);
