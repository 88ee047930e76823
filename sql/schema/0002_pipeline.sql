-- phase: expand
-- From an upload to a lecture that can be watched: nodes, uploads, sources, tasks, jobs and what they made.
-- The lecture's own columns media_state, media_reason, generation, duration_ms, poster_view and node_id are written by
-- the pipeline alone. Times are UTC and, where leases depend on them, the database's.

CREATE TABLE IF NOT EXISTS node (
  id               BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  organisation_id  BIGINT NOT NULL,
  name             VARCHAR(100) NOT NULL,
  roles            INT NOT NULL COMMENT 'bits: 1 worker, 2 storage, 4 edge, 8 ingest',
  sharing          ENUM('private','shared','public') NOT NULL DEFAULT 'private',
  url              VARCHAR(255) NOT NULL DEFAULT '' COMMENT 'storage: address as others reach it',
  version          VARCHAR(40) NOT NULL DEFAULT '',
  token            CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'SHA-256 of the node token',
  cpus             INT NOT NULL DEFAULT 0,
  created_at       DATETIME(3) NOT NULL,
  seen_at          DATETIME(3) NULL,
  revoked_at       DATETIME(3) NULL,
  cpu              DOUBLE NOT NULL DEFAULT 0 COMMENT '0..1 of all cores',
  memory_used      BIGINT NOT NULL DEFAULT 0,
  memory_total     BIGINT NOT NULL DEFAULT 0,
  disk_free        BIGINT NOT NULL DEFAULT 0,
  disk_total       BIGINT NOT NULL DEFAULT 0,
  uptime           BIGINT NOT NULL DEFAULT 0,
  free_quick       INT NOT NULL DEFAULT 0 COMMENT 'slots, as the last heartbeat said',
  free_encode      INT NOT NULL DEFAULT 0,
  free_store       INT NOT NULL DEFAULT 0,
  UNIQUE KEY node_token (token),
  KEY node_organisation (organisation_id),
  CONSTRAINT node_organisation FOREIGN KEY (organisation_id) REFERENCES organisation (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

-- Organisation tokens by their id; the token itself is kept nowhere.
CREATE TABLE IF NOT EXISTS org_token (
  jti              CHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  organisation_id  BIGINT NOT NULL,
  roles            INT NOT NULL,
  uses_left        INT NOT NULL,
  created_by       BIGINT NULL,
  created_at       DATETIME(3) NOT NULL,
  expires_at       DATETIME(3) NOT NULL,
  revoked_at       DATETIME(3) NULL,
  CONSTRAINT org_token_organisation FOREIGN KEY (organisation_id) REFERENCES organisation (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

CREATE TABLE IF NOT EXISTS upload (
  id          BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  `key`       CHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  lecture_id  BIGINT NOT NULL,
  node_id     BIGINT NOT NULL COMMENT 'the storage node it is sent to',
  view        ENUM('CAM','PRES','COMB') NOT NULL,
  state       ENUM('open','complete','taken','refused','expired','cancelled') NOT NULL DEFAULT 'open',
  name        VARCHAR(255) NOT NULL COMMENT 'the file as the person calls it',
  size        BIGINT NOT NULL,
  nonce       VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  sha256      CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  error_code  VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NULL,
  created_by  BIGINT NULL,
  created_at  DATETIME(3) NOT NULL,
  updated_at  DATETIME(3) NOT NULL,
  UNIQUE KEY upload_key (`key`),
  UNIQUE KEY upload_nonce (lecture_id, nonce),
  KEY upload_open (state, updated_at),
  CONSTRAINT upload_lecture FOREIGN KEY (lecture_id) REFERENCES lecture (id) ON DELETE CASCADE,
  CONSTRAINT upload_node FOREIGN KEY (node_id) REFERENCES node (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

CREATE TABLE IF NOT EXISTS source (
  id          BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  lecture_id  BIGINT NOT NULL,
  upload_id   BIGINT NOT NULL,
  node_id     BIGINT NOT NULL COMMENT 'the storage node that keeps the original',
  view        ENUM('CAM','PRES','COMB') NOT NULL,
  name        VARCHAR(255) NOT NULL,
  size        BIGINT NOT NULL,
  sha256      CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  duration    DOUBLE NOT NULL DEFAULT 0 COMMENT 'seconds, from the probe',
  probe       MEDIUMTEXT NULL COMMENT 'JSON',
  plan        MEDIUMTEXT NULL COMMENT 'JSON',
  created_at  DATETIME(3) NOT NULL,
  UNIQUE KEY source_upload (upload_id),
  KEY source_lecture (lecture_id, view, id),
  CONSTRAINT source_lecture FOREIGN KEY (lecture_id) REFERENCES lecture (id) ON DELETE CASCADE,
  CONSTRAINT source_upload FOREIGN KEY (upload_id) REFERENCES upload (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

-- What can be watched now: one row per view of the current generation. (VIEW is a word of SQL, hence the name.)
CREATE TABLE IF NOT EXISTS lecture_view (
  lecture_id  BIGINT NOT NULL,
  kind        ENUM('CAM','PRES','COMB') NOT NULL,
  source_id   BIGINT NOT NULL,
  quality     ENUM('quick','full') NOT NULL,
  generation  INT NOT NULL COMMENT 'the one that brought it',
  duration    DOUBLE NOT NULL COMMENT 'seconds',
  audio       MEDIUMTEXT NULL COMMENT 'JSON; NULL: no sound',
  loudness    TEXT NULL COMMENT 'JSON; NULL: not measured',
  sprite      TEXT NULL COMMENT 'JSON; NULL: no thumbnails',
  PRIMARY KEY (lecture_id, kind),
  CONSTRAINT lecture_view_lecture FOREIGN KEY (lecture_id) REFERENCES lecture (id) ON DELETE CASCADE,
  CONSTRAINT lecture_view_source FOREIGN KEY (source_id) REFERENCES source (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

CREATE TABLE IF NOT EXISTS rendition (
  lecture_id  BIGINT NOT NULL,
  kind        ENUM('CAM','PRES','COMB') NOT NULL,
  name        VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  width       INT NOT NULL,
  height      INT NOT NULL,
  bitrate     BIGINT NOT NULL COMMENT 'bit/s',
  frames      BIGINT NOT NULL,
  duration    DOUBLE NOT NULL,
  copied      BOOLEAN NOT NULL,
  PRIMARY KEY (lecture_id, kind, name),
  CONSTRAINT rendition_view FOREIGN KEY (lecture_id, kind) REFERENCES lecture_view (lecture_id, kind) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

CREATE TABLE IF NOT EXISTS silence (
  lecture_id  BIGINT NOT NULL,
  kind        ENUM('CAM','PRES','COMB') NOT NULL,
  starts      DOUBLE NOT NULL COMMENT 'seconds',
  ends        DOUBLE NOT NULL,
  PRIMARY KEY (lecture_id, kind, starts),
  CONSTRAINT silence_view FOREIGN KEY (lecture_id, kind) REFERENCES lecture_view (lecture_id, kind) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

CREATE TABLE IF NOT EXISTS chapter (
  lecture_id  BIGINT NOT NULL,
  kind        ENUM('CAM','PRES','COMB') NOT NULL,
  starts      DOUBLE NOT NULL COMMENT 'seconds',
  title       VARCHAR(200) NOT NULL DEFAULT '',
  PRIMARY KEY (lecture_id, kind, starts),
  CONSTRAINT chapter_view FOREIGN KEY (lecture_id, kind) REFERENCES lecture_view (lecture_id, kind) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

-- The manifest: every object a lecture has on its storage node. Generation 0 are the originals (path: the upload's key),
-- the others lie at media/<lecture>/g<generation>/<view>/<path>. A row goes when its object is proved to be gone.
CREATE TABLE IF NOT EXISTS artifact (
  lecture_id  BIGINT NOT NULL,
  generation  INT NOT NULL,
  view        ENUM('CAM','PRES','COMB') NOT NULL,
  path        VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  node_id     BIGINT NOT NULL,
  size        BIGINT NOT NULL,
  sha256      CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at  DATETIME(3) NOT NULL,
  PRIMARY KEY (lecture_id, generation, view, path),
  CONSTRAINT artifact_lecture FOREIGN KEY (lecture_id) REFERENCES lecture (id),
  CONSTRAINT artifact_node FOREIGN KEY (node_id) REFERENCES node (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

CREATE TABLE IF NOT EXISTS task (
  id           BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  kind         ENUM('publish','delete') NOT NULL,
  state        ENUM('open','done','failed','cancelled') NOT NULL DEFAULT 'open',
  lecture_id   BIGINT NOT NULL,
  source_id    BIGINT NULL,
  created_at   DATETIME(3) NOT NULL,
  finished_at  DATETIME(3) NULL,
  KEY task_state (state, id),
  CONSTRAINT task_lecture FOREIGN KEY (lecture_id) REFERENCES lecture (id) ON DELETE CASCADE,
  CONSTRAINT task_source FOREIGN KEY (source_id) REFERENCES source (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

CREATE TABLE IF NOT EXISTS job (
  id             BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  task_id        BIGINT NOT NULL,
  lecture_id     BIGINT NOT NULL,
  source_id      BIGINT NULL,
  kind           ENUM('probe','quick','full','commit','delete') NOT NULL,
  lane           ENUM('quick','encode','store') NOT NULL,
  view           ENUM('CAM','PRES','COMB') NULL,
  state          ENUM('waiting','queued','leased','running','done','failed','dead','cancelled') NOT NULL,
  priority       INT NOT NULL COMMENT 'higher first',
  attempt        INT NOT NULL DEFAULT 0 COMMENT 'leases so far; part of the names of outputs',
  tries          INT NOT NULL DEFAULT 0 COMMENT 'leases since it was queued by a person',
  fence          BIGINT NOT NULL DEFAULT 0,
  node_id        BIGINT NULL COMMENT 'who holds, or held, the lease',
  target_node    BIGINT NULL COMMENT 'only this one may run it',
  avoid_node     BIGINT NULL COMMENT 'others first: it failed there',
  waits_for      BIGINT NULL COMMENT 'job; gone or over: queued',
  generation     INT NULL COMMENT 'commit: the number it makes',
  progress       DOUBLE NOT NULL DEFAULT 0,
  eta            INT NOT NULL DEFAULT -1 COMMENT 'seconds, -1: not known',
  params         MEDIUMTEXT NOT NULL COMMENT 'JSON',
  result         MEDIUMTEXT NULL COMMENT 'JSON',
  error_code     VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NULL,
  error_text     VARCHAR(1000) NULL,
  not_before     DATETIME(3) NOT NULL,
  lease_expires  DATETIME(3) NULL,
  created_at     DATETIME(3) NOT NULL,
  started_at     DATETIME(3) NULL,
  finished_at    DATETIME(3) NULL,
  KEY job_queue (state, lane, priority DESC, id),
  KEY job_lease (state, lease_expires),
  KEY job_node (node_id, state),
  KEY job_lecture (lecture_id, state),
  KEY job_task (task_id),
  CONSTRAINT job_task FOREIGN KEY (task_id) REFERENCES task (id) ON DELETE CASCADE,
  CONSTRAINT job_lecture FOREIGN KEY (lecture_id) REFERENCES lecture (id) ON DELETE CASCADE,
  CONSTRAINT job_source FOREIGN KEY (source_id) REFERENCES source (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

CREATE TABLE IF NOT EXISTS job_log (
  job_id       BIGINT NOT NULL,
  attempt      INT NOT NULL,
  node_id      BIGINT NOT NULL,
  fence        BIGINT NOT NULL,
  outcome      ENUM('','done','failed','lost','cancelled') NOT NULL DEFAULT '' COMMENT 'empty while it runs',
  error_code   VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NULL,
  error_text   VARCHAR(1000) NULL,
  log          TEXT NOT NULL DEFAULT '',
  started_at   DATETIME(3) NOT NULL,
  finished_at  DATETIME(3) NULL,
  PRIMARY KEY (job_id, attempt),
  CONSTRAINT job_log_job FOREIGN KEY (job_id) REFERENCES job (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

-- Who leads: won by a conditional UPDATE, lost by not renewing.
CREATE TABLE IF NOT EXISTS leader (
  role     VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  holder   VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  expires  DATETIME(3) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

INSERT IGNORE INTO leader (role, holder, expires) VALUES ('schedd', '', '2000-01-01 00:00:00.000');
