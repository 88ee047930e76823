/* The spool: a complete upload is hashed and reported to the core until the core has acknowledged it. There
 * is no state on disk: after a restart the scan finds all uploads again, and the core recognises those that
 * it has. */
#include "daemons/noded/noded.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/os/daemon.h"
#include "lib/os/metrics.h"

enum {
    POLL_MS = 500,
    SCAN_MS = 10000,               /* between scans of the whole spool, in case a notice was lost */
    SWEEP_MS = 3600 * 1000,        /* leftovers are kept for days, so nothing is urgent */
    AGE_MS = 7 * 24 * 3600 * 1000, /* a commit that failed can be repeated for so long */
    CONTACT_MS =
        600 * 1000 /* swept only if the core has answered in this time: objects that wait for it would look
                    * abandoned */
};

/* With the lock held. The place of the upload in its bucket; *place is NULL if it is not known. */
static struct known_upload **place_of(struct noded *nd, const char *id)
{
    uint32_t h = 2166136261U; /* FNV-1a */
    for (const char *p = id; *p; p++)
        h = (h ^ (unsigned char)*p) * 16777619U;
    struct known_upload **place = &nd->uploads[h % BUCKETS];
    while (*place && strcmp((*place)->id, id) != 0)
        place = &(*place)->next;
    return place;
}

static void forget(struct known_upload **place)
{
    struct known_upload *u = *place;
    *place = u->next;
    free(u);
}

static bool stopped(void *arg)
{
    (void)arg;
    return daemon_stopping();
}

static void learn(struct cx *cx, struct noded *nd, const char *id)
{
    pthread_mutex_lock(&nd->lock);
    struct known_upload *u = *place_of(nd, id);
    if (u)
        u->there = true;
    pthread_mutex_unlock(&nd->lock);
    if (u)
        return;
    u = mem_alloc(sizeof *u);
    enum rc rc = store_source_hash(cx, nd->store, id, stopped, NULL, u->sha256, &u->size);
    if (rc != RC_OK) {
        free(u);
        if (rc != RC_TIMEOUT && rc != RC_NOTFOUND)
            log_err(LOG_WARN, cx, "upload not hashed");
        err_clear(cx);
        return;
    }
    memcpy(u->id, id, sizeof u->id);
    u->there = true;
    metric_add(METRIC_noded_hashed_bytes_total, u->size);
    LOG(INFO, cx, "upload hashed", F_TEXT("upload", id), F_NUM("bytes", u->size));
    pthread_mutex_lock(&nd->lock);
    *place_of(nd, id) = u; /* it is still unknown, since only this thread adds uploads */
    pthread_mutex_unlock(&nd->lock);
    node_wake(nd->node);
}

/* Forgets uploads that the scan has not seen, and prepares the next scan. */
static void forget_gone(struct noded *nd)
{
    pthread_mutex_lock(&nd->lock);
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct known_upload **place = &nd->uploads[i]; *place;) {
            if (!(*place)->there) {
                forget(place);
                continue;
            }
            (*place)->there = false;
            place = &(*place)->next;
        }
    pthread_mutex_unlock(&nd->lock);
}

static void scan(struct cx *cx, struct noded *nd)
{
    const char *const *ids;
    size_t n;
    if (store_upload_list(cx, nd->store, &ids, &n) != RC_OK) {
        log_err(LOG_WARN, cx, "spool not read");
        return;
    }
    for (size_t i = 0; i < n && !daemon_stopping(); i++)
        learn(cx, nd, ids[i]);
    if (!daemon_stopping())
        forget_gone(nd);
}

static void sweep(struct cx *cx, struct noded *nd)
{
    int spool = 0, trees = 0;
    pthread_mutex_lock(&nd->lock);
    bool contact = nd->answered > 0 && clock_mono() - nd->answered < CONTACT_MS && nd->queued == 0;
    pthread_mutex_unlock(&nd->lock);
    if (!contact)
        return;
    if (store_upload_sweep(cx, nd->store, clock_now(), &spool) != RC_OK ||
        store_tree_sweep(cx, nd->store, clock_now(), AGE_MS, &trees) != RC_OK)
        log_err(LOG_WARN, cx, "sweep failed");
    if (spool + trees > 0)
        LOG(INFO, cx, "swept", F_NUM("uploads", spool), F_NUM("folders", trees));
}

/* Waits for a notice and reads it. True: something has changed. */
static bool wait_notice(int fd)
{
    char notice[4096];
    struct pollfd p = {.fd = fd, .events = POLLIN};
    if (poll(&p, 1, POLL_MS) <= 0)
        return false;
    while (read(fd, notice, sizeof notice) > 0)
        ;
    return true;
}

void *uploads_thread(void *arg)
{
    struct noded *nd = arg;
    struct cx cx;
    int fd = -1;
    int64_t scanned = 0, swept = clock_mono();
    cx_init(&cx);
    if (store_upload_watch(&cx, nd->store, &fd) != RC_OK)
        log_err(LOG_WARN, &cx, "spool not watched, scanning only");
    while (!daemon_stopping()) {
        bool due = scanned == 0 || clock_mono() - scanned >= SCAN_MS;
        if ((fd >= 0 ? scanned > 0 && wait_notice(fd) : (daemon_pause(POLL_MS), false)) || due) {
            scan(&cx, nd);
            scanned = clock_mono();
        }
        if (clock_mono() - swept >= SWEEP_MS) {
            sweep(&cx, nd);
            swept = clock_mono();
        }
        cx_reset(&cx);
    }
    if (fd >= 0)
        close(fd);
    cx_fini(&cx);
    return NULL;
}

/* --- heartbeat --- */

/* If a report is full, the next heartbeat continues behind it: uploads that the core does not acknowledge
 * (those of another node) must not keep others from being reported. */
void uploads_report(void *arg, struct cx *cx, struct wire_beat *b)
{
    struct noded *nd = arg;
    struct wire_upload *list = arena_array(cx->arena, WIRE_UPLOADS_MAX, sizeof *list);
    size_t n = 0;
    pthread_mutex_lock(&nd->lock);
    for (size_t i = 0; i < BUCKETS && n < REPORTS_MAX; i++) {
        size_t bucket = (nd->report_from + i) % BUCKETS;
        for (const struct known_upload *u = nd->uploads[bucket]; u && n < WIRE_UPLOADS_MAX; u = u->next)
            if (!u->told)
                list[n++] = (struct wire_upload){arena_strdup(cx->arena, u->id), u->size,
                                                 arena_strdup(cx->arena, u->sha256)};
        if (n >= REPORTS_MAX)
            nd->report_from = (bucket + 1) % BUCKETS;
    }
    pthread_mutex_unlock(&nd->lock);
    b->uploads = list;
    b->upload_count = n;
}

static void drop(struct cx *cx, struct noded *nd, const char *id)
{
    enum rc rc = store_upload_remove(cx, nd->store, id);
    if (rc == RC_OK)
        LOG(INFO, cx, "upload dropped", F_TEXT("upload", id));
    else if (rc != RC_NOTFOUND)
        log_err(LOG_WARN, cx, "upload not dropped");
    err_clear(cx);
    pthread_mutex_lock(&nd->lock);
    struct known_upload **place = place_of(nd, id);
    if (*place)
        forget(place);
    pthread_mutex_unlock(&nd->lock);
}

/* The scan finds it afterwards, and it is reported. */
static void seal(struct cx *cx, struct noded *nd, const char *id)
{
    struct store_upload up;
    enum rc rc = store_upload_seal(cx, nd->store, id, &up);
    if (rc == RC_OK)
        LOG(INFO, cx, "upload sealed", F_TEXT("upload", id), F_NUM("bytes", up.size));
    else
        log_err(LOG_WARN, cx, "upload not sealed, trying on when the core says so again");
    err_clear(cx);
}

void uploads_answer(void *arg, struct cx *cx, const struct wire_answer *answer)
{
    struct noded *nd = arg;
    pthread_mutex_lock(&nd->lock);
    nd->answered = clock_mono();
    for (size_t i = 0; i < answer->ack.upload_count; i++) {
        struct known_upload *u = *place_of(nd, answer->ack.uploads[i]);
        if (u)
            u->told = true;
    }
    pthread_mutex_unlock(&nd->lock);
    for (size_t i = 0; i < answer->upload_drop_count; i++)
        drop(cx, nd, answer->upload_drop[i]);
    for (size_t i = 0; i < answer->upload_seal_count; i++)
        seal(cx, nd, answer->upload_seal[i]);
}
