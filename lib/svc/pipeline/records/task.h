/* Tasks: what has to be done for a lecture ("publish" a source, "delete" objects, record a "live" stream); the steps are jobs. For
 * people with the right ACT_INSTALL: lists and details in words. */
#ifndef LIB_SVC_PIPELINE_RECORDS_TASK_H
#define LIB_SVC_PIPELINE_RECORDS_TASK_H

#include "lib/base/cx.h"
#include "lib/svc/pipeline/records/job.h"

enum task_kind { TASK_PUBLISH, TASK_DELETE, TASK_LIVE, TASK_KIND_COUNT };
const char *task_kind_name(enum task_kind k);

struct task {
    int64_t id;
    enum task_kind kind;
    const char *state; /* "open", "done", "failed", "cancelled" */
    int64_t lecture_id;
    const char *lecture_key, *lecture_title, *course_slug;
    const char *view; /* or "" */
    const char *file; /* the source's name, or "" */
    int64_t created, finished;
    /* the current step: the first that is not over, else the last */
    int64_t job_id;
    const char *job_kind, *job_state;
    double progress;
    int eta;
    const char *error_code, *error_text;
};

/* Newest first, at most `limit`; open_only leaves out tasks that are done or cancelled, and removals that are
 * not due yet. A fixed number of statements. */
WARN_UNUSED enum rc task_list(struct cx *cx, bool open_only, int limit, struct task **out, size_t *n);
WARN_UNUSED enum rc task_get(struct cx *cx, int64_t id, struct task **out);
/* Jobs by lane and state, for status --json and metrics. */
struct task_counts {
    int jobs[LANE_COUNT][JOB_STATE_COUNT];
};
WARN_UNUSED enum rc task_count(struct cx *cx, struct task_counts *out);

/* --- for the pipeline --- */
WARN_UNUSED enum rc task_add(struct cx *cx, enum task_kind kind, int64_t lecture_id, int64_t source_id,
                             int64_t *id);
/* Closes the task if it is open and all its jobs are over: failed if one is dead, else done (cancelled if all
 * are). */
WARN_UNUSED enum rc task_settle(struct cx *cx, int64_t task_id);

#endif
