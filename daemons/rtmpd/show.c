#include "daemons/rtmpd/show.h"

#include <stdlib.h>

#include "daemons/rtmpd/budget.h"
#include "daemons/rtmpd/encoder.h"
#include "daemons/rtmpd/run.h"
#include "lib/base/backoff.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/live/window.h"
#include "lib/os/metrics.h"

enum {
    SOUND_MS =
        700, /* of the stream, behind its first keyframe: for so long the sound's header is waited for */
    FIRST_MS = 10000,  /* until something has to come out of FFmpeg */
    STUCK_MS = 3000,   /* … and from then on */
    LAG_MS = 2000,     /* what comes out may be so far behind what goes in */
    BEHIND_MS = 3000,  /* … or farther, for so long, without … */
    CATCH_UP_MS = 200, /* … coming nearer by so much */
    WELL_MS = 20000,   /* a run that lasted so long makes up for failures before it */
    AGAIN_MS = 500,    /* before the second failure in a row is mended; then longer, up to … */
    AGAIN_MAX_MS = 15000,
    FAILURES_OF_RUNG = 3, /* in a row: the next one gets fewer rungs */
    ENDING_MS = 15000     /* for the rest of a stream that is over */
};

struct show {
    struct show *next;
    struct shows *all;
    struct ticket ticket;
    struct incoming incoming;
    struct window window;
    bool marked;   /* the window is to be shortened … */
    uint32_t mark; /* … when this time has come out */
    struct pusher *pusher;
    struct run *run; /* NULL: none */
    struct ladder ladder;
    uint64_t setup;         /* the picture's header that it began with */
    int64_t begun, on_time; /* clock_mono: of the run; when it was last not behind */
    bool spoke;             /* something has come out */
    uint32_t latest;        /* time of the last picture */
    int64_t lag;            /* ms; the smallest of the run, while it is behind */
    int number;             /* of the next run */
    int fewer;              /* rungs that are left out */
    int failures;           /* of runs, in a row */
    int64_t again;          /* clock_mono: no run before */
    bool choked;            /* … nor before lived has answered */
    bool off;               /* nothing more is shown */
    bool said;              /* the log has why there is no picture */
    int64_t deadline;       /* the stream is over; 0: it goes on */
};

struct shows {
    const struct conf *conf;
    struct event_base *base;
    struct jobs *jobs;
    struct budget *budget;
    struct show *first;
    struct cx cx;
};

/* --- runs --- */

static void end_run(struct show *s)
{
    if (!s->run)
        return;
    run_free(s->run);
    s->run = NULL;
    budget_take(s->all->budget, -s->ladder.cost);
}

/* Another one begins: at once, or a moment later if they fail one after the other. */
static void replace_run(struct show *s, const char *why, bool failed)
{
    int64_t now = clock_mono();
    if (now - s->begun > WELL_MS)
        s->failures = 0;
    s->failures += failed;
    if (failed && s->failures % FAILURES_OF_RUNG == 0 && s->fewer < LADDER_FEWER_MAX)
        s->fewer++;
    s->again = now + (s->failures > 1 ? backoff_ms(s->failures - 1, AGAIN_MS, AGAIN_MAX_MS) : 0);
    LOG(WARN, NULL, "the picture of a stream begins anew", F_TEXT("why", why), F_NUM("job", s->ticket.job),
        F_NUM("run", s->number - 1), F_NUM("failures", s->failures), F_NUM("fewer", s->fewer));
    metric_add(METRIC_rtmpd_live_restarts_total, 1);
    end_run(s);
}

/* Where the window begins is where the run begins. */
static void feed_window(struct show *s)
{
    uint32_t time;
    for (size_t i = 0; s->run && i < window_count(&s->window); i++) {
        struct rtmp_message *m = window_at(&s->window, i, &time);
        if (!run_feed(s->run, m, time))
            replace_run(s, "the window is too large", true);
    }
}

static void start_run(struct show *s)
{
    struct shows *all = s->all;
    uint32_t at;
    ladder_choose(&s->incoming, budget_left(all->budget), s->fewer, &s->ladder);
    window_at(&s->window, 0, &at);
    const struct run_setup setup = {.conf = all->conf,
                                    .base = all->base,
                                    .pusher = s->pusher,
                                    .session = s->ticket.session,
                                    .ladder = &s->ladder,
                                    .number = s->number,
                                    .at = at};
    s->begun = s->on_time = clock_mono();
    s->setup = s->incoming.setup;
    s->spoke = false;
    if (run_start(&all->cx, &setup, &s->run) != RC_OK) {
        log_err(LOG_ERROR, &all->cx, "a stream cannot be shown");
        s->again = s->begun + AGAIN_MAX_MS;
        cx_reset(&all->cx);
        return;
    }
    cx_reset(&all->cx);
    s->number++;
    budget_take(all->budget, s->ladder.cost);
    metric_add(METRIC_rtmpd_live_runs_total, 1);
    LOG(INFO, NULL, "the picture of a stream begins", F_NUM("job", s->ticket.job),
        F_NUM("run", s->number - 1), F_NUM("rungs", s->ladder.count),
        F_NUM("copied", s->ladder.rungs[0].copied), F_NUM("height", s->ladder.rungs[0].height),
        F_NUM("sound", s->ladder.sound));
    feed_window(s);
}

/* There is a keyframe, and the sound, if there is one, has had its time to come. */
static bool can_start(struct show *s, uint32_t time)
{
    if (s->incoming.keys == 0 || !window_is_whole(&s->window))
        return false;
    if (!s->incoming.sound && rtmp_time_between(s->incoming.last_key, time) < SOUND_MS &&
        s->incoming.keys == 1)
        return false;
    if (s->choked && !pusher_is_idle(s->pusher))
        return false;
    s->choked = false;
    return clock_mono() >= s->again;
}

/* --- tags --- */

static void keep(struct show *s, struct rtmp_message *m, bool key)
{
    window_push(&s->window, m);
    if (!key || s->marked)
        return;
    window_ping(&s->window, m->time);
    if (s->incoming.keys == 1)
        window_pong(&s->window, m->time); /* what is before the first keyframe is of no use */
    else
        s->marked = true;
    s->mark = m->time;
}

/* What comes is otherwise than when the run began. */
static const char *what_changed(const struct show *s)
{
    if (ladder_is_wrong(&s->ladder, &s->incoming))
        return "its keyframes, or its pictures, come otherwise than expected";
    if (s->incoming.sound && !s->ladder.sound)
        return "there is a sound now";
    return NULL;
}

static void say_why_not(struct show *s)
{
    if (s->said || !s->incoming.unread)
        return;
    s->said = true;
    LOG(WARN, NULL, "a stream is recorded and not shown: FFmpeg does not read its pictures from an FLV",
        F_TEXT("codec", flv_codec_name(s->incoming.other)), F_NUM("job", s->ticket.job));
}

void show_push(struct show *s, struct rtmp_message *m)
{
    const struct flv_tag tag = {(enum flv_type)m->type, m->time, rtmp_message_view(m)};
    if (s->off)
        return;
    bool key = incoming_tag(&s->incoming, &tag);
    if (m->type == RTMP_VIDEO)
        s->latest = m->time;
    keep(s, m, key);
    say_why_not(s);
    if (s->run && key && s->setup != s->incoming.setup) {
        replace_run(s, "the picture has another header", false);
        window_forget_pings(&s->window);
        window_ping(&s->window, m->time);
        window_pong(&s->window, m->time);
        s->marked = false;
    } else if (s->run && what_changed(s)) {
        replace_run(s, what_changed(s), false);
    } else if (s->run) {
        if (!run_feed(s->run, m, m->time))
            replace_run(s, "too much waits for FFmpeg", true);
        return;
    }
    if (can_start(s, m->time))
        start_run(s);
}

/* --- time --- */

/* How far the run is behind; and what has come out of it need not be kept. Catching up counts as being on time. */
static void look_at_lag(struct show *s, int64_t now)
{
    uint32_t out;
    if (!run_out(s->run, &out))
        return;
    int64_t lag = rtmp_time_between(out, s->latest);
    if (!s->spoke || lag < LAG_MS || lag + CATCH_UP_MS < s->lag) {
        s->on_time = now;
        s->lag = lag;
    }
    s->spoke = true;
    if (s->marked && rtmp_time_between(s->mark, out) > 0) {
        window_pong(&s->window, s->mark);
        s->marked = false;
    }
}

static int encoded(const struct ladder *l)
{
    return l->count - (l->count > 0 && l->rungs[0].copied);
}

/* One rung fewer than there is now, if there is one. */
static void reduce(struct show *s)
{
    struct ladder next;
    int fewer = s->fewer;
    do
        ladder_choose(&s->incoming, budget_left(s->all->budget) + s->ladder.cost, ++fewer, &next);
    while (fewer < LADDER_FEWER_MAX && encoded(&next) >= encoded(&s->ladder));
    if (encoded(&next) >= encoded(&s->ladder))
        return;
    s->fewer = fewer;
    metric_add(METRIC_rtmpd_live_reduced_total, 1);
    replace_run(s, "this machine is too slow for so many rungs", false);
}

static void watch_run(struct show *s, int64_t now)
{
    enum run_state state = run_state(s->run);
    look_at_lag(s, now);
    if (pusher_state(s->pusher, s->number - 1) == PUSHER_REFUSED) {
        replace_run(s, "lectern-lived has refused a piece", true);
    } else if (state == RUN_CHOKED) {
        s->choked = true;
        replace_run(s, "too much waits for lectern-lived", false);
    } else if (state != RUN_GOES) {
        replace_run(s, "FFmpeg has ended", true);
    } else if (now - run_silent_since(s->run, now) >= (s->spoke ? STUCK_MS : FIRST_MS)) {
        replace_run(s, "FFmpeg is stuck", true);
    } else if (s->spoke && now - s->on_time >= BEHIND_MS) {
        reduce(s);
    }
}

static void turn_off(struct show *s)
{
    s->off = true;
    end_run(s);
    pusher_finish(s->pusher, true);
    window_fini(&s->window);
    window_init(&s->window, 0);
}

/* The rest of a stream that is over. True: nothing is left. */
static bool tick_ending(struct show *s, int64_t now)
{
    if (s->run && (run_state(s->run) != RUN_GOES || now >= s->deadline))
        end_run(s);
    if (!s->run)
        pusher_finish(s->pusher, now >= s->deadline);
    return pusher_is_done(s->pusher);
}

static void tick(struct show *s, int64_t now)
{
    if (s->off)
        return;
    if (pusher_state(s->pusher, s->number - 1) == PUSHER_OVER ||
        jobs_has_no_place(s->all->jobs, s->ticket.job, s->ticket.attempt)) {
        turn_off(s);
        return;
    }
    if (s->run)
        watch_run(s, now);
    if (!s->run && can_start(s, s->latest))
        start_run(s);
}

static void release(struct show *s)
{
    end_run(s);
    pusher_free(s->pusher);
    window_fini(&s->window);
    free(s);
}

void shows_tick(struct shows *all, int64_t now)
{
    int rungs = 0;
    for (struct show **at = &all->first; *at;) {
        struct show *s = *at;
        if (!s->deadline) {
            tick(s, now);
        } else if (tick_ending(s, now)) {
            *at = s->next;
            release(s);
            continue;
        }
        rungs += s->run ? s->ladder.count : 0;
        at = &s->next;
    }
    metric_set(METRIC_rtmpd_live_rungs, rungs);
    jobs_room(all->jobs, budget_places(all->budget));
}

/* --- life --- */

struct show *show_begin(struct shows *all, const struct ticket *ticket)
{
    struct show *s = mem_alloc(sizeof *s);
    s->all = all;
    s->ticket = *ticket;
    /* a run begins with all of it at once, in the encoder's queue */
    size_t window = (size_t)all->conf->rtmp_window, most = ENCODER_QUEUE_MAX / 4 * 3;
    window_init(&s->window, window < most ? window : most);
    s->pusher = pusher_new(&(struct pusher_setup){.jobs = all->jobs,
                                                  .job = ticket->job,
                                                  .attempt = ticket->attempt,
                                                  .ca_file = all->conf->core_ca_file});
    s->next = all->first;
    all->first = s;
    return s;
}

void show_end(struct show *s)
{
    if (!s)
        return;
    s->deadline = clock_mono() + ENDING_MS;
    if (s->run)
        run_finish(s->run);
}

struct shows *shows_new(const struct conf *conf, struct event_base *base, struct jobs *jobs)
{
    struct shows *all = mem_alloc(sizeof *all);
    all->conf = conf;
    all->base = base;
    all->jobs = jobs;
    all->budget = budget_new(conf);
    cx_init(&all->cx);
    return all;
}

void shows_free(struct shows *all)
{
    if (!all)
        return;
    for (struct show *s = all->first; s; s = s->next)
        pusher_finish(s->pusher, true);
    for (struct show *s = all->first, *next; s; s = next) {
        next = s->next;
        release(s);
    }
    budget_free(all->budget);
    cx_fini(&all->cx);
    free(all);
}
