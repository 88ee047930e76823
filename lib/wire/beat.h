/* Join and heartbeat: what a node and the core say to each other, POST /api/v1/node/join and
 * POST /api/v1/node/heartbeat. Each message has its struct here and its table in beat.c, from which both
 * halves follow (lib/wire/message.h says what that means for other versions). doc/protocol.md describes
 * them, and a test compares it with the tables. */
#ifndef LIB_WIRE_BEAT_H
#define LIB_WIRE_BEAT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/wire/limits.h"
#include "lib/wire/words.h"

/* --- join --- */

struct wire_host {
    int cpus;
    int64_t memory; /* bytes */
};
/* A machine asks to become a node. */
struct wire_hello {
    const char *token; /* the organisation token */
    const char *name;  /* what maintainers see */
    unsigned roles;
    const char *version;
    const char *url; /* of a storage node: the address that browsers and workers use, "" for others */
    struct wire_host host;
};
json_t *wire_hello_write(struct cx *cx, const struct wire_hello *h);
WARN_UNUSED enum rc wire_hello_read(struct cx *cx, const json_t *o, struct wire_hello *out);

struct wire_welcome {
    int64_t node;
    const char *token; /* the node token: the bearer of every heartbeat */
};
json_t *wire_welcome_write(struct cx *cx, const struct wire_welcome *w);
WARN_UNUSED enum rc wire_welcome_read(struct cx *cx, const json_t *o, struct wire_welcome *out);

/* --- heartbeat: what the node says --- */

struct wire_load {
    double cpu;                        /* 0..1 of all cores since the last one */
    int64_t memory_used, memory_total; /* bytes */
    int64_t disk_free, disk_total;     /* bytes, of the store or the scratch folder; free: what a worker can
                                          remove at once counts, too */
    int64_t uptime;                    /* seconds of the machine */
};

/* Why a job failed. */
struct wire_error {
    enum failure code; /* FAILURE_COUNT: it did not */
    const char *text;  /* one sentence */
    bool permanent;    /* trying again cannot help */
};

struct wire_report {
    int64_t job;
    int attempt;
    int64_t fence; /* as assigned: a report under an older one counts for nothing */
    enum report_state state;
    double progress;       /* 0..1 */
    double eta;            /* seconds; -1: unknown */
    double silent;         /* live: seconds since the publisher was last heard */
    bool shown;            /* live: the store has the beginning of every track, it can be watched */
    int64_t token_until;   /* the job's token holds until then, seconds since 1970; 0: it has none */
    const json_t *outputs; /* done: what the job's kind makes; or NULL */
    struct wire_error error;
    const char *log; /* the end of it */
};

/* A whole file that has arrived. */
struct wire_upload {
    const char *id;
    int64_t size;
    const char *sha256;
};

struct wire_beat {
    const char *version;
    struct wire_load load;
    int slots[LANE_COUNT]; /* free places */
    int64_t store;         /* worker: the node whose store's files it links instead of copying; 0: none */
    const struct wire_report *jobs; /* every job the node holds */
    size_t job_count;
    const struct wire_upload
        *uploads; /* complete and not yet acknowledged; some of them, if there are many */
    size_t upload_count;
};
json_t *wire_beat_write(struct cx *cx, const struct wire_beat *b);
WARN_UNUSED enum rc wire_beat_read(struct cx *cx, const json_t *o, struct wire_beat *out);

/* --- heartbeat: what the core answers --- */

/* Final reports and uploads that the core has: they need not be repeated. */
struct wire_ack {
    const int64_t *jobs;
    size_t job_count;
    const char *const *uploads;
    size_t upload_count;
};

/* A report that does not count: the attempt is no longer this node's. */
struct wire_refusal {
    int64_t job;
    int attempt;
};

/* A job's new token, in place of the one it came with. */
struct wire_renewal {
    int64_t job;
    int attempt;
    const char *token;
    int64_t token_until;
};

/* A file that a job reads. */
struct wire_input {
    const char *url, *token;
    int64_t size;
    const char *sha256;
    const char *source; /* its key: a worker beside the store finds it there */
    int64_t begins; /* WIRE_NO_PART: it is the whole source; else it is one of its parts, in order, and the
                         * publisher's stream began so many ms after that of the first part; at most
                         * WIRE_SECONDS_MAX */
    bool goes_on;   /* … its stream is that of the part before */
};
#define WIRE_NO_PART (-1)

/* Where a job's results go: the name of a file follows the address. */
struct wire_put {
    const char *url, *token;
};

/* A job for this node. */
struct wire_assign {
    int64_t job;
    int attempt;
    int64_t fence;
    enum job_kind kind; /* JOB_KIND_COUNT: none, or one that this program does not know */
    enum job_lane lane; /* LANE_COUNT: the same */
    const char *lecture;
    enum view_kind view; /* VIEW_KIND_COUNT: none, or one that this program does not know */
    int64_t token_until; /* 0: it comes without a token */
    const struct wire_input *inputs;
    size_t input_count;
    struct wire_put put;
    const json_t *params; /* of its kind; or NULL */
};
json_t *wire_assign_write(struct cx *cx, const struct wire_assign *a);
WARN_UNUSED enum rc wire_assign_read(struct cx *cx, const json_t *o, struct wire_assign *out);

#define WIRE_EVERY_LEAST 0.2
#define WIRE_EVERY_MOST  60.0
#define WIRE_EVERY       2.0 /* where nothing is said */

struct wire_answer {
    double every; /* seconds until the next heartbeat */
    int64_t node; /* the number of this node; 0: not said, by a core of the version before */
    struct wire_ack ack;
    const struct wire_assign *assign; /* also what was assigned before and is not yet in a report */
    size_t assign_count;
    const int64_t *cancel; /* jobs to stop: nobody wants them any more */
    size_t cancel_count;
    const struct wire_refusal *refused;
    size_t refused_count;
    const struct wire_renewal *tokens;
    size_t token_count;
    const char *const *upload_drop; /* uploads to remove */
    size_t upload_drop_count;
    const char *const *upload_seal; /* uploads that will not grow any more: what has arrived is all of them */
    size_t upload_seal_count;
    const json_t *keys; /* public keys as in keys.json (lib/proto/jwt.h); NULL: those of before */
};
json_t *wire_answer_write(struct cx *cx, const struct wire_answer *a);
/* Entries of another version's lists that are not understood are left out; *odd then says why the first one
 * was, else it is NULL. */
WARN_UNUSED enum rc wire_answer_read(struct cx *cx, const json_t *o, struct wire_answer *out,
                                     const char **odd);

#endif
