-- What can be watched of live streams. Times are the database's.

-- name: dvr_number
-- The generation of the stream that is open (0: none), and the next one. A commit may have been given a number that it has not made
-- yet, or given up with half of it on the disk.
SELECT IFNULL(IF(v.ended_at IS NULL, v.generation, 0), 0),
       1 + GREATEST(l.generation, IFNULL(v.generation, 0),
                    IFNULL((SELECT MAX(j.generation) FROM job j WHERE j.lecture_id = l.id AND j.kind = 'commit'), 0))
FROM lecture l LEFT JOIN live v ON v.lecture_id = l.id WHERE l.id = ?;

-- name: dvr_next_commit
-- The next number of a commit. The row of the lecture is locked by the caller.
SELECT 1 + GREATEST(l.generation, IFNULL(v.generation, 0)) FROM lecture l LEFT JOIN live v ON v.lecture_id = l.id WHERE l.id = ?;

-- name: dvr_insert
INSERT INTO live_dvr (lecture_id, generation, node_id, began_at) VALUES (?, ?, ?, UTC_TIMESTAMP(3));

-- name: dvr_store
SELECT n.url FROM live_dvr d JOIN node n ON n.id = d.node_id WHERE d.lecture_id = ? AND d.generation = ?;

-- name: dvr_view_insert
INSERT INTO live_dvr_view (lecture_id, generation, view) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE view = VALUES(view);

-- name: dvr_artifact_insert
INSERT INTO artifact (lecture_id, generation, view, path, node_id, size, sha256, created_at)
VALUES (?, ?, ?, '', ?, 0, '', UTC_TIMESTAMP(3)) ON DUPLICATE KEY UPDATE path = VALUES(path);

-- name: dvr_view_shown
UPDATE live_dvr_view SET shown_at = UTC_TIMESTAMP(3) WHERE lecture_id = ? AND generation = ? AND view = ? AND shown_at IS NULL;

-- name: dvr_shown
UPDATE live SET shown_at = UTC_TIMESTAMP(3) WHERE lecture_id = ? AND generation = ? AND shown_at IS NULL;

-- name: dvr_open
SELECT generation, node_id FROM live_dvr WHERE lecture_id = ? AND ended_at IS NULL;

-- name: dvr_end
UPDATE live_dvr SET ended_at = UTC_TIMESTAMP(3) WHERE lecture_id = ? AND generation = ?;

-- name: dvr_seal
UPDATE live_dvr SET sealed_at = IFNULL(sealed_at, UTC_TIMESTAMP(3)) WHERE lecture_id = ? AND generation = ?;

-- name: dvr_view_seal
UPDATE live_dvr_view SET seconds = ?, audio = ?, tracks = ? WHERE lecture_id = ? AND generation = ? AND view = ?;

-- name: dvr_artifact_seal
UPDATE artifact SET size = ? WHERE lecture_id = ? AND generation = ? AND view = ? AND path = '';

-- name: dvr_needless
-- Those of streams that are over, each view of which is there as a newer generation whose source is younger than the end of the
-- stream: an older source lacks what was streamed after it, whatever the number of its generation. One that nobody ever saw is
-- needless when the seal has found nothing. all: needed or not.
SELECT d.generation, d.node_id FROM live_dvr d
WHERE d.lecture_id = ? AND d.ended_at IS NOT NULL AND d.dropped_at IS NULL
  AND (? OR ((d.sealed_at IS NOT NULL OR EXISTS (SELECT 1 FROM live_dvr_view x WHERE x.lecture_id = d.lecture_id
                                                   AND x.generation = d.generation AND x.shown_at IS NOT NULL))
             AND NOT EXISTS (SELECT 1 FROM live_dvr_view w
                             LEFT JOIN lecture_view v ON v.lecture_id = w.lecture_id AND v.kind = w.view AND v.generation > w.generation
                             LEFT JOIN source s ON s.id = v.source_id AND s.created_at >= d.ended_at
                             WHERE w.lecture_id = d.lecture_id AND w.generation = d.generation AND s.id IS NULL
                               AND (w.seconds IS NOT NULL OR (d.sealed_at IS NULL AND w.shown_at IS NOT NULL)))));

-- name: dvr_drop
UPDATE live_dvr SET dropped_at = UTC_TIMESTAMP(3) WHERE lecture_id = ? AND generation = ?;
