/* Live streams: list, end, take the end back. */
#include "daemons/ctl/ctl.h"

#include "lib/base/clock.h"
#include "lib/svc/live/stream.h"
#include "lib/svc/pipeline/doors/playback.h"

enum { LIST_MAX = 1000, PLAY_S = 300 };

static json_t *text_json(const char *text)
{
    return text ? json_string(text) : json_null();
}

static json_t *publisher_json(const struct live_publisher *p)
{
    json_t *o = json_object();
    json_object_set_new(o, "session", json_string(p->key));
    json_object_set_new(o, "view", json_string(wire_view_name(p->view)));
    json_object_set_new(o, "login", json_string(p->login));
    json_object_set_new(o, "token", text_json(p->token));
    json_object_set_new(o, "from", json_string(p->from));
    json_object_set_new(o, "ingest", text_json(p->ingest));
    json_object_set_new(o, "began", ctl_time(p->began_at));
    json_object_set_new(o, "recorded", json_boolean(p->recorded));
    return o;
}

/* One address per view of the stream that can be watched: as lecture show has them, "playback" with low latency. */
static enum rc add_playback(struct ctl *ctl, const struct live_stream *s, json_t *o)
{
    struct publication *p = NULL;
    struct playback pb;
    json_t *low = json_object(), *plain = json_object();
    json_object_set_new(o, "playback", low);
    json_object_set_new(o, "plain", plain);
    enum rc rc = publication_get(ctl->cx, s->lecture_id, &p);
    if (rc != RC_OK || p->stream.view_count == 0)
        return rc;
    rc = playback_token(ctl->cx, p, PLAYBACK_STREAM, PLAY_S, &pb);
    for (size_t i = 0; rc == RC_OK && i < p->stream.view_count; i++) {
        enum view_kind v = p->stream.views[i];
        const char *name = wire_view_name(v);
        json_object_set_new(
            low, name, json_string(ctl_address(ctl, playback_stream_url(ctl->cx, p, &pb, v, PLAYBACK_LOW))));
        json_object_set_new(
            plain, name,
            json_string(ctl_address(ctl, playback_stream_url(ctl->cx, p, &pb, v, PLAYBACK_PLAIN))));
    }
    return rc;
}

static enum rc stream_json(struct ctl *ctl, const struct live_stream *s, json_t *all)
{
    json_t *o = json_object(), *views = json_array();
    json_array_append_new(all, o);
    json_object_set_new(o, "state", json_string(s->interrupted_at == NO_TIME ? "live" : "interrupted"));
    json_object_set_new(o, "lecture", json_string(s->lecture_key));
    json_object_set_new(o, "title", json_string(s->lecture_title));
    json_object_set_new(o, "course", json_string(s->course_name));
    json_object_set_new(o, "began", ctl_time(s->began_at));
    json_object_set_new(o, "interrupted", ctl_time(s->interrupted_at));
    for (size_t i = 0; i < s->n; i++)
        json_array_append_new(views, publisher_json(&s->publisher[i]));
    json_object_set_new(o, "views", views);
    return add_playback(ctl, s, o);
}

static void print_stream(const struct live_stream *s)
{
    printf("%s \"%s\" (%s): %s\n", s->lecture_key, s->lecture_title, s->course_name,
           s->interrupted_at == NO_TIME ? "live" : "interrupted");
    for (size_t i = 0; i < s->n; i++) {
        const struct live_publisher *p = &s->publisher[i];
        printf("  %-4s %s from %s to %s%s\n", wire_view_name(p->view), p->login, p->from,
               p->ingest ? p->ingest : "no ingest", p->recorded ? "" : " (waits)");
    }
}

static int list(struct ctl *ctl)
{
    bool json = false;
    const struct ctl_option options[] = {{"json", NULL, &json}, {NULL, NULL, NULL}};
    struct live_stream *streams = NULL;
    size_t n = 0;
    if (!ctl_parse(ctl, options, 0, 0))
        return CTL_USAGE;
    json_t *all = json_array();
    enum rc rc = live_stream_list(ctl->cx, LIST_MAX, &streams, &n);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        if (json)
            rc = stream_json(ctl, &streams[i], all);
        else
            print_stream(&streams[i]);
    }
    if (rc == RC_OK && json)
        ctl_json_print(all);
    else
        json_decref(all);
    return rc == RC_OK ? CTL_OK : ctl_fail_rc(ctl, "cannot list the live streams");
}

static int end(struct ctl *ctl)
{
    bool discard = false;
    const struct ctl_option options[] = {{"discard", NULL, &discard}, {NULL, NULL, NULL}};
    if (!ctl_parse(ctl, options, 1, 1))
        return CTL_USAGE;
    return live_stream_end(ctl->cx, ctl->argv[0], discard) == RC_OK
               ? CTL_OK
               : ctl_fail_rc(ctl, "cannot end the live stream");
}

static int undo(struct ctl *ctl)
{
    if (!ctl_parse(ctl, NULL, 1, 1))
        return CTL_USAGE;
    return live_stream_undo(ctl->cx, ctl->argv[0]) == RC_OK
               ? CTL_OK
               : ctl_fail_rc(ctl, "cannot take the end of the live stream back");
}

const struct ctl_command ctl_live_commands[] = {
    {"live list", "[--json]", "live streams that are on, and who publishes", list},
    {"live end", "KEY [--discard]", "ends one now; --discard: without a recording", end},
    {"live undo", "KEY", "takes that back", undo},
    {NULL, NULL, NULL, NULL},
};
