-- Leadership: a row for each program of which one instance works.

-- name: leader_hold
UPDATE leader SET holder = ?, expires = UTC_TIMESTAMP(3) + INTERVAL ? * 1000 MICROSECOND
WHERE role = ? AND (holder = ? OR expires < UTC_TIMESTAMP(3));

-- name: leader_release
UPDATE leader SET expires = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE role = ? AND holder = ?;
