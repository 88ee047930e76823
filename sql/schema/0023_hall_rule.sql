-- phase: expand
-- Since when a hall is booked as it is: whoever restores a lecture takes again what it had, unless the rule has changed since.

ALTER TABLE hall ADD COLUMN IF NOT EXISTS rule_at DATETIME(3) NULL COMMENT 'the last change of booking; NULL: none';
