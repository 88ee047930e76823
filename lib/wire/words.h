/* The words that the core and its nodes share, each defined once: in messages (lib/wire/message.h), tokens,
 * paths, the database and `--json`. A word that is in use never changes: programs of two versions talk to
 * each other, and rows outlive both. Described in doc/protocol.md, which a test compares with this. */
#ifndef LIB_WIRE_WORDS_H
#define LIB_WIRE_WORDS_H

#include <stdbool.h>

#include "lib/base/arena.h"
#include "lib/base/str.h"

/* --- views: the recordings of a lecture --- */

/* Camera, presentation, and both in one picture. */
enum view_kind { VIEW_CAM, VIEW_PRES, VIEW_COMB, VIEW_KIND_COUNT };
extern const char *const wire_view_names[VIEW_KIND_COUNT + 1]; /* ends with NULL */
const char *wire_view_name(enum view_kind v); /* "CAM", "PRES", "COMB": paths, tokens, forms */
bool wire_view_of(struct str word, enum view_kind *out);

/* --- jobs --- */

enum job_kind { JOB_PROBE, JOB_QUICK, JOB_FULL, JOB_COMMIT, JOB_DELETE, JOB_LIVE, JOB_SEAL, JOB_KIND_COUNT };
const char *
wire_kind_name(enum job_kind k); /* "probe", "quick", "full", "commit", "delete", "live", "seal" */
bool wire_kind_of(struct str word, enum job_kind *out);

/* Free places are counted per lane: short steps for which somebody waits, long ones, those of a storage node, live
 * streams of an ingest. The scheduler gives out the lanes before LANE_LIVE; a live job is given to an ingest in the
 * request that begins the stream. */
enum job_lane { LANE_QUICK, LANE_ENCODE, LANE_STORE, LANE_LIVE, LANE_COUNT, LANES_QUEUED = LANE_LIVE };
const char *wire_lane_name(enum job_lane l); /* "quick", "encode", "store", "live" */
bool wire_lane_of(struct str word, enum job_lane *out);

/* The state of a job in its node's report. */
enum report_state { REPORT_RUNNING, REPORT_DONE, REPORT_FAILED, REPORT_STATE_COUNT }; /* "running" … */

/* --- failures --- */

enum failure {
#define FAILURE(id, name, blame, nature, sentence) FAIL_##id,
#include "lib/wire/failures.def"
#undef FAILURE
    FAILURE_COUNT
};
struct wire_failure {
    const char *name;     /* "disk_full" */
    const char *key;      /* "media_disk_full": of its sentence for lecturers, Err.<key> in the catalogues */
    const char *sentence; /* for maintainers */
    bool machine;         /* likely due to the machine and not to the recording */
    bool permanent;       /* by its nature: the same recording fails on every machine */
};
const struct wire_failure *wire_failure(enum failure f); /* lends */
const char *wire_failure_name(enum failure f);
bool wire_failure_of(struct str word, enum failure *out);

/* --- error=<word>: what lectern-store adds to the address of the page after a form --- */

enum form_error {
    FORM_NO_FILE,
    FORM_TOO_BIG,
    FORM_BROKEN,
    FORM_LOCKED,
    FORM_DISK_FULL,
    FORM_UNAVAILABLE,
    FORM_BUSY,
    FORM_ERROR_COUNT
};
extern const char *const wire_form_errors[FORM_ERROR_COUNT + 1]; /* ends with NULL */
const char *wire_form_error_name(enum form_error e);

/* --- live streams --- */

/* Why a stream may not begin, or not go on: "token" … */
enum live_refusal {
    LIVE_REFUSED_TOKEN,   /* unknown, revoked, expired or without the scope */
    LIVE_REFUSED_LECTURE, /* none is due, or not this person's */
    LIVE_REFUSED_TAKEN,   /* somebody streams this view with this token */
    LIVE_REFUSED_INGEST,  /* no machine has a free place */
    LIVE_REFUSED_OTHER,
    LIVE_REFUSAL_COUNT
};

/* Why a stream is over, as the entry saw it. */
enum live_end {
    LIVE_END_FINISHED, /* the publisher ended it */
    LIVE_END_LOST,     /* the connection broke, or was silent */
    LIVE_END_DROPPED,  /* the publisher broke the protocol, or did not read */
    LIVE_END_INGEST,   /* no ingest took it any more */
    LIVE_END_ENTRY,    /* the entry is being stopped */
    LIVE_END_COUNT
};
const char *wire_live_end_name(enum live_end e); /* "finished" … */

/* --- roles of nodes, a bit set --- */

enum { NODE_WORKER = 1, NODE_STORAGE = 2, NODE_EDGE = 4, NODE_INGEST = 8, NODE_ENTRY = 16 };
enum { NODE_ROLES = 5 };
const char *wire_role_name(unsigned bit);                     /* of one role */
const char *wire_roles_text(struct arena *a, unsigned roles); /* "worker storage" */
bool wire_roles_of(struct str text, unsigned *out); /* "worker,storage", also with spaces; false for an
                                                     * unknown role or none */

#endif
