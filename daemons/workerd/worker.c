#include "daemons/workerd/worker.h"

#include <ctype.h>
#include <dirent.h>
#include <pthread.h>
#include <unistd.h>

#include "daemons/workerd/work.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/os/daemon.h"
#include "lib/os/file.h"
#include "lib/os/metrics.h"

enum { MAX_SLOTS = 64, END_MS = 12000, END_STEP_MS = 50 };

struct slot {
    bool used;
    enum job_lane lane;
    struct work work;
    struct worker *worker;
};

struct worker {
    pthread_mutex_t lock;
    const struct conf *conf;
    struct node *node;
    struct sources *sources;
    struct store *store; /* NULL: this machine is no storage node, or not yet */
    bool unusable;       /* it could not be opened */
    int64_t beside;      /* the number of its node, if its files can be linked into scratch; else 0 */
    int size[LANE_COUNT];
    struct slot slots[MAX_SLOTS];
};

/* "12-3": scratch of a job. Anything else in the folder is not ours. */
static bool is_scratch(const char *name)
{
    int dashes = 0;
    for (const char *p = name; *p; p++) {
        if (*p == '-')
            dashes++;
        else if (!isdigit((unsigned char)*p))
            return false;
    }
    return dashes == 1 && name[0] != '-' && name[strlen(name) - 1] != '-';
}

static enum rc sweep(struct cx *cx, const char *dir)
{
    DIR *d = opendir(dir);
    enum rc rc = RC_OK;
    if (!d)
        return err_set(cx, RC_UNAVAIL, NULL, NULL, "%s cannot be read", dir);
    for (struct dirent *e; rc == RC_OK && (e = readdir(d)) != NULL;)
        if (is_scratch(e->d_name))
            rc = file_remove_tree(cx, arena_printf(cx->arena, "%s/%s", dir, e->d_name));
    closedir(d);
    return rc;
}

/* The store of a storage node on this machine, which may be made after the worker was started. Its files need
 * not be fetched by HTTP, which takes longer than all other steps before a copied recording is watchable. */
static void open_store(struct cx *cx, struct worker *w)
{
    const char *root = w->conf->store_root;
    if (w->store || w->unusable || access(arena_printf(cx->arena, "%s/spool", root), R_OK | W_OK | X_OK) != 0)
        return;
    if (store_open(cx, root, &w->store) != RC_OK) {
        log_err(LOG_WARN, cx, "the store beside us cannot be used");
        err_clear(cx);
        w->unusable = true;
    }
}

/* The number may come later, and another one after the store's node has joined anew. What was tried with
 * success is not tried again: mounts do not change below a program. */
static int64_t store_beside(struct cx *cx, struct worker *w)
{
    int64_t node = 0;
    open_store(cx, w);
    if (w->store && store_node_get(cx, w->store, &node) != RC_OK)
        err_clear(cx);
    if (node == w->beside)
        return node;
    w->beside = node && store_links_to(w->store, sources_dir(w->sources)) ? node : 0;
    if (w->beside)
        LOG(INFO, cx, "the files of a store on this machine are linked", F_NUM("store", w->beside));
    return w->beside;
}

enum rc worker_open(struct cx *cx, const struct conf *conf, struct worker **out)
{
    struct sources *sources = NULL;
    enum rc rc = file_mkdirs(cx, conf->scratch_dir, 0700);
    if (rc == RC_OK)
        rc = sweep(cx, conf->scratch_dir);
    if (rc == RC_OK)
        rc = sources_open(cx, arena_printf(cx->arena, "%s/sources", conf->scratch_dir), &sources);
    if (rc != RC_OK)
        return rc;
    struct worker *w = mem_alloc(sizeof *w);
    pthread_mutex_init(&w->lock, NULL);
    w->conf = conf;
    w->sources = sources;
    w->size[LANE_QUICK] = conf->worker_quick_slots;
    w->size[LANE_ENCODE] = conf->worker_encode_slots;
    *out = w;
    return RC_OK;
}

void worker_bind(struct worker *w, struct node *node)
{
    w->node = node;
}

void worker_close(struct worker *w)
{
    if (!w)
        return;
    sources_close(w->sources);
    store_close(w->store);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

static int in_use(const struct worker *w, enum job_lane lane)
{
    int n = 0;
    for (size_t i = 0; i < MAX_SLOTS; i++)
        n += w->slots[i].used && w->slots[i].lane == lane;
    return n;
}

static void *job_thread(void *arg)
{
    struct slot *s = arg;
    struct worker *w = s->worker;
    work_run(&s->work);
    json_decref(s->work.assignment);
    metric_add(METRIC_workerd_jobs_running, -1);
    pthread_mutex_lock(&w->lock);
    free(s->work.token);
    s->work.token = NULL;
    s->work.assignment = NULL;
    s->used = false;
    node_wake(w->node);             /* there is room again */
    pthread_mutex_unlock(&w->lock); /* after this the worker may not be used: it may be closing */
    return NULL;
}

/* A free place of that lane, marked as used; NULL if there is none. */
static struct slot *take_slot(struct worker *w, enum job_lane lane)
{
    struct slot *got = NULL;
    pthread_mutex_lock(&w->lock);
    bool room = lane < LANE_COUNT && in_use(w, lane) < w->size[lane];
    for (size_t i = 0; room && !got && i < MAX_SLOTS; i++)
        if (!w->slots[i].used)
            got = &w->slots[i];
    if (got)
        *got = (struct slot){.used = true, .lane = lane, .worker = w};
    pthread_mutex_unlock(&w->lock);
    return got;
}

static void give_back(struct worker *w, struct slot *s)
{
    pthread_mutex_lock(&w->lock);
    json_decref(s->work.assignment);
    s->used = false;
    pthread_mutex_unlock(&w->lock);
}

/* A copy that lives as long as the work. */
static json_t *kept(const struct wire_assign *a)
{
    struct cx cx;
    cx_init(&cx);
    json_t *copy = json_deep_copy(wire_assign_write(&cx, a));
    cx_fini(&cx);
    return copy;
}

static void on_assign(void *arg, const struct wire_assign *a)
{
    struct worker *w = arg;
    struct slot *s = take_slot(w, a->lane);
    pthread_t thread;
    if (!s) {
        node_job_fail(w->node, a->job, a->attempt, FAIL_INTERNAL,
                      "The worker has no free place for this job.", false, STR(""));
        return;
    }
    s->work.job = a->job;
    s->work.attempt = a->attempt;
    s->work.conf = w->conf;
    s->work.node = w->node;
    s->work.sources = w->sources;
    s->work.store = w->store;
    s->work.lock = &w->lock;
    s->work.assignment = kept(a);
    LOG(INFO, NULL, "job started", F_NUM("job", a->job), F_NUM("attempt", a->attempt),
        F_TEXT("lecture", a->lecture));
    metric_add(METRIC_workerd_jobs_running, 1);
    if (pthread_create(&thread, NULL, job_thread, s) == 0) {
        pthread_detach(thread);
        return;
    }
    metric_add(METRIC_workerd_jobs_running, -1);
    give_back(w, s);
    node_job_fail(w->node, a->job, a->attempt, FAIL_INTERNAL, "The worker cannot start a thread.", false,
                  STR(""));
}

static void on_cancel(void *arg, int64_t job, int64_t attempt)
{
    struct worker *w = arg;
    pthread_mutex_lock(&w->lock);
    for (size_t i = 0; i < MAX_SLOTS; i++) {
        struct slot *s = &w->slots[i];
        if (s->used && s->work.job == job && (attempt <= 0 || s->work.attempt == attempt))
            atomic_store(&s->work.stop, true);
    }
    pthread_mutex_unlock(&w->lock);
    LOG(INFO, NULL, "job cancelled", F_NUM("job", job), F_NUM("attempt", attempt));
}

static void on_token(void *arg, int64_t job, int64_t attempt, const char *token)
{
    struct worker *w = arg;
    pthread_mutex_lock(&w->lock);
    for (size_t i = 0; i < MAX_SLOTS; i++) {
        struct work *work = &w->slots[i].work;
        if (!w->slots[i].used || work->job != job || work->attempt != attempt)
            continue;
        free(work->token);
        work->token = mem_strdup(token);
    }
    pthread_mutex_unlock(&w->lock);
    LOG(INFO, NULL, "token renewed", F_NUM("job", job), F_NUM("attempt", attempt));
}

static void on_slots(void *arg, int free[LANE_COUNT])
{
    struct worker *w = arg;
    sources_sweep(w->sources);      /* called before each heartbeat, so often enough to clean up */
    bool open = !daemon_stopping(); /* else the core would give jobs to a worker that is ending */
    pthread_mutex_lock(&w->lock);
    for (int l = 0; open && l < LANE_COUNT; l++)
        free[l] = w->size[l] - in_use(w, (enum job_lane)l);
    pthread_mutex_unlock(&w->lock);
}

static void on_request(void *arg, struct cx *cx, struct wire_beat *b)
{
    struct worker *w = arg;
    b->store = store_beside(cx, w);
    b->load.disk_free += sources_idle(w->sources); /* a job that needs the room gets it */
}

struct node_hooks worker_hooks(struct worker *w)
{
    return (struct node_hooks){.arg = w,
                               .assign = on_assign,
                               .cancel = on_cancel,
                               .token = on_token,
                               .slots = on_slots,
                               .request = on_request};
}

void worker_stop(struct worker *w)
{
    int64_t until = clock_mono() + END_MS;
    for (bool any = true; any && clock_mono() < until;) {
        any = false;
        pthread_mutex_lock(&w->lock);
        for (size_t i = 0; i < MAX_SLOTS; i++) {
            any = any || w->slots[i].used;
            atomic_store(&w->slots[i].work.stop, true);
        }
        pthread_mutex_unlock(&w->lock);
        if (any)
            usleep(END_STEP_MS * 1000); /* daemon_pause does not wait any more: the program is stopping */
    }
}
