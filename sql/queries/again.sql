-- Processing a view again.

-- name: again_find
-- Of an upload: its source, whether the original is kept, whether the view has a newer file, whether it is being
-- processed.
SELECT s.id,
       u.state IN ('complete', 'taken') AND EXISTS (SELECT 1 FROM artifact a WHERE a.lecture_id = u.lecture_id
         AND a.generation = 0 AND a.view = u.view AND a.path = u.`key`),
       EXISTS (SELECT 1 FROM upload n WHERE n.lecture_id = u.lecture_id AND n.view = u.view AND n.id > u.id
         AND n.state IN ('open', 'complete', 'taken')),
       EXISTS (SELECT 1 FROM job j WHERE j.source_id = s.id AND j.state IN ('waiting', 'queued', 'leased', 'running', 'failed'))
FROM upload u LEFT JOIN source s ON s.upload_id = u.id WHERE u.id = ?;
