-- The scheduler: leadership and the nodes it may choose from.

-- name: leader_hold
UPDATE leader SET holder = ?, expires = UTC_TIMESTAMP(3) + INTERVAL ? * 1000 MICROSECOND
WHERE role = ? AND (holder = ? OR expires < UTC_TIMESTAMP(3));

-- name: leader_release
UPDATE leader SET expires = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE role = ? AND holder = ?;

-- name: leader_lock
SELECT holder FROM leader WHERE role = ? FOR UPDATE;

-- name: dispatch_nodes
SELECT n.id, n.roles, o.path, n.sharing, n.disk_free, n.cpu,
       n.free_quick - (SELECT COUNT(*) FROM job j WHERE j.node_id = n.id AND j.state = 'leased' AND j.lane = 'quick'),
       n.free_encode - (SELECT COUNT(*) FROM job j WHERE j.node_id = n.id AND j.state = 'leased' AND j.lane = 'encode'),
       n.free_store - (SELECT COUNT(*) FROM job j WHERE j.node_id = n.id AND j.state = 'leased' AND j.lane = 'store')
FROM node n JOIN organisation o ON o.id = n.organisation_id
WHERE n.revoked_at IS NULL AND n.seen_at > UTC_TIMESTAMP(3) - INTERVAL 10 SECOND;

-- name: dispatch_homeless
SELECT COUNT(*), COALESCE(MAX(q.need), 0), COALESCE(MAX(r.room), 0)
FROM (SELECT ? + IF(j.kind = 'probe', 1, 2) * s.size AS need
      FROM job j JOIN source s ON s.id = j.source_id WHERE j.state = 'queued' AND j.lane <> 'store') q
JOIN (SELECT COALESCE(MAX(n.disk_free), 0) AS room FROM node n
      WHERE n.revoked_at IS NULL AND n.seen_at > UTC_TIMESTAMP(3) - INTERVAL 10 SECOND AND (n.roles & ?) <> 0) r
  ON q.need > r.room;

-- name: dispatch_lecture
SELECT o.path FROM lecture l JOIN course c ON c.id = l.course_id JOIN organisation o ON o.id = c.organisation_id
WHERE l.id = ?;
