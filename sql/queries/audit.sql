-- The audit.

-- name: audit_insert
INSERT INTO audit (at, actor_id, actor, action, object_kind, object_id, detail, request)
VALUES (?, NULLIF(?, 0), ?, ?, ?, NULLIF(?, 0), ?, ?)

-- name: audit_list
SELECT at, actor, action, object_kind, object_id, detail FROM audit ORDER BY id DESC LIMIT ?

-- name: audit_list_object
SELECT at, actor, action, object_kind, object_id, detail FROM audit
WHERE object_kind = ? AND object_id = ? ORDER BY at DESC, id DESC LIMIT ?

-- name: audit_last
SELECT IFNULL(a.actor_id, 0), u.name, a.at FROM audit a LEFT JOIN user u ON u.id = a.actor_id
WHERE a.object_kind = ? AND a.object_id = ? AND FIND_IN_SET(a.action, ?) ORDER BY a.at DESC, a.id DESC LIMIT 1
