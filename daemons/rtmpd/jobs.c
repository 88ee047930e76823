#include "daemons/rtmpd/jobs.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/os/daemon.h"

enum {
    MEET_MS =
        60000, /* a ticket is good for so long: then a job's stream does not come any more, or a stream's job */
    BEAT_MS = 1000
};

struct job {
    int64_t job, attempt;
    bool assigned;  /* the node reports it */
    bool streams;   /* there is a stream */
    bool over;      /* there was one */
    bool cancelled; /* nobody wants the stream any more */
    int64_t since;  /* clock_mono: of the assignment, or of the stream's end */
    enum failure why;
    int64_t bytes, tags; /* of a stream that has ended */
    char *url, *token;   /* for what viewers see; NULL: none yet */
};

struct jobs {
    int places;
    const char *dir;
    int64_t least; /* bytes */
    struct node *node;
    _Atomic int64_t number;
    atomic_int room;      /* places by the processors */
    pthread_mutex_t lock; /* what follows */
    struct job jobs[WIRE_JOBS_MAX];
    int count;
};

/* with NULL: there is no text any more. */
static void replace(char **text, const char *with)
{
    if (*text && with && strcmp(*text, with) == 0)
        return;
    if (*text)
        mem_wipe(*text, strlen(*text));
    free(*text);
    *text = with ? mem_strdup(with) : NULL;
}

static void forget_place(struct job *job)
{
    replace(&job->url, NULL);
    replace(&job->token, NULL);
}

struct jobs *jobs_new(int places, const char *dir, int64_t least)
{
    struct jobs *j = mem_alloc(sizeof *j);
    j->places = places;
    j->dir = dir;
    j->least = least;
    j->room = WIRE_JOBS_MAX;
    pthread_mutex_init(&j->lock, NULL);
    return j;
}

void jobs_free(struct jobs *j)
{
    if (!j)
        return;
    while (j->count > 0)
        forget_place(&j->jobs[--j->count]);
    pthread_mutex_destroy(&j->lock);
    free(j);
}

void jobs_bind(struct jobs *j, struct node *node)
{
    j->node = node;
}

int64_t jobs_node(const struct jobs *j)
{
    return j->number;
}

/* --- the table; with the lock held --- */

static struct job *find(struct jobs *j, int64_t job, int64_t attempt)
{
    for (int i = 0; i < j->count; i++)
        if (j->jobs[i].job == job && j->jobs[i].attempt == attempt)
            return &j->jobs[i];
    return NULL;
}

/* NULL: the table is full. */
static struct job *add(struct jobs *j, int64_t job, int64_t attempt)
{
    if (j->count == WIRE_JOBS_MAX)
        return NULL;
    if (j->count == 0)
        node_hurry(j->node, BEAT_MS);
    struct job *new = &j->jobs[j->count++];
    *new = (struct job){.job = job, .attempt = attempt, .since = clock_mono(), .why = FAILURE_COUNT};
    return new;
}

static void drop(struct jobs *j, struct job *job)
{
    forget_place(job);
    *job = j->jobs[--j->count];
    if (j->count == 0)
        node_hurry(j->node, 0);
}

/* The stream has ended and the node has the job: the last report. */
static void report(struct jobs *j, struct job *job)
{
    if (job->why == FAILURE_COUNT) {
        json_t *outputs =
            json_pack("{s:I,s:I}", "bytes", (json_int_t)job->bytes, "tags", (json_int_t)job->tags);
        node_job_done(j->node, job->job, job->attempt, outputs, STR(""));
        json_decref(outputs);
    } else {
        node_job_fail(j->node, job->job, job->attempt, job->why, "The stream could not be recorded.", false,
                      STR(""));
    }
    drop(j, job);
}

/* --- the node's hooks --- */

static void take_place(struct job *job, const struct wire_assign *a)
{
    job->assigned = true;
    if (!a->put.url || !*a->put.url || !a->put.token || !*a->put.token)
        return;
    replace(&job->url, a->put.url);
    replace(&job->token, a->put.token);
}

static void on_assign(void *arg, const struct wire_assign *a)
{
    struct jobs *j = arg;
    const char *refused = NULL;
    pthread_mutex_lock(&j->lock);
    struct job *job = find(j, a->job, a->attempt);
    if (a->kind != JOB_LIVE || j->places == 0)
        refused = "This machine takes live streams only.";
    else if (!job && !(job = add(j, a->job, a->attempt)))
        refused = "This machine has no free place.";
    else
        take_place(job, a);
    if (!refused && job->over)
        report(j, job); /* it was over before the core's answer came */
    pthread_mutex_unlock(&j->lock);
    if (refused)
        node_job_fail(j->node, a->job, a->attempt, FAIL_INTERNAL, refused, false, STR(""));
}

static void on_token(void *arg, int64_t number, int64_t attempt, const char *token)
{
    struct jobs *j = arg;
    pthread_mutex_lock(&j->lock);
    struct job *job = find(j, number, attempt);
    if (job && job->token)
        replace(&job->token, token);
    pthread_mutex_unlock(&j->lock);
}

static void on_cancel(void *arg, int64_t number, int64_t attempt)
{
    struct jobs *j = arg;
    pthread_mutex_lock(&j->lock);
    struct job *job = find(j, number, attempt);
    if (job && job->streams)
        job->cancelled = true; /* the loop ends the stream */
    else if (job)
        drop(j, job);
    pthread_mutex_unlock(&j->lock);
}

static bool has_room(const struct jobs *j)
{
    struct statvfs fs;
    return statvfs(j->dir, &fs) == 0 && (int64_t)fs.f_bavail * (int64_t)fs.f_frsize >= j->least;
}

static void on_slots(void *arg, int free_slots[LANE_COUNT])
{
    struct jobs *j = arg;
    bool room = has_room(j); /* a disk may be slow, and the event loop takes the lock, too */
    pthread_mutex_lock(&j->lock);
    if (!daemon_stopping() && room && j->count < j->places)
        free_slots[LANE_LIVE] = j->places - j->count < j->room ? j->places - j->count : j->room;
    pthread_mutex_unlock(&j->lock);
}

static void on_answer(void *arg, struct cx *cx, const struct wire_answer *a)
{
    struct jobs *j = arg;
    (void)cx;
    if (a->node > 0)
        j->number = a->node;
}

struct node_hooks jobs_hooks(struct jobs *j)
{
    return (struct node_hooks){.arg = j,
                               .assign = on_assign,
                               .cancel = on_cancel,
                               .token = on_token,
                               .slots = on_slots,
                               .answer = on_answer};
}

/* --- what viewers see --- */

bool jobs_put(struct jobs *j, int64_t number, int64_t attempt, char **url, char **token)
{
    pthread_mutex_lock(&j->lock);
    const struct job *job = find(j, number, attempt);
    bool there = job && job->url;
    if (there) {
        replace(url, job->url);
        replace(token, job->token);
    }
    pthread_mutex_unlock(&j->lock);
    return there;
}

bool jobs_has_no_place(struct jobs *j, int64_t number, int64_t attempt)
{
    pthread_mutex_lock(&j->lock);
    const struct job *job = find(j, number, attempt);
    bool none = job && job->assigned && !job->url;
    pthread_mutex_unlock(&j->lock);
    return none;
}

void jobs_shown(struct jobs *j, int64_t number, int64_t attempt)
{
    node_job_shown(j->node, number, attempt);
}

void jobs_room(struct jobs *j, int places)
{
    j->room = places;
}

/* --- streams --- */

bool jobs_begin(struct jobs *j, int64_t number, int64_t attempt)
{
    pthread_mutex_lock(&j->lock);
    struct job *job = find(j, number, attempt);
    if (!job)
        job = add(j, number, attempt);
    if (job)
        job->streams = true;
    pthread_mutex_unlock(&j->lock);
    return job != NULL;
}

bool jobs_wanted(struct jobs *j, int64_t number, int64_t attempt)
{
    pthread_mutex_lock(&j->lock);
    const struct job *job = find(j, number, attempt);
    bool wanted = job && !job->cancelled;
    pthread_mutex_unlock(&j->lock);
    return wanted;
}

void jobs_silent(struct jobs *j, int64_t number, int64_t attempt, int64_t ms)
{
    node_job_silent(j->node, number, attempt, (double)ms / 1000);
}

void jobs_end(struct jobs *j, int64_t number, int64_t attempt, enum failure why, int64_t bytes, int64_t tags)
{
    pthread_mutex_lock(&j->lock);
    struct job *job = find(j, number, attempt);
    if (job) {
        job->streams = false;
        job->over = true;
        job->since = clock_mono();
        job->why = why;
        job->bytes = bytes;
        job->tags = tags;
        if (job->cancelled)
            drop(j, job);
        else if (job->assigned)
            report(j, job);
    }
    pthread_mutex_unlock(&j->lock);
}

void jobs_tick(struct jobs *j, int64_t now)
{
    pthread_mutex_lock(&j->lock);
    for (int i = j->count - 1; i >= 0; i--) { /* one that is dropped gives its place to the last */
        struct job *job = &j->jobs[i];
        if (!job->streams)
            jobs_silent(j, job->job, job->attempt, now - job->since);
        if (job->streams || now - job->since < MEET_MS)
            continue;
        LOG(WARN, NULL, job->assigned ? "no entry brought the stream of a job" : "no job came for a stream",
            F_NUM("job", job->job), F_NUM("attempt", job->attempt));
        if (job->assigned)
            node_job_fail(j->node, job->job, job->attempt, FAIL_INTERNAL,
                          "No entry brought the stream within a minute.", false, STR(""));
        drop(j, job);
    }
    pthread_mutex_unlock(&j->lock);
}
