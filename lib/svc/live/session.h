/* For lib/svc/live and lib/svc/pipeline/doors: the records of sessions, and what becomes of their jobs. No check of rights; call all of
 * it inside db_tx. */
#ifndef LIB_SVC_LIVE_SESSION_H
#define LIB_SVC_LIVE_SESSION_H

#include "lib/svc/pipeline/records/job.h"

struct live_session {
    int64_t id;
    const char *key;
    int64_t lecture_id;
    enum view_kind view;
    int64_t user_id, token_id;
    int64_t entry_id;
    int64_t job_id;
    int generation;
    bool stopped;
    const char *why; /* stopped: the word of live_session.why; else NULL */
    bool silent;     /* nothing was heard of its publisher for 3 s */
    bool quiet;      /* no ingest gets anything of it any more */
};

struct live_session_new {
    int64_t lecture_id;
    enum view_kind view;
    int generation; /* that it is a part of (lib/svc/pipeline/flow/dvr.h); 0: none */
    int64_t user_id, token_id, entry_id;
    const char *from;
};
/* The session and its job, which is queued: nobody but live_session_lease gives it out. */
WARN_UNUSED enum rc live_session_add(struct cx *cx, const struct live_session_new *n,
                                     struct live_session *out);

/* Each holds the rows until the end of the transaction, after those of their lectures, which whatever ends a stream takes first; *out
 * NULL: there is none. */
WARN_UNUSED enum rc live_session_lock(struct cx *cx, const char *key, struct live_session **out);
/* Those that are not stopped: of a view (VIEW_KIND_COUNT: of all) of a lecture that the caller holds, and those of a person in all lectures
 * but this one. */
WARN_UNUSED enum rc live_session_lock_view(struct cx *cx, int64_t lecture_id, enum view_kind view,
                                           struct live_session **out, size_t *n);
WARN_UNUSED enum rc live_session_lock_elsewhere(struct cx *cx, int64_t user_id, int64_t lecture_id,
                                                struct live_session **out, size_t *n);

/* Leases the job to an ingest, if need be from the one that has it, and begins the recording. *job: as it is then. */
WARN_UNUSED enum rc live_session_lease(struct cx *cx, const struct live_session *s, int64_t node_id,
                                       struct job **job);
/* The publisher is gone (why: a word of live_session.why). The job is over as soon as its ingest has reported its end. */
WARN_UNUSED enum rc live_session_stop(struct cx *cx, struct live_session *s, const char *why);
/* The same, and the ingest is told to end the stream; the entry then asks, and is refused. */
WARN_UNUSED enum rc live_session_send_away(struct cx *cx, struct live_session *s, const char *why);

/* Of a job of kind live, for its reports (lib/svc/pipeline/doors/report.c): the stream runs; the ingest has all it will get. A job
 * whose session is not stopped stays as it is, since its entry asks for another ingest, or is gone: then the next publisher takes the
 * place at once. Else it is over. */
WARN_UNUSED enum rc live_session_heard(struct cx *cx, const struct job *j, int64_t silent_ms);
WARN_UNUSED enum rc live_session_recorded(struct cx *cx, struct job *j, int64_t bytes);

#endif
