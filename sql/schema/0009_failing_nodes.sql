-- phase: expand
-- Who is to blame for a failure, the recording or the node. job.blamed_by is the node that said last that the recording fails
-- everywhere, while another node is asked. node_failure holds what a node failed in since it last did a step of that kind:
-- from three different lectures on it gets one job at a time. What a program of the version before takes is not counted.

ALTER TABLE job ADD COLUMN IF NOT EXISTS blamed_by BIGINT NULL
  COMMENT 'node that says the recording fails everywhere; a second one is asked';

CREATE TABLE IF NOT EXISTS node_failure (
  node_id     BIGINT NOT NULL,
  job_id      BIGINT NOT NULL,
  lecture_id  BIGINT NOT NULL,
  kind        ENUM('probe','quick','full','commit','delete') NOT NULL,
  error_code  VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  failed_at   DATETIME(3) NOT NULL,
  PRIMARY KEY (node_id, job_id),
  KEY node_failure_job (job_id),
  CONSTRAINT node_failure_node FOREIGN KEY (node_id) REFERENCES node (id) ON DELETE CASCADE,
  CONSTRAINT node_failure_job FOREIGN KEY (job_id) REFERENCES job (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;
