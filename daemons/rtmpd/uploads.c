#include "daemons/rtmpd/uploads.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/backoff.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/os/cond.h"
#include "lib/os/metrics.h"
#include "lib/store/store.h"
#include "lib/wire/live.h"

enum {
    THREADS = 4,
    EVERY_MS = 2000,
    SLICE_MS = 500,
    FIRST_WAIT_MS = 500,
    LONGEST_WAIT_MS = 15000,
    STILL_MS = 10000,   /* that a store may take no byte */
    CALL_MS = 5000,     /* for a request without a file */
    PIECE = 64 << 20,   /* bytes of one PATCH: then others have their turn */
    TOKEN_LEAST_S = 60, /* a token that is valid for less is renewed first */
    HASH_BYTES = 32
};

/* One recording. */
struct growing {
    struct growing *next;
    char session[WIRE_KEY_LENGTH + 1];
    int64_t fence;
    int64_t size; /* on the disk; under the lock */
    bool over;    /* that is all of it; under the lock */
    bool busy;    /* a thread has it; under the lock, as what follows */
    int64_t due;  /* clock_mono */
    /* of the thread that has it: */
    char *url, *token; /* of the upload; NULL: to be asked */
    int64_t until;     /* of the token, seconds since 1970 */
    int64_t sent;      /* bytes at the store; -1: to be asked */
    int tries;         /* failures in a row */
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

/* What a thread does with one recording: the recording as it was when its turn began. */
struct turn {
    struct uploads *u;
    struct http *http;
    struct growing *g;
    const char *path;
    int64_t size;
    bool over;
    bool gone;  /* nothing is left to do: it leaves the list */
    bool again; /* not in two seconds, but at once */
};

/* --- the list --- */

static void forget_token(struct growing *g)
{
    if (g->token)
        mem_wipe(g->token, strlen(g->token));
    free(g->token);
    g->token = NULL;
}

static void growing_free(struct growing *g)
{
    metric_add(METRIC_rtmpd_ingest_waiting, -1);
    forget_token(g);
    free(g->url);
    free(g);
}

static struct growing *add(struct uploads *u, const char *session, int64_t fence)
{
    struct growing *g = mem_alloc(sizeof *g);
    memcpy(g->session, session, WIRE_KEY_LENGTH);
    g->fence = fence;
    g->sent = -1;
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
    while (g && (g->fence != fence || strcmp(g->session, session) != 0))
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

/* --- the file --- */

static void remove_file(struct turn *t, const char *why)
{
    if (unlink(t->path) != 0 && errno != ENOENT)
        LOG(ERROR, NULL, "a recording cannot be removed", F_TEXT("path", t->path),
            F_TEXT("reason", strerror(errno)));
    LOG(INFO, NULL, why, F_TEXT("session", t->g->session), F_NUM("fence", t->g->fence),
        F_NUM("bytes", t->size));
    t->gone = true;
}

/* The store has something else under this name. The file stays for people, and is tried again by the next start. */
static void keep_file(struct turn *t, const char *why)
{
    LOG(ERROR, NULL, why, F_TEXT("path", t->path), F_NUM("bytes", t->size));
    metric_add(METRIC_rtmpd_ingest_kept_total, 1);
    t->gone = true;
}

static bool stopped(void *arg)
{
    const struct turn *t = arg;
    return t->u->stopping;
}

/* digest: Repr-Digest of RFC 9530, "sha-256=:<base64>:". *same: it is the file's. */
static enum rc compare(struct cx *cx, struct turn *t, const char *digest, bool *same)
{
    char hex[STORE_SHA256_HEX];
    unsigned char hash[HASH_BYTES];
    int fd = open(t->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(cx, RC_UNAVAIL, NULL, NULL, "cannot open %s: %s", t->path, strerror(errno));
    enum rc rc = store_hash(cx, fd, stopped, t, hex);
    close(fd);
    if (rc != RC_OK)
        return rc;
    if (!str_hex_decode(str_of(hex), hash, sizeof hash))
        bug("a hash that is none");
    const char *own = arena_printf(cx->arena, "sha-256=:%s:", str_b64(cx->arena, hash, sizeof hash));
    *same = strcmp(own, digest) == 0;
    return RC_OK;
}

/* --- the core --- */

static enum rc ask_target(struct cx *cx, struct turn *t)
{
    struct growing *g = t->g;
    const struct wire_live_upload q = {.session = g->session, .fence = g->fence};
    struct wire_live_target target;
    const json_t *o;
    enum rc rc =
        core_ask(cx, &t->u->core, t->http, "/api/v1/live/upload", wire_live_upload_write(cx, &q), &o);
    if (rc == RC_CONFLICT && t->over) {
        err_clear(cx);
        remove_file(t, "a recording that nobody wants was removed");
        return RC_OK;
    }
    if (rc == RC_OK)
        rc = wire_live_target_read(cx, o, &target);
    if (rc != RC_OK)
        return rc;
    const char *url = arena_printf(cx->arena, "%s/%s", target.url, target.upload);
    if (!g->url || strcmp(g->url, url) != 0) {
        free(g->url);
        g->url = mem_strdup(url);
        g->sent = -1;
    }
    forget_token(g);
    g->token = mem_strdup(target.token);
    g->until = target.until;
    return RC_OK;
}

/* --- the store --- */

/* For an answer that is not the one that was hoped for; what was believed is asked anew. */
static enum rc refused(struct cx *cx, struct turn *t, const struct http_response *rs)
{
    t->g->sent = -1;
    if (rs->status == 401 || rs->status == 403 || rs->status == 404) /* the core may have had it removed */
        forget_token(t->g);
    return err_set(cx, RC_UNAVAIL, NULL, NULL, "the store answered %d: %.*s", rs->status,
                   (int)(rs->body.n < 200 ? rs->body.n : 200), rs->body.p ? rs->body.p : "");
}

static enum rc create(struct cx *cx, struct turn *t)
{
    const char *name = arena_printf(cx->arena, "%s-%lld.flv", t->g->session, (long long)t->g->fence);
    const char *headers[] = {
        "Tus-Resumable: 1.0.0", "Upload-Defer-Length: 1",
        arena_printf(cx->arena, "Upload-Metadata: filename %s", str_b64(cx->arena, name, strlen(name))),
        NULL};
    const char *slash = strrchr(t->g->url, '/');
    const struct http_request rq = {.method = "POST",
                                    .url =
                                        arena_printf(cx->arena, "%.*s", (int)(slash - t->g->url), t->g->url),
                                    .bearer = t->g->token,
                                    .headers = headers,
                                    .body = STR(""), /* empty, so that Content-Length: 0 is sent */
                                    .content_type = "application/octet-stream",
                                    .timeout_ms = CALL_MS};
    struct http_response rs;
    enum rc rc = http_call(cx, t->http, &rq, &rs);
    if (rc == RC_OK && rs.status != 201)
        rc = refused(cx, t, &rs);
    if (rc == RC_OK)
        t->g->sent = rs.upload_offset;
    return rc;
}

/* The store has it under its whole length. Its hash comes later if the store has to read the file. */
static enum rc acknowledge(struct cx *cx, struct turn *t, const struct http_response *rs)
{
    bool same = false;
    t->g->sent = -1;
    if (rs->upload_length != t->size) {
        keep_file(t, "the store has closed a recording before all of it was there: it stays here");
        return RC_OK;
    }
    if (*rs->digest == '\0')
        return RC_OK;
    enum rc rc = compare(cx, t, rs->digest, &same);
    if (rc == RC_OK && same)
        remove_file(t, "a recording is at its store");
    else if (rc == RC_OK)
        keep_file(t, "the store has a recording otherwise than it is here: it stays here");
    if (rc == RC_OK && same)
        metric_add(METRIC_rtmpd_ingest_stored_total, 1);
    return rc;
}

static enum rc ask_offset(struct cx *cx, struct turn *t)
{
    static const char *const headers[] = {"Tus-Resumable: 1.0.0", NULL};
    const struct http_request rq = {
        .method = "HEAD", .url = t->g->url, .bearer = t->g->token, .headers = headers, .timeout_ms = CALL_MS};
    struct http_response rs;
    enum rc rc = http_call(cx, t->http, &rq, &rs);
    if (rc != RC_OK)
        return rc;
    if (rs.status == 404)
        return create(cx, t);
    if (rs.status != 200 || rs.upload_offset < 0)
        return refused(cx, t, &rs);
    t->g->sent = rs.upload_offset;
    return t->over && rs.upload_length == rs.upload_offset ? acknowledge(cx, t, &rs) : RC_OK;
}

static bool on_progress(void *arg, int64_t done, int64_t total)
{
    (void)done;
    (void)total;
    return !stopped(arg);
}

static enum rc send_piece(struct cx *cx, struct turn *t)
{
    struct growing *g = t->g;
    int64_t n = t->size - g->sent < PIECE ? t->size - g->sent : PIECE;
    const char *headers[] = {
        "Tus-Resumable: 1.0.0", arena_printf(cx->arena, "Upload-Offset: %lld", (long long)g->sent),
        t->over ? arena_printf(cx->arena, "Upload-Length: %lld", (long long)t->size) : NULL, NULL};
    const struct http_request rq = {.method = "PATCH",
                                    .url = g->url,
                                    .bearer = g->token,
                                    .headers = headers,
                                    .content_type = "application/offset+octet-stream",
                                    .timeout_ms = STILL_MS,
                                    .progress = on_progress,
                                    .progress_arg = t};
    struct http_response rs;
    enum rc rc = http_send_file(cx, t->http, &rq, t->path, g->sent, n, &rs);
    if (rc == RC_OK && rs.status != 204)
        rc = refused(cx, t, &rs);
    if (rc != RC_OK) {
        g->sent = -1; /* a part may have arrived */
        return rc;
    }
    metric_add(METRIC_rtmpd_ingest_sent_bytes_total, n);
    g->sent = rs.upload_offset;
    t->again = g->sent < t->size;
    if (t->over && g->sent == t->size) {
        g->sent = -1;
        t->again = true; /* ask whether it is complete */
    }
    return RC_OK;
}

static enum rc take_turn(struct cx *cx, struct turn *t)
{
    struct growing *g = t->g;
    enum rc rc = RC_OK;
    if (!g->token || g->until - clock_now() / 1000 < TOKEN_LEAST_S)
        rc = ask_target(cx, t);
    if (rc == RC_OK && !t->gone && g->sent < 0)
        rc = ask_offset(cx, t);
    if (rc != RC_OK || t->gone || g->sent < 0)
        return rc;
    if (g->sent > t->size) {
        if (t->over)
            keep_file(t, "the store has more of a recording than is here: it stays here");
        return RC_OK;
    }
    return g->sent < t->size || t->over ? send_piece(cx, t) : RC_OK;
}

/* --- threads --- */

/* The recording whose turn it is; NULL: the program ends. */
static struct growing *take(struct uploads *u, struct turn *t)
{
    struct growing *g = NULL;
    pthread_mutex_lock(&u->lock);
    while (!u->stopping) {
        int64_t now = clock_mono();
        for (g = u->all; g && (g->busy || g->due > now); g = g->next)
            ;
        if (g)
            break;
        cond_wait_ms(&u->news, &u->lock, SLICE_MS);
    }
    if (g) {
        g->busy = true;
        *t = (struct turn){.u = u, .http = t->http, .g = g, .size = g->size, .over = g->over};
    }
    pthread_mutex_unlock(&u->lock);
    return g;
}

/* rc: how the turn went. */
static void give_back(struct turn *t, enum rc rc)
{
    struct uploads *u = t->u;
    struct growing *g = t->g;
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
    struct cx cx;
    cx_init(&cx);
    while (take(u, &t)) {
        t.path = arena_printf(cx.arena, "%s/%s-%lld.flv", u->dir, t.g->session, (long long)t.g->fence);
        enum rc rc = take_turn(&cx, &t);
        if (rc != RC_OK && t.g->tries == 0 && !u->stopping)
            log_err(LOG_WARN, &cx, "a recording is not sent, trying on");
        give_back(&t, rc);
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
