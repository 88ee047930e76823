#include "daemons/rtmpd/ingest.h"

#include <string.h>
#include <unistd.h>

#include "daemons/rtmpd/line.h"
#include "daemons/rtmpd/listen.h"
#include "daemons/rtmpd/recording.h"
#include "daemons/rtmpd/show.h"
#include "daemons/rtmpd/tickets.h"
#include "daemons/rtmpd/uploads.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/os/file.h"
#include "lib/os/metrics.h"
#include "lib/proto/rtmp_server.h"

enum {
    TICK_US = 250000,
    BEGIN_MS = 5000,      /* from the connection to publish */
    SILENT_MS = 10000,    /* an entry sends a ping every second */
    QUEUE_MAX = 64 << 10, /* bytes that an entry may leave unread */
    SPARE = 64            /* connections beside the streams */
};

/* A connection of an entry. */
struct feed {
    struct ingest *ingest;
    struct line *line;
    struct rtmp_server server;
    int64_t heard, media, deadline; /* clock_mono */
    struct ticket ticket;
    struct recording *recording; /* NULL: it has not begun */
    struct show *show;           /* what viewers see of it */
};

struct ingest {
    const struct conf *conf;
    struct event_base *base;
    struct jobs *jobs;
    struct tickets *tickets;
    struct uploads *uploads;
    struct recorder *recorder;
    struct shows *shows;
    struct evconnlistener *listener;
    struct event *tick;
    struct feed **feeds;
    int count, max, streams; /* streams: feeds with a recording */
    struct cx cx;            /* of what is done now */
};

/* --- the end --- */

/* failed: why the stream could not go on here, or FAILURE_COUNT. */
static void recording_over(struct feed *f, const char *why, enum failure failed)
{
    const struct ticket *t = &f->ticket;
    int64_t bytes = recording_size(f->recording);
    f->ingest->streams--;
    LOG(INFO, NULL, "recording ended", F_TEXT("session", t->session), F_NUM("fence", t->fence),
        F_NUM("bytes", bytes), F_TEXT("why", why));
    jobs_end(f->ingest->jobs, t->job, t->attempt, failed, bytes, recording_tags(f->recording));
    recording_end(f->recording);
    f->recording = NULL;
    show_end(f->show);
    f->show = NULL;
}

static void feed_end(struct feed *f, const char *why, bool gently)
{
    struct ingest *g = f->ingest;
    int i = 0;
    while (g->feeds[i] != f)
        i++;
    g->feeds[i] = g->feeds[--g->count];
    if (f->recording)
        recording_over(f, why, FAILURE_COUNT);
    if (gently)
        line_finish(f->line);
    else
        line_free(f->line);
    rtmp_server_fini(&f->server);
    free(f);
}

/* --- publish --- */

/* A newer fence of a session that is recorded here: the core gave the stream to this node again. */
static void end_older(struct ingest *g, const struct ticket *t)
{
    for (int i = g->count - 1; i >= 0; i--)
        if (g->feeds[i]->recording && strcmp(g->feeds[i]->ticket.session, t->session) == 0) {
            metric_add(METRIC_rtmpd_ingest_replaced_total, 1);
            feed_end(g->feeds[i], "a newer fence", false);
            return;
        }
}

static enum rc begin(struct feed *f, const struct rtmp_event *e)
{
    struct ingest *g = f->ingest;
    struct cx *cx = &g->cx;
    enum rc rc = tickets_take(cx, g->tickets, e->name, jobs_node(g->jobs), &f->ticket);
    if (rc == RC_OK)
        end_older(g, &f->ticket);
    if (rc == RC_OK && g->streams >= g->conf->ingest_streams)
        rc = err_set(cx, RC_TOOBIG, NULL, NULL, "ingest_streams are going on");
    if (rc == RC_OK)
        rc = recording_begin(cx, g->recorder, f->ticket.session, f->ticket.fence, &f->recording);
    if (rc == RC_OK && !jobs_begin(g->jobs, f->ticket.job, f->ticket.attempt)) {
        recording_end(f->recording);
        f->recording = NULL;
        rc = err_set(cx, RC_TOOBIG, NULL, NULL, "this node has as many jobs as it may have");
    }
    return rc;
}

/* The functions from here on say whether the feed still exists. */

static bool take_publish(struct feed *f, const struct rtmp_event *e)
{
    struct ingest *g = f->ingest;
    enum rc rc = begin(f, e);
    if (rc != RC_OK) {
        log_err(LOG_WARN, &g->cx, "an entry was refused");
        metric_add(METRIC_rtmpd_ingest_refused_total, 1);
        rtmp_server_refuse(&f->server, "NetStream.Publish.Rejected",
                           STR("Refused: see the log of the ingest."));
        cx_reset(&g->cx);
        feed_end(f, "refused", true);
        return false;
    }
    cx_reset(&g->cx);
    g->streams++;
    f->show = show_begin(g->shows, &f->ticket);
    f->media = clock_mono();
    metric_add(METRIC_rtmpd_ingest_starts_total, 1);
    LOG(INFO, NULL, "recording begun", F_TEXT("session", f->ticket.session), F_NUM("fence", f->ticket.fence),
        F_NUM("job", f->ticket.job), F_TEXT("lecture", f->ticket.lecture),
        F_TEXT("view", wire_view_name(f->ticket.view)));
    rtmp_server_accept(&f->server);
    return true;
}

/* Each tag goes into the recording first; then viewers get what is made of it. */
static bool take_media(struct feed *f, struct rtmp_message *m)
{
    int64_t before = recording_size(f->recording);
    if (!recording_write(f->recording, m)) {
        metric_add(METRIC_rtmpd_ingest_disk_errors_total, 1);
        recording_over(f, "the disk", FAIL_IO);
        feed_end(f, "the disk", false);
        return false;
    }
    f->media = f->heard;
    show_push(f->show, m);
    metric_add(METRIC_rtmpd_ingest_written_bytes_total, recording_size(f->recording) - before);
    return true;
}

static bool take(struct feed *f, const struct rtmp_event *e)
{
    switch (e->kind) {
    case RTMP_EVENT_PUBLISH:
        return take_publish(f, e);
    case RTMP_EVENT_MEDIA:
        return take_media(f, e->message);
    case RTMP_EVENT_UNPUBLISH:
        feed_end(f, "the entry ended it", true);
        return false;
    case RTMP_EVENT_FAULT:
        feed_end(f, rtmp_fault_words(e->fault), false);
        return false;
    default:
        return true;
    }
}

static void on_bytes(void *arg, struct str in)
{
    struct feed *f = arg;
    struct rtmp_event e;
    bool there = true;
    f->heard = clock_mono();
    metric_add(METRIC_rtmpd_ingest_received_bytes_total, (int64_t)in.n);
    do {
        rtmp_server_next(&f->server, &in, &e);
        there = take(f, &e);
    } while (there && e.kind != RTMP_EVENT_MORE);
}

static void on_gone(void *arg, const char *why, bool choked)
{
    (void)choked;
    feed_end(arg, why, false);
}

/* --- connections --- */

static void on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *from, int n, void *arg)
{
    static const struct line_hooks hooks = {.bytes = on_bytes, .gone = on_gone};
    struct ingest *g = arg;
    (void)l;
    (void)from;
    (void)n;
    if (g->count == g->max) {
        metric_add(METRIC_rtmpd_ingest_refused_total, 1);
        close(fd);
        return;
    }
    struct feed *f = mem_alloc(sizeof *f);
    f->ingest = g;
    f->heard = clock_mono();
    f->deadline = f->heard + BEGIN_MS;
    rtmp_server_init(&f->server);
    f->line = line_accept(
        &(struct line_setup){
            .base = g->base, .hooks = &hooks, .arg = f, .link = &f->server.link, .queue_max = QUEUE_MAX},
        fd, NULL);
    if (f->line) {
        g->feeds[g->count++] = f;
        return;
    }
    rtmp_server_fini(&f->server);
    free(f);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    struct ingest *g = arg;
    int64_t now = clock_mono();
    (void)fd;
    (void)what;
    for (int i = g->count - 1; i >= 0; i--) { /* one that ends gives its place to the last */
        struct feed *f = g->feeds[i];
        if (!f->recording && now >= f->deadline)
            feed_end(f, "no publish", false);
        else if (f->recording && now - f->heard >= SILENT_MS)
            feed_end(f, "the entry is silent", false);
        else if (f->recording && !jobs_wanted(g->jobs, f->ticket.job, f->ticket.attempt))
            feed_end(f, "the core has taken the job back", false);
        else if (f->recording)
            jobs_silent(g->jobs, f->ticket.job, f->ticket.attempt, now - f->media);
    }
    shows_tick(g->shows, now);
    jobs_tick(g->jobs, now);
    metric_set(METRIC_rtmpd_ingest_streams, g->streams);
    evconnlistener_enable(g->listener);
}

/* --- life --- */

enum rc ingest_open(struct cx *cx, const struct conf *conf, struct event_base *base, const struct core *core,
                    struct jobs *jobs, struct ingest **out)
{
    const struct timeval tick = {0, TICK_US};
    struct ingest *g = mem_alloc(sizeof *g);
    g->conf = conf;
    g->base = base;
    g->jobs = jobs;
    g->max = conf->ingest_streams + SPARE;
    g->feeds = mem_array((size_t)g->max, sizeof *g->feeds);
    g->tickets = tickets_new(arena_printf(cx->arena, "%s/keys.json", conf->node_dir));
    cx_init(&g->cx);
    const char *rec = arena_printf(cx->arena, "%s/rec", conf->live_dir);
    enum rc rc = file_mkdirs(cx, rec, 0750);
    if (rc == RC_OK)
        rc = uploads_open(cx, core, rec, &g->uploads);
    if (rc == RC_OK)
        g->recorder = recorder_new(rec, uploads_grow, g->uploads);
    g->shows = shows_new(conf, base, jobs);
    if (rc == RC_OK)
        rc = listen_on(cx, base, conf->ingest_listen, on_accept, g, &g->listener);
    if (rc != RC_OK) {
        ingest_close(g);
        return rc;
    }
    g->tick = event_new(base, -1, EV_PERSIST, on_tick, g);
    if (!g->tick || event_add(g->tick, &tick) != 0)
        bug("no memory for an event");
    *out = g;
    return RC_OK;
}

void ingest_close(struct ingest *g)
{
    if (!g)
        return;
    if (g->listener)
        evconnlistener_free(g->listener);
    if (g->tick)
        event_free(g->tick);
    while (g->count > 0)
        feed_end(g->feeds[g->count - 1], "this program is being stopped", false);
    shows_free(g->shows);
    recorder_free(g->recorder);
    uploads_close(g->uploads);
    tickets_free(g->tickets);
    cx_fini(&g->cx);
    free(g->feeds);
    free(g);
}
