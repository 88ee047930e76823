-- The recordings of a lecture as people see them.

-- name: publication_get
SELECT l.`key`, l.media_state, l.media_reason, l.generation, COALESCE(n.url, '')
FROM lecture l LEFT JOIN node n ON n.id = l.node_id WHERE l.id = ?;

-- name: publication_stream
-- The stream, in each row; what can be watched of it and of those before, the newest first, by view.
SELECT v.generation, v.shown_at IS NOT NULL, v.interrupted_at IS NOT NULL, v.ended_at IS NOT NULL,
       IFNULL((SELECT b.began_at FROM live_dvr b WHERE b.lecture_id = v.lecture_id AND b.generation = v.generation), v.began_at),
       v.ended_at > UTC_TIMESTAMP(3) - INTERVAL 20 MINUTE, d.generation, d.sealed_at IS NOT NULL, w.view, w.shown_at IS NOT NULL,
       w.seconds, w.audio, w.tracks
FROM live v LEFT JOIN live_dvr d ON d.lecture_id = v.lecture_id AND d.dropped_at IS NULL
     LEFT JOIN live_dvr_view w ON w.lecture_id = d.lecture_id AND w.generation = d.generation
WHERE v.lecture_id = ? ORDER BY d.generation DESC, w.view;

-- name: publication_views
SELECT v.kind, v.quality, v.duration, v.audio IS NOT NULL, v.sprite IS NOT NULL,
       EXISTS (SELECT 1 FROM artifact a WHERE a.lecture_id = v.lecture_id AND a.generation = l.generation
               AND a.view = v.kind AND a.path = 'download.mp4')
FROM lecture_view v JOIN lecture l ON l.id = v.lecture_id
WHERE v.lecture_id = ? ORDER BY v.kind;

-- name: publication_renditions
SELECT kind, name, width, height, bitrate, frames, duration, copied
FROM rendition WHERE lecture_id = ? ORDER BY kind, height DESC, name;

-- name: publication_silences
SELECT kind, starts, ends FROM silence WHERE lecture_id = ? ORDER BY kind, starts;

-- name: publication_chapters
SELECT kind, starts FROM chapter WHERE lecture_id = ? ORDER BY kind, starts;

-- name: publication_files
SELECT a.view, a.path, a.size, a.sha256
FROM artifact a JOIN lecture l ON l.id = a.lecture_id AND a.generation = l.generation
WHERE a.lecture_id = ? AND a.generation > 0 ORDER BY a.view, a.path;

-- name: publication_work
SELECT u.view, u.`key`, u.name, u.size, u.created_at, u.state, u.error_code, s.id, s.plan,
       u.state IN ('complete', 'taken') AND EXISTS (SELECT 1 FROM artifact a WHERE a.lecture_id = u.lecture_id
         AND a.generation = 0 AND a.view = u.view AND a.path = u.`key`),
       s.id IS NULL AND EXISTS (SELECT 1 FROM live_recording r WHERE r.upload_id = u.id)
FROM upload u LEFT JOIN source s ON s.upload_id = u.id
WHERE u.id IN (SELECT MAX(m.id) FROM upload m WHERE m.lecture_id = ? AND m.state <> 'cancelled' GROUP BY m.view)
ORDER BY u.view;

-- name: publication_jobs
SELECT j.source_id, j.kind, j.state, j.progress, j.eta, j.tries, j.error_code, j.error_text,
       COALESCE(j.blamed_by = j.avoid_node, 0)
FROM job j
WHERE j.lecture_id = ? AND j.source_id IS NOT NULL AND j.state <> 'cancelled'
ORDER BY j.source_id, j.id;

-- name: publication_stores
SELECT n.id, n.url FROM node n WHERE n.roles & 2 ORDER BY n.id;
