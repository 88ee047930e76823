#include "daemons/rtmpd/run.h"

#include <stdio.h>
#include <string.h>

#include "daemons/rtmpd/command.h"
#include "daemons/rtmpd/encoder.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/live/split.h"
#include "lib/net/json.h"

enum {
    NAME_SIZE = 48,
    AAC_BITRATE = 128000, /* bits a second, a guess */
    EXPECTED_MS = 1000    /* so much more of the stream has to go in before something has to come out */
};

struct run {
    struct run_setup setup;
    struct ladder ladder;
    struct encoder *encoder;
    struct split split;
    int tracks;
    enum run_state state;
    bool told;            /* lived knows of it */
    bool parts;           /* there was one */
    int64_t waiting;      /* clock_mono: since then something should come out; 0: it need not */
    uint32_t in, in_then; /* time of the last tag that went in; … when its last output came */
    uint32_t out;         /* end of what has come out */
};

/* --- pieces --- */

static const char *track_name(const struct run *r, int track)
{
    static const char *const pictures[LADDER_RUNGS] = {"v0", "v1", "v2"};
    return track < r->ladder.count ? pictures[track] : "a";
}

static void put(struct run *r, const char *name, int tracks, struct str body)
{
    const struct pusher_piece piece = {r->setup.number, name, tracks, body};
    if (r->state == RUN_CHOKED || pusher_put(r->setup.pusher, &piece))
        return;
    pusher_drop(r->setup.pusher);
    r->state = RUN_CHOKED;
}

static json_t *track_object(const struct run *r, int i)
{
    if (i == r->ladder.count)
        return json_pack("{s:s,s:i,s:b}", "name", "a", "bitrate", AAC_BITRATE, "copied", 1);
    const struct rung *g = &r->ladder.rungs[i];
    return json_pack("{s:s,s:i,s:i,s:I,s:b}", "name", track_name(r, i), "width", g->width, "height",
                     g->height, "bitrate", (json_int_t)g->bitrate, "copied", (int)g->copied);
}

static void tell(struct run *r)
{
    struct cx cx;
    cx_init(&cx);
    json_t *tracks = js_array(&cx), *o = js_object(&cx);
    for (int i = 0; i < r->tracks; i++)
        json_array_append_new(tracks, track_object(r, i));
    json_object_set_new(o, "session", json_string(r->setup.session));
    json_object_set_new(o, "at", json_integer(r->setup.at));
    json_object_set(o, "tracks", tracks);
    put(r, "run", 0, js_text(&cx, o));
    cx_fini(&cx);
    r->told = true;
}

static void on_init(void *arg, int track, struct str bytes)
{
    struct run *r = arg;
    char name[NAME_SIZE];
    if (!r->told)
        tell(r);
    snprintf(name, sizeof name, "%s/init", track_name(r, track));
    put(r, name, 0, bytes);
}

static void on_part(void *arg, const struct split_part *part)
{
    struct run *r = arg;
    char name[NAME_SIZE];
    bool first = part->segment == 0 && part->part == 0;
    if (part->track == 0) {
        r->out = r->setup.at + (uint32_t)part->to - (uint32_t)r->ladder.shift;
        r->parts = true;
    }
    snprintf(name, sizeof name, "%s/%lld.%lld", track_name(r, part->track), (long long)part->segment,
             (long long)part->part);
    put(r, name, first ? r->tracks : 0, part->bytes);
}

/* --- FFmpeg --- */

static void on_bytes(void *arg, struct str bytes)
{
    struct run *r = arg;
    r->waiting = 0;
    r->in_then = r->in;
    if (r->state == RUN_GOES && !split_bytes(&r->split, bytes)) {
        LOG(ERROR, NULL, "the output of FFmpeg cannot be read", F_TEXT("session", r->setup.session));
        r->state = RUN_FAILED;
    }
}

static void on_ended(void *arg, bool well)
{
    struct run *r = arg;
    encoder_free(r->encoder);
    r->encoder = NULL;
    if (r->state == RUN_GOES)
        r->state = well ? RUN_ENDED : RUN_FAILED;
}

enum rc run_start(struct cx *cx, const struct run_setup *setup, struct run **out)
{
    static const struct encoder_hooks hooks = {.bytes = on_bytes, .ended = on_ended};
    static const struct split_hooks pieces = {.init = on_init, .part = on_part};
    struct child_argv argv;
    struct run *r = mem_alloc(sizeof *r);
    *r = (struct run){.setup = *setup,
                      .ladder = *setup->ladder,
                      .tracks = setup->ladder->count + (setup->ladder->sound ? 1 : 0),
                      .in = setup->at,
                      .in_then = setup->at,
                      .out = setup->at};
    command_live(cx, setup->conf, &r->ladder, &argv);
    enum rc rc = encoder_start(cx, setup->base, argv.v, r->ladder.sound, &hooks, r, &r->encoder);
    if (rc != RC_OK) {
        free(r);
        return rc;
    }
    split_init(&r->split, r->tracks, r->ladder.rungs[0].copied ? r->ladder.shift : 0, &pieces, r);
    *out = r;
    return RC_OK;
}

bool run_feed(struct run *r, struct rtmp_message *m, uint32_t time)
{
    int64_t since = rtmp_time_between(r->setup.at, time);
    bool wanted = m->type == RTMP_VIDEO || (m->type == RTMP_AUDIO && r->ladder.sound);
    if (!wanted || !r->encoder || since < 0) /* a sound that comes behind a later picture, at the beginning */
        return true;
    r->in = time;
    if (r->waiting == 0 && rtmp_time_between(r->in_then, r->in) >= EXPECTED_MS)
        r->waiting = clock_mono();
    return encoder_feed(r->encoder, m, (uint32_t)since);
}

void run_finish(struct run *r)
{
    if (r->encoder)
        encoder_finish(r->encoder);
}

enum run_state run_state(const struct run *r)
{
    return r->state;
}

bool run_out(const struct run *r, uint32_t *time)
{
    *time = r->out;
    return r->parts;
}

int64_t run_silent_since(const struct run *r, int64_t now)
{
    return r->waiting ? r->waiting : now;
}

void run_free(struct run *r)
{
    if (!r)
        return;
    if (r->told)
        put(r, "end", 0, STR(""));
    encoder_free(r->encoder);
    split_fini(&r->split);
    free(r);
}
