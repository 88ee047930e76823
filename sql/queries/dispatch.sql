-- The scheduler: the nodes it may choose from.

-- name: leader_lock
SELECT holder FROM leader WHERE role = ? FOR UPDATE;

-- name: dispatch_waiting
SELECT COUNT(*) FROM (SELECT 1 FROM job WHERE state = 'queued' AND lane IN ('quick', 'encode', 'store') LIMIT 100) q;

-- name: dispatch_nodes
-- Free slots are those of the last heartbeat, less what was leased since. Last the lectures that the node failed in a row, and its
-- turn in its organisation, as in node_before.
SELECT n.id, n.roles, o.path, n.sharing, n.disk_free, n.cpu, n.free_quick - COALESCE(t.quick, 0),
       n.free_encode - COALESCE(t.encode, 0), n.free_store - COALESCE(t.store, 0), n.store_node,
       COALESCE(f.lectures, 0),
       ROW_NUMBER() OVER (PARTITION BY n.organisation_id ORDER BY n.free_quick DESC, n.id), n.rests
FROM node n JOIN organisation o ON o.id = n.organisation_id
LEFT JOIN (SELECT j.node_id, SUM(j.lane = 'quick') AS quick, SUM(j.lane = 'encode') AS encode, SUM(j.lane = 'store') AS store
           FROM job j WHERE j.state = 'leased' GROUP BY j.node_id) t ON t.node_id = n.id
LEFT JOIN (SELECT node_id, COUNT(DISTINCT lecture_id) AS lectures FROM node_failure GROUP BY node_id) f ON f.node_id = n.id
WHERE n.revoked_at IS NULL AND ${node_alive};

-- name: dispatch_busy
SELECT j.node_id, SUM(j.lane = 'quick'), SUM(j.lane = 'encode'), SUM(j.lane = 'store')
FROM job j WHERE j.state IN ('leased', 'running') GROUP BY j.node_id;

-- name: dispatch_verdict
-- What a report that blames the recording is judged by: where the job may run, whether the node that reports is not revoked, how
-- many lectures it failed in a row, who said the same before (unless revoked), and where the source lies.
SELECT o.path, s.size, n.id IS NOT NULL,
       (SELECT COUNT(DISTINCT f.lecture_id) FROM node_failure f WHERE f.node_id = j.node_id), b.id, s.node_id, s.parts
FROM job j JOIN lecture l ON l.id = j.lecture_id JOIN course c ON c.id = l.course_id
     JOIN organisation o ON o.id = c.organisation_id LEFT JOIN source s ON s.id = j.source_id
     LEFT JOIN node n ON n.id = j.node_id AND n.revoked_at IS NULL
     LEFT JOIN node b ON b.id = j.blamed_by AND b.revoked_at IS NULL
WHERE j.id = ?;

-- name: dispatch_share_next
-- The next share of a lane that has something in the queue: of an organisation, of a node, or 0. One look into the index: all
-- at once would read every queued job, or look for each organisation whether it has any.
SELECT q.share, COALESCE(o.path, ''),
       q.share >= 0 OR EXISTS (SELECT 1 FROM node n WHERE n.id = -q.share AND n.revoked_at IS NULL
                                                      AND ${node_alive})
FROM (SELECT j.share FROM job j FORCE INDEX (job_share)
      WHERE j.state = 'queued' AND j.lane = ? AND j.share > ? ORDER BY j.share LIMIT 1) q
LEFT JOIN organisation o ON o.id = q.share;

-- name: dispatch_homeless
-- A job fits nowhere if its source and results do not fit where most is free (r), nor its results alone on a worker that links
-- the source (b).
SELECT COUNT(*), COALESCE(MAX(q.made + q.source), 0),
       COALESCE(MAX(LEAST(q.made + q.source - r.room, COALESCE(q.made - b.room, q.made + q.source - r.room))), 0)
FROM (SELECT ? + IF(j.kind = 'probe', 0, s.size) + IF(s.parts > 0, s.size, 0) AS made, s.size AS source, s.node_id AS store
      FROM job j JOIN source s ON s.id = j.source_id WHERE j.state = 'queued' AND j.lane <> 'store') q
JOIN (SELECT COALESCE(MAX(n.disk_free), 0) AS room FROM node n
      WHERE n.revoked_at IS NULL AND ${node_alive} AND (n.roles & ?) <> 0) r
  ON q.made + q.source > r.room
LEFT JOIN (SELECT n.store_node AS store, MAX(n.disk_free) AS room FROM node n
           WHERE n.revoked_at IS NULL AND ${node_alive} AND (n.roles & ?) <> 0
             AND n.store_node <> 0
           GROUP BY n.store_node) b
  ON b.store = q.store
WHERE b.room IS NULL OR q.made > b.room;
