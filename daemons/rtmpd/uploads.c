#include "daemons/rtmpd/uploads.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>

#include "daemons/rtmpd/sending.h"
#include "lib/base/backoff.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/os/cond.h"
#include "lib/os/metrics.h"

enum { THREADS = 4, EVERY_MS = 2000, SLICE_MS = 500, FIRST_WAIT_MS = 500, LONGEST_WAIT_MS = 15000 };

/* One recording. */
struct growing {
    struct growing *next;
    struct sending sending; /* of the thread that has it; session and fence never change */
    int64_t size;           /* on the disk */
    bool over;              /* that is all of it */
    bool busy;              /* a thread has it */
    int64_t due;            /* clock_mono */
    int tries;              /* failures in a row */
};

struct uploads {
    struct core core;
    char *dir;
    pthread_t threads[THREADS];
    int running;
    pthread_mutex_t lock; /* what follows */
    pthread_cond_t news;
    struct growing *all;
    atomic_bool stopping;
};

/* --- the list --- */

static void growing_free(struct growing *g)
{
    metric_add(METRIC_rtmpd_ingest_waiting, -1);
    sending_fini(&g->sending);
    free(g);
}

static struct growing *add(struct uploads *u, const char *session, int64_t fence)
{
    struct growing *g = mem_alloc(sizeof *g);
    sending_init(&g->sending, session, fence);
    g->next = u->all;
    u->all = g;
    metric_add(METRIC_rtmpd_ingest_waiting, 1);
    return g;
}

void uploads_grow(void *arg, const char *session, int64_t fence, int64_t size, bool over)
{
    struct uploads *u = arg;
    pthread_mutex_lock(&u->lock);
    struct growing *g = u->all;
    while (g && (g->sending.fence != fence || strcmp(g->sending.session, session) != 0))
        g = g->next;
    if (!g)
        g = add(u, session, fence);
    g->size = size;
    if (over) {
        g->over = true;
        g->due = 0; /* somebody waits for the lecture */
        pthread_cond_signal(&u->news);
    }
    pthread_mutex_unlock(&u->lock);
}

/* --- threads --- */

/* The one that has waited longest, so that large ones, which are due again at once, leave others their turn. */
static struct growing *longest_due(const struct uploads *u, int64_t now)
{
    struct growing *found = NULL;
    for (struct growing *g = u->all; g; g = g->next)
        if (!g->busy && g->due <= now && (!found || g->due < found->due))
            found = g;
    return found;
}

/* The recording whose turn it is; NULL: the program ends. */
static struct growing *take(struct uploads *u, struct turn *t)
{
    struct growing *g = NULL;
    pthread_mutex_lock(&u->lock);
    while (!u->stopping && !(g = longest_due(u, clock_mono())))
        cond_wait_ms(&u->news, &u->lock, SLICE_MS);
    if (g) {
        g->busy = true;
        *t = (struct turn){.core = &u->core,
                           .http = t->http,
                           .stopping = &u->stopping,
                           .s = &g->sending,
                           .size = g->size,
                           .over = g->over};
    }
    pthread_mutex_unlock(&u->lock);
    return g;
}

/* rc: how the turn went. */
static void give_back(struct uploads *u, struct growing *g, const struct turn *t, enum rc rc)
{
    pthread_mutex_lock(&u->lock);
    g->busy = false;
    g->tries = rc == RC_OK ? 0 : g->tries + 1;
    int64_t wait = rc != RC_OK ? backoff_ms(g->tries, FIRST_WAIT_MS, LONGEST_WAIT_MS)
                   : t->again  ? 0
                               : EVERY_MS;
    bool ended = g->over && !t->over; /* meanwhile */
    g->due = rc == RC_OK && ended ? 0 : clock_mono() + wait;
    if (t->gone) {
        struct growing **at = &u->all;
        while (*at != g)
            at = &(*at)->next;
        *at = g->next;
    }
    pthread_mutex_unlock(&u->lock);
    if (t->gone)
        growing_free(g);
}

static void *work(void *arg)
{
    struct uploads *u = arg;
    struct turn t = {.http = http_new(u->core.ca_file)};
    struct growing *g;
    struct cx cx;
    cx_init(&cx);
    while ((g = take(u, &t))) {
        t.path = arena_printf(cx.arena, "%s/%s-%lld.flv", u->dir, t.s->session, (long long)t.s->fence);
        enum rc rc = sending_turn(&cx, &t);
        if (rc != RC_OK && g->tries == 0 && !u->stopping)
            log_err(LOG_WARN, &cx, "a recording is not sent, trying on");
        give_back(u, g, &t, rc);
        cx_reset(&cx);
    }
    cx_fini(&cx);
    http_free(t.http);
    return NULL;
}

/* --- life --- */

/* "<session>-<fence>.flv" */
static bool read_name(const char *name, char session[WIRE_KEY_LENGTH + 1], int64_t *fence)
{
    struct str rest = str_of(name), key = str_cut(&rest, '-'), number = str_cut(&rest, '.');
    if (!str_is_key(key, WIRE_KEY_LENGTH) || !str_eq(rest, "flv") || !str_to_i64(number, 0, INT64_MAX, fence))
        return false;
    memcpy(session, key.p, WIRE_KEY_LENGTH);
    session[WIRE_KEY_LENGTH] = '\0';
    return true;
}

/* Files that the program before has left. */
static enum rc find_files(struct cx *cx, struct uploads *u)
{
    char session[WIRE_KEY_LENGTH + 1];
    struct stat st;
    int64_t fence;
    DIR *d = opendir(u->dir);
    if (!d)
        return err_set(cx, RC_UNAVAIL, NULL, NULL, "cannot read %s: %s", u->dir, strerror(errno));
    for (struct dirent *e; (e = readdir(d));)
        if (read_name(e->d_name, session, &fence) &&
            fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
            uploads_grow(u, session, fence, st.st_size, true);
    closedir(d);
    return RC_OK;
}

enum rc uploads_open(struct cx *cx, const struct core *core, const char *dir, struct uploads **out)
{
    struct uploads *u = mem_alloc(sizeof *u);
    u->core = *core;
    u->dir = mem_strdup(dir);
    pthread_mutex_init(&u->lock, NULL);
    cond_init(&u->news);
    enum rc rc = find_files(cx, u);
    if (rc != RC_OK) {
        uploads_close(u);
        return rc;
    }
    for (; u->running < THREADS; u->running++)
        if (pthread_create(&u->threads[u->running], NULL, work, u) != 0)
            bug("cannot start a thread");
    *out = u;
    return RC_OK;
}

void uploads_close(struct uploads *u)
{
    if (!u)
        return;
    pthread_mutex_lock(&u->lock);
    u->stopping = true;
    pthread_cond_broadcast(&u->news);
    pthread_mutex_unlock(&u->lock);
    for (int i = 0; i < u->running; i++)
        pthread_join(u->threads[i], NULL);
    for (struct growing *g = u->all, *next; g; g = next) {
        next = g->next;
        growing_free(g);
    }
    pthread_cond_destroy(&u->news);
    pthread_mutex_destroy(&u->lock);
    free(u->dir);
    free(u);
}
