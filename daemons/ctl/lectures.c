/* Lectures: show and delete. import.c brings recordings in. */
#include "daemons/ctl/ctl.h"

#include <string.h>

#include "lib/svc/pipeline/doors/playback.h"
#include "lib/svc/pipeline/flow/purge.h"
#include "lib/svc/teaching/lecture.h"

enum { PLAY_S = 300 };

static json_t *text_json(const char *text)
{
    return text ? json_string(text) : json_null();
}

static json_t *renditions_json(const struct publication_view *v)
{
    json_t *list = json_array();
    for (size_t i = 0; i < v->rendition_count; i++) {
        const struct publication_rendition *r = &v->renditions[i];
        json_array_append_new(list, json_pack("{s:s,s:i,s:i,s:I,s:I,s:f,s:b}", "name", r->name, "width",
                                              r->width, "height", r->height, "bitrate",
                                              (json_int_t)r->bitrate, "frames", (json_int_t)r->frames,
                                              "duration", r->duration, "copied", (int)r->copied));
    }
    return list;
}

static json_t *marks_json(const struct publication_view *v, bool silences)
{
    json_t *list = json_array();
    for (size_t i = 0; silences && i < v->silence_count; i++)
        json_array_append_new(list, json_pack("[f,f]", v->silences[i].start, v->silences[i].end));
    for (size_t i = 0; !silences && i < v->chapter_count; i++)
        json_array_append_new(list, json_real(v->chapters[i]));
    return list;
}

static json_t *artifacts_json(const struct publication_view *v)
{
    json_t *list = json_array();
    for (size_t i = 0; i < v->file_count; i++)
        json_array_append_new(list, json_pack("{s:s,s:I,s:s}", "path", v->files[i].path, "size",
                                              (json_int_t)v->files[i].size, "sha256", v->files[i].sha256));
    return list;
}

static json_t *view_json(struct ctl *ctl, const struct publication *p, const struct playback *pb,
                         const struct publication_view *v)
{
    json_t *o = json_object();
    const char *url = ctl_address(ctl, playback_url(ctl->cx, p, pb, v->kind, PLAYBACK_MASTER));
    json_object_set_new(o, "view", json_string(wire_view_name(v->kind)));
    json_object_set_new(o, "quality", json_string(v->quality));
    json_object_set_new(o, "duration", json_real(v->duration));
    json_object_set_new(o, "audio", json_boolean(v->has_audio));
    json_object_set_new(o, "thumbnails", json_boolean(v->has_sprite));
    json_object_set_new(o, "download", json_boolean(v->has_download));
    json_object_set_new(o, "renditions", renditions_json(v));
    json_object_set_new(o, "silences", marks_json(v, true));
    json_object_set_new(o, "chapters", marks_json(v, false));
    json_object_set_new(o, "artifacts", artifacts_json(v));
    json_object_set_new(o, "playback", json_string(url));
    return o;
}

static json_t *plan_json(const struct publication_work *w)
{
    json_t *list = json_array();
    for (size_t i = 0; i < w->plan_count; i++) {
        json_t *args = json_object();
        for (size_t k = 0; k < w->plan[i].n; k++)
            json_object_set_new(args, w->plan[i].names[k], json_string(w->plan[i].values[k]));
        json_array_append_new(list, json_pack("{s:s,s:o}", "key", w->plan[i].key, "args", args));
    }
    return list;
}

static json_t *work_json(const struct publication_work *w)
{
    json_t *o = json_object();
    json_object_set_new(o, "view", json_string(wire_view_name(w->view)));
    json_object_set_new(o, "upload", json_string(w->upload_key));
    json_object_set_new(o, "file", json_string(w->name));
    json_object_set_new(o, "size", json_integer(w->size));
    json_object_set_new(o, "state", json_string(w->state));
    json_object_set_new(o, "waiting", json_boolean(w->waiting));
    json_object_set_new(o, "progress", json_real(w->progress));
    json_object_set_new(o, "eta", json_integer(w->eta));
    json_object_set_new(o, "attempt", json_integer(w->attempt));
    json_object_set_new(o, "plan", plan_json(w));
    return o;
}

static json_t *failure_json(const char *view, const char *code, const char *text)
{
    return json_pack("{s:s,s:s,s:s,s:s}", "view", view, "code", code, "sentence", ctl_failure(code), "text",
                     text ? text : "");
}

static json_t *failures_json(const struct publication *p)
{
    json_t *list = json_array();
    for (size_t i = 0; i < p->work_count; i++)
        if (p->work[i].error_code)
            json_array_append_new(list, failure_json(wire_view_name(p->work[i].view), p->work[i].error_code,
                                                     p->work[i].error_text));
    if (p->error_code && json_array_size(list) == 0)
        json_array_append_new(list, failure_json("", p->error_code, p->error_text));
    return list;
}

/* As in play.json; NULL: nothing of it can be watched. */
static json_t *stream_json(struct ctl *ctl, const struct publication *p, const struct playback *pb)
{
    const struct publication_stream *s = &p->stream;
    json_t *o = json_object(), *views = json_array();
    if (s->state == STREAM_NONE) {
        json_decref(o);
        json_decref(views);
        return json_null();
    }
    json_object_set_new(o, "state", json_string(stream_state_name(s->state)));
    json_object_set_new(o, "generation", json_integer(s->generation));
    json_object_set_new(o, "began", ctl_time(s->began));
    for (size_t i = 0; i < s->view_count; i++) {
        json_t *v = json_object();
        json_array_append_new(views, v);
        json_object_set_new(v, "view", json_string(wire_view_name(s->views[i])));
        json_object_set_new(
            v, "playback",
            json_string(ctl_address(ctl, playback_stream_url(ctl->cx, p, pb, s->views[i], PLAYBACK_LOW))));
        json_object_set_new(
            v, "plain",
            json_string(ctl_address(ctl, playback_stream_url(ctl->cx, p, pb, s->views[i], PLAYBACK_PLAIN))));
    }
    json_object_set_new(o, "views", views);
    return o;
}

static json_t *lecture_json(struct ctl *ctl, const struct lecture *l, const struct publication *p,
                            const struct playback *pb)
{
    json_t *o = json_object(), *views = json_array(), *work = json_array();
    json_object_set_new(o, "key", json_string(l->key));
    json_object_set_new(o, "title", json_string(l->title));
    json_object_set_new(o, "course", json_string(l->course_slug));
    json_object_set_new(o, "term", json_string(l->term_slug));
    json_object_set_new(o, "starts", ctl_time(l->starts_at));
    json_object_set_new(o, "time", json_string(time_state_name(l->time_state)));
    json_object_set_new(o, "access", json_string(access_name(l->access)));
    json_object_set_new(o, "published", ctl_time(l->published_at));
    json_object_set_new(o, "deleted", ctl_time(l->deleted_at));
    json_object_set_new(o, "media", json_string(media_state_name(p->media)));
    json_object_set_new(o, "reason", text_json(p->error_code));
    json_object_set_new(o, "generation", json_integer(p->generation));
    json_object_set_new(o, "duration", json_real(p->duration));
    for (size_t i = 0; i < p->view_count; i++)
        json_array_append_new(views, view_json(ctl, p, pb, &p->views[i]));
    for (size_t i = 0; i < p->work_count; i++)
        json_array_append_new(work, work_json(&p->work[i]));
    json_object_set_new(o, "live", stream_json(ctl, p, pb));
    json_object_set_new(o, "views", views);
    json_object_set_new(o, "work", work);
    json_object_set_new(o, "failures", failures_json(p));
    return o;
}

static void print_lecture(const struct lecture *l, const struct publication *p)
{
    printf("%s \"%s\" (%s %s): %s, %s, generation %d\n", l->key, l->title, l->term_slug, l->course_slug,
           media_state_name(p->media), access_name(l->access), p->generation);
    if (p->stream.state != STREAM_NONE)
        printf("  live stream: %s, generation %d\n", stream_state_name(p->stream.state),
               p->stream.generation);
    for (size_t i = 0; i < p->view_count; i++) {
        const struct publication_view *v = &p->views[i];
        printf("  %-4s %s, %.1f s:", wire_view_name(v->kind), v->quality, v->duration);
        for (size_t k = 0; k < v->rendition_count; k++)
            printf(" %s%s", v->renditions[k].name, v->renditions[k].copied ? " (copied)" : "");
        printf("; %zu silences, %zu chapters, %zu files\n", v->silence_count, v->chapter_count,
               v->file_count);
    }
    for (size_t i = 0; i < p->work_count; i++) {
        const struct publication_work *w = &p->work[i];
        printf("  %-4s %s: %s%s", wire_view_name(w->view), w->name, w->state, w->waiting ? " (waiting)" : "");
        if (w->error_code)
            printf(". %s %s", ctl_failure(w->error_code), w->error_text ? w->error_text : "");
        putchar('\n');
    }
}

static int show(struct ctl *ctl)
{
    bool json = false;
    const struct ctl_option options[] = {{"json", NULL, &json}, {NULL, NULL, NULL}};
    struct lecture *l;
    struct publication *p;
    struct playback pb = {0};
    enum rc rc;
    if (!ctl_parse(ctl, options, 1, 1))
        return CTL_USAGE;
    rc = lecture_get(ctl->cx, ACT_COURSE_TEACH, ctl->argv[0], &l);
    if (rc == RC_OK)
        rc = publication_get_full(ctl->cx, l->id, &p);
    if (rc == RC_OK && json && (p->generation > 0 || p->stream.generation > 0))
        rc =
            playback_token(ctl->cx, p, PLAYBACK_RECORDING | PLAYBACK_STREAM | PLAYBACK_DOWNLOAD, PLAY_S, &pb);
    if (rc != RC_OK)
        return ctl_fail_rc(ctl, "cannot show the lecture");
    if (json)
        ctl_json_print(lecture_json(ctl, l, p, &pb));
    else
        print_lecture(l, p);
    return CTL_OK;
}

static int delete (struct ctl *ctl)
{
    bool now = false;
    const struct ctl_option options[] = {{"now", NULL, &now}, {NULL, NULL, NULL}};
    struct lecture *l;
    enum rc rc;
    if (!ctl_parse(ctl, options, 1, 1))
        return CTL_USAGE;
    rc = lecture_get(ctl->cx, ACT_COURSE_TEACH, ctl->argv[0], &l);
    if (rc == RC_OK)
        rc = lecture_delete(ctl->cx, l->key);
    if (rc == RC_OK && now)
        rc = purge_start(ctl->cx, l->id);
    if (rc != RC_OK)
        return ctl_fail_rc(ctl, "cannot delete the lecture");
    puts(now ? "hidden; every file is being removed, and cannot come back"
             : "hidden; it can be restored for 14 days, then its files are removed");
    return CTL_OK;
}

const struct ctl_command ctl_lecture_commands[] = {
    {"lecture import",
     "--course [TERM/]SLUG --title TEXT [--cam FILE] [--pres FILE] [--comb FILE] [--starts TIME] [--wait] "
     "[--publish]",
     "send recordings the way a browser does; prints the lecture's key last", ctl_lecture_import},
    {"lecture show", "KEY [--json]",
     "states, views, files, failures; with --json addresses to play for five minutes", show},
    {"lecture delete", "KEY [--now]", "hide it; with --now remove every file at once and for good", delete},
    {NULL, NULL, NULL, NULL},
};
