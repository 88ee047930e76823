-- What stands behind each recording that a seed has claimed: an upload, its source, a view with sound and thumbnails, two renditions.
SET @now = UTC_TIMESTAMP(3);
SET @node = (SELECT MIN(id) FROM node WHERE roles & 2);
UPDATE lecture SET node_id = @node WHERE generation = 2 AND node_id IS NULL;
INSERT INTO upload (`key`, lecture_id, node_id, view, state, name, size, nonce, created_at, updated_at)
  SELECT CONCAT('q', SUBSTRING(l.`key`, 2)), l.id, @node, 'CAM', 'taken', 'lecture.mp4', 2700000000, 'seed', @now, @now
  FROM lecture l WHERE l.generation = 2;
INSERT INTO source (lecture_id, upload_id, node_id, view, name, size, sha256, duration, created_at)
  SELECT lecture_id, id, node_id, view, name, size, REPEAT('0', 64), 5400, @now FROM upload WHERE nonce = 'seed';
INSERT INTO lecture_view (lecture_id, kind, source_id, quality, generation, duration, audio, sprite)
  SELECT lecture_id, view, id, 'full', 2, duration, '{}', '{}' FROM source WHERE sha256 = REPEAT('0', 64);
INSERT INTO rendition (lecture_id, kind, name, width, height, bitrate, frames, duration, copied)
  SELECT v.lecture_id, v.kind, CONCAT(r.h, 'p'), r.h * 16 DIV 9, r.h, r.h * 3000, 135000, v.duration, r.h = 1080
  FROM lecture_view v JOIN (SELECT 1080 AS h UNION ALL SELECT 540) r WHERE v.generation = 2;
ANALYZE TABLE upload, source, lecture_view, rendition;
