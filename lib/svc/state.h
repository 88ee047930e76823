/* State machines as data: one table each, one function that looks up the next state. The functions that write
 * a new state (upload_move, job_move, lecture_media_move …) do a conditional UPDATE from the old state, so
 * that of two writers one succeeds. Pure: no database here. */
#ifndef LIB_SVC_STATE_H
#define LIB_SVC_STATE_H

#include <stdbool.h>

#include "lib/base/str.h"
#include "lib/svc/policy.h"

/* open → complete → taken | refused ; open → expired ; any that is not final → cancelled */
enum upload_state {
    UPLOAD_OPEN,     /* waits for bytes */
    UPLOAD_COMPLETE, /* all bytes are there and hashed; being probed */
    UPLOAD_TAKEN,    /* a source that the pipeline works on */
    UPLOAD_REFUSED,  /* not a recording we can read */
    UPLOAD_EXPIRED,  /* 24 hours without a byte */
    UPLOAD_CANCELLED,
    UPLOAD_STATE_COUNT
};
enum upload_event {
    UPLOAD_ON_COMPLETE,
    UPLOAD_ON_TAKE,
    UPLOAD_ON_REFUSE,
    UPLOAD_ON_EXPIRE,
    UPLOAD_ON_CANCEL,
    UPLOAD_EVENT_COUNT
};

/* waiting → queued → leased → running → done ; leased|running → queued (lost) ; leased|running → failed →
 * queued | dead ; dead → queued (requeued by a person) ; any but done and cancelled → cancelled */
enum job_state {
    JOB_WAITING,
    JOB_QUEUED,
    JOB_LEASED,
    JOB_RUNNING,
    JOB_DONE,
    JOB_FAILED,
    JOB_DEAD,
    JOB_CANCELLED,
    JOB_STATE_COUNT
};
enum job_event {
    JOB_ON_PROMOTE, /* the job that it waited for is over */
    JOB_ON_LEASE,
    JOB_ON_START, /* first report of its node */
    JOB_ON_LOSE,  /* the lease ran out */
    JOB_ON_FINISH,
    JOB_ON_FAIL,
    JOB_ON_RETRY,
    JOB_ON_GIVE_UP,
    JOB_ON_REQUEUE,
    JOB_ON_CANCEL,
    JOB_EVENT_COUNT
};

/* none → uploading → processing → watchable → complete ; processing → failed */
enum media_state {
    MEDIA_NONE,
    MEDIA_UPLOADING,
    MEDIA_PROCESSING,
    MEDIA_WATCHABLE,
    MEDIA_COMPLETE,
    MEDIA_FAILED,
    MEDIA_STATE_COUNT
};
enum media_event {
    MEDIA_ON_UPLOAD,  /* an upload was opened */
    MEDIA_ON_ABANDON, /* the last open upload expired or was cancelled */
    MEDIA_ON_PROCESS, /* an upload is complete, a dead job was requeued, or a view is processed again */
    MEDIA_ON_COMMIT,  /* a generation was committed */
    MEDIA_ON_FINISH,  /* nothing is left to do */
    MEDIA_ON_FAIL,    /* nothing is left to do and there is nothing to watch */
    MEDIA_EVENT_COUNT
};

/* planned → live ⇄ ended ; planned → ended → planned (moved) ; planned, ended ⇄ cancelled. In the database cancelled is lecture.cancelled_at beside
 * time_state. */
enum time_state { TIME_PLANNED, TIME_LIVE, TIME_ENDED, TIME_CANCELLED, TIME_STATE_COUNT };
enum time_event {
    TIME_ON_START,   /* somebody went live */
    TIME_ON_END,     /* the live stream is over */
    TIME_ON_PASS,    /* the time of the lecture is over and nobody went live (on demand) */
    TIME_ON_MOVE,    /* it has another time, which may be over or not */
    TIME_ON_CANCEL,  /* it does not take place, or did not */
    TIME_ON_RESTORE, /* it takes place after all */
    TIME_EVENT_COUNT
};

/* draft → published ⇄ unpublished; the states are those of lib/svc/policy.h */
enum access_event { ACCESS_ON_PUBLISH, ACCESS_ON_UNPUBLISH, ACCESS_EVENT_COUNT };

/* Events that change nothing are legal and give the same state, so that repeating them is harmless. False:
 * the event is illegal in that state, and *to is unchanged. */
bool upload_next(enum upload_state from, enum upload_event event, enum upload_state *to);
bool job_next(enum job_state from, enum job_event event, enum job_state *to);
bool media_next(enum media_state from, enum media_event event, enum media_state *to);
bool time_next(enum time_state from, enum time_event event, enum time_state *to);
bool access_next(enum access from, enum access_event event, enum access *to);

/* The names in the database, the API and `--json`: lower case ("open"); lend static strings. */
const char *upload_state_name(enum upload_state s);
const char *job_state_name(enum job_state s);
const char *media_state_name(enum media_state s);
const char *time_state_name(enum time_state s);
bool upload_state_of(struct str name, enum upload_state *out);
bool job_state_of(struct str name, enum job_state *out);
bool media_state_of(struct str name, enum media_state *out);
bool time_state_of(struct str name, enum time_state *out);

#endif
