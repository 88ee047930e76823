-- The audit.

-- name: audit_insert
INSERT INTO audit (at, actor_id, actor, action, object_kind, object_id, detail, request)
VALUES (?, NULLIF(?, 0), ?, ?, ?, NULLIF(?, 0), ?, ?)

-- name: audit_list
SELECT at, actor, action, object_kind, object_id, detail FROM audit ORDER BY id DESC LIMIT ?

-- name: audit_list_object
SELECT at, actor, action, object_kind, object_id, detail FROM audit
WHERE object_kind = ? AND object_id = ? ORDER BY at DESC, id DESC LIMIT ?
