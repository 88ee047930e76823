-- name: progress_save
-- `watched` is never reset: a person who looks something up again has still watched it.
INSERT INTO progress (user_id, lecture_id, position_ms, watched, updated_at) VALUES (?, ?, ?, ?, ?)
ON DUPLICATE KEY UPDATE position_ms = VALUES(position_ms), watched = watched OR VALUES(watched),
  updated_at = VALUES(updated_at)
