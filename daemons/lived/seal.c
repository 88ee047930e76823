/* The end of a stream, as lectern-noded tells it: POST /node/v1/seal {"lecture":K,"generation":N}. What was live is a
 * recording from then on: master.m3u8 and a playlist for each track are written beside the segments. */
#include <event2/buffer.h>
#include <string.h>

#include "daemons/lived/answer.h"
#include "daemons/lived/waiting.h"
#include "lib/base/log.h"
#include "lib/net/json.h"

enum { ORDER_MAX = 1024 };

static enum rc write_list(struct cx *cx, struct stream *s, int track)
{
    struct buf text;
    buf_init(&text, LIVED_TEXT_MAX);
    origin_list(&s->origin, track, ORIGIN_VOD, &text);
    enum rc rc =
        stream_write(cx, s, arena_printf(cx->arena, "%s.m3u8", origin_track_name(track)), buf_view(&text));
    buf_fini(&text);
    return rc;
}

/* The master comes last: where it is, the others are. */
static enum rc write_lists(struct cx *cx, struct stream *s)
{
    struct buf text;
    enum rc rc = RC_OK;
    for (int t = 0; t < ORIGIN_TRACKS && rc == RC_OK; t++)
        if (origin_has_track(&s->origin, t))
            rc = write_list(cx, s, t);
    buf_init(&text, LIVED_TEXT_MAX);
    if (rc == RC_OK && origin_master(&s->origin, "", origin_is_independent(&s->origin), &text))
        rc = stream_write(cx, s, "master.m3u8", buf_view(&text));
    buf_fini(&text);
    return rc;
}

/* --- what is told of it --- */

static int64_t bytes_of(const struct origin *o, int *files)
{
    int64_t bytes = 0;
    for (int t = 0; t < ORIGIN_TRACKS; t++)
        for (size_t i = 0; i < o->tracks[t].n; i++) {
            bytes += o->tracks[t].segments[i].bytes;
            *files += o->tracks[t].segments[i].there;
        }
    return bytes;
}

static json_t *track_told(const struct origin *o, int track)
{
    int64_t bytes = 0, length = 0;
    const struct origin_track *t = &o->tracks[track];
    for (size_t i = 0; i < t->n; i++) {
        bytes += t->segments[i].bytes;
        length += t->segments[i].length;
    }
    json_t *j = json_object();
    json_object_set_new(j, "name", json_string(origin_track_name(track)));
    for (int i = o->run_count - 1; i >= 0; i--)
        if (o->runs[i].in[track].ready) {
            json_object_set_new(j, "width", json_integer(o->runs[i].in[track].init.width));
            json_object_set_new(j, "height", json_integer(o->runs[i].in[track].init.height));
            break;
        }
    json_object_set_new(j, "bitrate", json_integer(length > 0 ? bytes * 8000000 / length : 0));
    return j;
}

static json_t *view_told(const struct stream *s)
{
    const struct origin *o = &s->origin;
    json_t *j = json_object(), *tracks = json_array();
    int files = 0;
    int64_t bytes = bytes_of(o, &files);
    for (int t = 0; t < ORIGIN_SOUND; t++)
        if (origin_has_track(o, t))
            json_array_append_new(tracks, track_told(o, t));
    json_object_set_new(j, "view", json_string(wire_view_name(s->view)));
    json_object_set_new(j, "seconds", json_real((double)origin_length(o) / 1e6));
    json_object_set_new(j, "bytes", json_integer(bytes));
    json_object_set_new(j, "files", json_integer(files));
    json_object_set_new(j, "tracks", tracks);
    json_object_set_new(j, "audio", json_boolean(origin_has_track(o, ORIGIN_SOUND)));
    return j;
}

/* --- the request --- */

/* A view of which nothing was ever shown is not told. */
static enum rc seal(struct cx *cx, struct lived *d, const struct stream_name *name, json_t *views)
{
    struct stream *s = NULL;
    enum rc rc = stream_find(cx, d, name, false, &s);
    if (rc == RC_NOTFOUND) {
        err_clear(cx);
        return RC_OK;
    }
    if (rc != RC_OK)
        return rc;
    bool first = !s->origin.sealed;
    origin_seal(&s->origin);
    disk_wait(d->disk);
    rc = write_lists(cx, s);
    waiting_look(s);
    if (rc != RC_OK || !origin_is_shown(&s->origin))
        return rc;
    json_array_append_new(views, view_told(s));
    if (first)
        LOG(INFO, cx, "stream sealed", F_TEXT("lecture", s->lecture), F_NUM("generation", s->generation),
            F_TEXT("view", wire_view_name(s->view)));
    return RC_OK;
}

static enum rc read_order(struct cx *cx, struct str body, struct stream_name *name)
{
    const json_t *o = NULL;
    const char *lecture = NULL;
    enum rc rc = js_parse_object(cx, body, ORDER_MAX, &o);
    if (rc == RC_OK)
        rc = js_str(cx, o, "lecture", STORE_KEY_SIZE, &lecture);
    if (rc == RC_OK)
        rc = js_i64(cx, o, "generation", 1, INT64_MAX, &name->generation);
    if (rc == RC_OK && !store_is_key(str_of(lecture)))
        rc = err_set(cx, RC_INVALID, "lecture", NULL, "no lecture");
    if (rc == RC_OK)
        name->lecture = str_of(lecture);
    return rc;
}

void seal_serve(struct lived *d, struct evhttp_request *rq)
{
    struct cx *cx = &d->cx;
    struct stream_name name;
    struct evbuffer *in = evhttp_request_get_input_buffer(rq);
    struct str body = {"", evbuffer_get_length(in)};
    if (body.n > 0)
        body.p = (const char *)evbuffer_pullup(in, -1);
    json_t *out = js_object(cx), *views = json_array();
    json_object_set_new(out, "views", views);
    enum rc rc = read_order(cx, body, &name);
    for (int v = 0; v < VIEW_KIND_COUNT && rc == RC_OK; v++) {
        name.view = (enum view_kind)v;
        rc = seal(cx, d, &name, views);
    }
    if (rc == RC_OK) {
        answer_text(rq, ANSWER_JSON, "no-store", js_text(cx, out));
        return;
    }
    log_err(LOG_WARN, cx, "a stream cannot be sealed");
    answer_word(rq, rc == RC_INVALID ? HTTP_BADREQUEST : HTTP_SERVUNAVAIL,
                rc == RC_INVALID ? "order" : "later");
}
