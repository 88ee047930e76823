-- phase: expand
-- People, organisations, courses, lectures. All times are UTC; all public keys are [a-z0-9].
-- Names of unique keys are part of the contract: services ask db_duplicate() for them.

CREATE TABLE IF NOT EXISTS organisation (
  id          BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  parent_id   BIGINT NULL,
  path        VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'ids from the root: /1/4/9/',
  slug        VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name        VARCHAR(200) NOT NULL,
  zone        VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'Europe/Berlin',
  created_at  DATETIME(3) NOT NULL,
  UNIQUE KEY organisation_slug (slug),
  KEY organisation_path (path),
  CONSTRAINT organisation_parent FOREIGN KEY (parent_id) REFERENCES organisation (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

CREATE TABLE IF NOT EXISTS user (
  id               BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  login            VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'lower case',
  name             VARCHAR(120) NOT NULL,
  email            VARCHAR(254) NULL,
  password         VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'argon2id, encoded; NULL: no local sign-in',
  organisation_id  BIGINT NULL,
  created_at       DATETIME(3) NOT NULL,
  disabled_at      DATETIME(3) NULL,
  UNIQUE KEY user_login (login),
  CONSTRAINT user_organisation FOREIGN KEY (organisation_id) REFERENCES organisation (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

CREATE TABLE IF NOT EXISTS identity (
  id          BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  user_id     BIGINT NOT NULL,
  provider    VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  subject     VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  created_at  DATETIME(3) NOT NULL,
  UNIQUE KEY identity_subject (provider, subject),
  CONSTRAINT identity_user FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

-- An admin's grant has no organisation; the others hold for the organisation and everything below it.
CREATE TABLE IF NOT EXISTS role_grant (
  id               BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  user_id          BIGINT NOT NULL,
  role             ENUM('admin','maintainer','lecturer') NOT NULL,
  organisation_id  BIGINT NULL,
  scope            BIGINT AS (IFNULL(organisation_id, 0)) PERSISTENT,
  created_at       DATETIME(3) NOT NULL,
  UNIQUE KEY role_grant_once (user_id, role, scope),
  CONSTRAINT role_grant_user FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE,
  CONSTRAINT role_grant_organisation FOREIGN KEY (organisation_id) REFERENCES organisation (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

CREATE TABLE IF NOT EXISTS session (
  hash        BINARY(32) NOT NULL PRIMARY KEY COMMENT 'SHA-256 of the token in the cookie',
  user_id     BIGINT NOT NULL,
  created_at  DATETIME(3) NOT NULL,
  expires_at  DATETIME(3) NOT NULL,
  agent       VARCHAR(160) NOT NULL DEFAULT '',
  KEY session_user (user_id),
  KEY session_expires (expires_at),
  CONSTRAINT session_user FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

CREATE TABLE IF NOT EXISTS preference (
  user_id  BIGINT NOT NULL,
  name     VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  value    VARCHAR(500) NOT NULL,
  PRIMARY KEY (user_id, name),
  CONSTRAINT preference_user FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

-- Who did what. Outlives the people and objects it names, so no foreign keys.
CREATE TABLE IF NOT EXISTS audit (
  id           BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  at           DATETIME(3) NOT NULL,
  actor_id     BIGINT NULL,
  actor        VARCHAR(60) NOT NULL COMMENT 'login, or the name of the program',
  action       VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  object_kind  VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  object_id    BIGINT NULL,
  detail       VARCHAR(1000) NOT NULL DEFAULT '',
  request      CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  KEY audit_at (at),
  KEY audit_actor (actor_id, at),
  KEY audit_object (object_kind, object_id, at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

CREATE TABLE IF NOT EXISTS term (
  id         BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  slug       VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT '2026w',
  year       SMALLINT NOT NULL,
  half       ENUM('s','w') NOT NULL,
  starts_at  DATETIME(3) NOT NULL,
  ends_at    DATETIME(3) NOT NULL,
  UNIQUE KEY term_slug (slug),
  KEY term_starts (starts_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

CREATE TABLE IF NOT EXISTS course (
  id               BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  `key`            CHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'the link to a hidden course',
  term_id          BIGINT NOT NULL,
  organisation_id  BIGINT NOT NULL,
  slug             VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name             VARCHAR(200) NOT NULL,
  description      TEXT NOT NULL DEFAULT '' COMMENT 'Markdown',
  visibility       ENUM('public','signedin','enrolled','hidden') NOT NULL,
  downloads        BOOLEAN NOT NULL DEFAULT FALSE,
  created_at       DATETIME(3) NOT NULL,
  updated_at       DATETIME(3) NOT NULL,
  deleted_at       DATETIME(3) NULL,
  UNIQUE KEY course_key (`key`),
  UNIQUE KEY course_slug (term_id, slug),
  KEY course_listed (term_id, deleted_at, visibility, name),
  KEY course_organisation (organisation_id),
  CONSTRAINT course_term FOREIGN KEY (term_id) REFERENCES term (id),
  CONSTRAINT course_organisation FOREIGN KEY (organisation_id) REFERENCES organisation (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

CREATE TABLE IF NOT EXISTS course_staff (
  course_id   BIGINT NOT NULL,
  user_id     BIGINT NOT NULL,
  created_at  DATETIME(3) NOT NULL,
  PRIMARY KEY (course_id, user_id),
  KEY course_staff_user (user_id),
  CONSTRAINT course_staff_course FOREIGN KEY (course_id) REFERENCES course (id) ON DELETE CASCADE,
  CONSTRAINT course_staff_user FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

CREATE TABLE IF NOT EXISTS enrolment (
  user_id     BIGINT NOT NULL,
  course_id   BIGINT NOT NULL,
  created_at  DATETIME(3) NOT NULL,
  PRIMARY KEY (user_id, course_id),
  KEY enrolment_course (course_id),
  CONSTRAINT enrolment_user FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE,
  CONSTRAINT enrolment_course FOREIGN KEY (course_id) REFERENCES course (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

-- Three independent states (lib/svc/lecture.h moves them); node_id is the storage node that keeps its files.
CREATE TABLE IF NOT EXISTS lecture (
  id            BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  `key`         CHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  course_id     BIGINT NOT NULL,
  title         VARCHAR(200) NOT NULL,
  description   TEXT NOT NULL DEFAULT '' COMMENT 'Markdown',
  starts_at     DATETIME(3) NOT NULL,
  ends_at       DATETIME(3) NULL,
  time_state    ENUM('planned','live','ended') NOT NULL,
  media_state   ENUM('none','uploading','processing','watchable','complete','failed') NOT NULL DEFAULT 'none',
  media_reason  VARCHAR(500) NOT NULL DEFAULT '',
  access        ENUM('draft','published','unpublished') NOT NULL DEFAULT 'draft',
  published_at  DATETIME(3) NULL,
  generation    INT NOT NULL DEFAULT 0 COMMENT '0: nothing to watch yet',
  duration_ms   BIGINT NOT NULL DEFAULT 0,
  poster_view   ENUM('CAM','PRES','COMB') NULL COMMENT 'the view whose poster stands for the lecture',
  node_id       BIGINT NULL,
  created_at    DATETIME(3) NOT NULL,
  updated_at    DATETIME(3) NOT NULL,
  deleted_at    DATETIME(3) NULL,
  purged_at     DATETIME(3) NULL COMMENT 'its files are gone',
  UNIQUE KEY lecture_key (`key`),
  KEY lecture_course (course_id, deleted_at, starts_at),
  KEY lecture_counts (course_id, deleted_at, access, published_at, media_state),
  KEY lecture_recent (access, deleted_at, published_at),
  KEY lecture_deleted (deleted_at, purged_at),
  CONSTRAINT lecture_course FOREIGN KEY (course_id) REFERENCES course (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;

CREATE TABLE IF NOT EXISTS progress (
  user_id      BIGINT NOT NULL,
  lecture_id   BIGINT NOT NULL,
  position_ms  BIGINT NOT NULL,
  watched      BOOLEAN NOT NULL DEFAULT FALSE,
  updated_at   DATETIME(3) NOT NULL,
  PRIMARY KEY (user_id, lecture_id),
  KEY progress_recent (user_id, watched, updated_at),
  KEY progress_lecture (lecture_id),
  CONSTRAINT progress_user FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE,
  CONSTRAINT progress_lecture FOREIGN KEY (lecture_id) REFERENCES lecture (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;
