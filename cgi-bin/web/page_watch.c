/* The watch page and what its player asks for. */
#include "cgi-bin/web/org_frame.h"
#include "cgi-bin/web/release_form.h"
#include "cgi-bin/web/site.h"
#include "cgi-bin/web/state_words.h"

#include <math.h>

#include "lib/base/clock.h"
#include "lib/net/json.h"
#include "lib/svc/pipeline/doors/playback.h"
#include "lib/svc/teaching/progress.h"

enum { P_KEY, P_EDIT, P_COUNT };
static const struct web_param params[P_COUNT] = {
    [P_KEY] = {"key", WEB_KEY, true, 1, LECTURE_KEY_LENGTH, NULL},
    [P_EDIT] = {"edit", WEB_FLAG, false, 0, 0, NULL},
};

/* The lecture of the path, for an action, and its media side. */
static enum rc load(struct web_request *rq, enum action action, const char *key, struct lecture **l,
                    struct publication **p)
{
    enum rc rc = lecture_get(&rq->cx, action, key, l);
    if (rc == RC_OK)
        rc = publication_get(&rq->cx, (*l)->id, p);
    if (rc == RC_OK)
        site_zone(rq, (*l)->organisation_zone);
    return rc;
}

static bool may(const struct web_request *rq, enum action action, const struct lecture *l)
{
    return policy_may(rq->cx.actor, action, &l->object);
}

/* The view whose chapters are shown: the slides if they have chapters, else the view that has the most. */
static const struct publication_view *chapter_view(const struct publication *p)
{
    const struct publication_view *best = NULL;
    for (size_t i = 0; i < p->view_count; i++) {
        const struct publication_view *v = &p->views[i];
        if (v->chapter_count > 0 && (!best || v->kind == VIEW_PRES))
            best = v;
    }
    return best;
}

static const char *chapter_label(struct web_request *rq, size_t number)
{
    return web_t(rq, "Watch.chapter", "n", arena_printf(rq->cx.arena, "%zu", number));
}

/* --- the page --- */

static void show_about(struct web_request *rq, const struct lecture *l)
{
    struct arena *a = rq->cx.arena;
    const char *key = ""; /* the link back to a hidden course must contain its key */
    if (l->visibility == VIS_HIDDEN)
        key = arena_printf(a, "?key=%s", l->course_key);
    view_set(rq->values, "Lecture.key", l->key);
    view_set(rq->values, "Lecture.title", l->title);
    view_set(rq->values, "Lecture.course", l->course_name);
    view_set(rq->values, "Lecture.course_url",
             arena_printf(a, "/course/%s/%s%s", l->term_slug, l->course_slug, key));
    if (l->object.rehearsal) { /* its course has no page */
        view_set(rq->values, "Lecture.title", web_t(rq, "Live.rehearsal"));
        view_set(rq->values, "Lecture.course", web_t(rq, "Live.rehearsals"));
        view_set(rq->values, "Lecture.course_url", arena_printf(a, "/lecture/%s/live", l->key));
    }
    view_set(rq->values, "Lecture.time", site_when(rq, l));
    view_set(rq->values, "Lecture.datetime", i18n_local(a, rq->zone, l->starts_at));
    if (l->duration_ms > 0)
        view_set(rq->values, "Lecture.duration", i18n_duration(a, l->duration_ms / 1000));
    if (l->description && *l->description)
        view_set(rq->values, "Lecture.description_html", view_markdown(a, l->description));
    if (l->time_state == TIME_CANCELLED)
        view_set(rq->values, "Lecture.cancelled", web_t(rq, "Course.cancelled"));
    if (l->access != ACCESS_PUBLISHED)
        view_set(rq->values, "Lecture.tag",
                 web_t(rq, l->access == ACCESS_DRAFT ? "Access.draft" : "Access.unpublished"));
    if (may(rq, ACT_COURSE_TEACH, l))
        view_set(rq->values, "Lecture.edit_url", arena_printf(a, "/teach/lecture/%s", l->key));
    view_set(rq->values, "Page.term", l->term_slug);
}

static void add_chapter(struct web_request *rq, double at, size_t number)
{
    struct view_node *row = view_add(rq->values, "Chapters");
    int64_t second = (int64_t)floor(at);
    view_num(row, "second", second);
    view_set(row, "at", arena_printf(rq->cx.arena, "%.3f", at));
    view_set(row, "time", i18n_duration(rq->cx.arena, second));
    view_set(row, "label", chapter_label(rq, number));
}

/* A chapter begins where the slide changes; the first slide is there from the beginning. */
static void show_chapters(struct web_request *rq, const struct publication *p)
{
    const struct publication_view *v = chapter_view(p);
    if (!v)
        return;
    view_flag(rq->values, "Lecture.thumbs", v->has_sprite);
    add_chapter(rq, 0, 1);
    for (size_t i = 0; i < v->chapter_count; i++)
        add_chapter(rq, v->chapters[i], i + 2);
}

/* --- what of it this person may watch --- */

static unsigned watchable(const struct web_request *rq, const struct lecture *l)
{
    return (may(rq, ACT_LECTURE_PLAY, l) ? PLAYBACK_RECORDING : 0U) |
           (may(rq, ACT_LECTURE_LIVE, l) ? PLAYBACK_STREAM : 0U) |
           (may(rq, ACT_LECTURE_DOWNLOAD, l) ? PLAYBACK_DOWNLOAD : 0U);
}

/* Nothing of it (yet): *pb stays as it is. */
static enum rc open_playback(struct web_request *rq, const struct lecture *l, const struct publication *p,
                             struct playback *pb)
{
    enum rc rc = playback_token(&rq->cx, p, watchable(rq, l), PLAYBACK_TOKEN_S, pb);
    if (rc != RC_NOTFOUND)
        return rc;
    err_clear(&rq->cx);
    return RC_OK;
}

/* The stream is what the page plays: it is on, or over and not on demand yet. */
static bool plays_stream(const struct publication *p, const struct playback *pb)
{
    return pb->stream && p->stream.view_count > 0 && !p->stream.sealed;
}

/* --- the page, its player --- */

/* Lecture.live: a word of state.json's "live"; .left: seconds until it begins. */
static enum stream_state show_state(struct web_request *rq, const struct lecture *l,
                                    const struct publication *p)
{
    enum stream_state state = publication_stream_state(p, l, rq->now);
    if (state != STREAM_NONE)
        view_set(rq->values, "Lecture.live", stream_state_name(state));
    if (state == STREAM_PLANNED)
        view_num(rq->values, "Lecture.left", (l->starts_at - rq->now) / 1000);
    return state;
}

/* Its views, and the first one for a browser without script. */
static void show_stream(struct web_request *rq, const struct publication *p, const struct playback *pb)
{
    const char *views = "";
    for (size_t i = 0; i < p->stream.view_count; i++) {
        const char *kind = wire_view_name(p->stream.views[i]);
        const char *url = playback_stream_url(&rq->cx, p, pb, p->stream.views[i], PLAYBACK_PLAIN);
        struct view_node *row = view_add(rq->values, "Views");
        view_set(row, "name", site_view_name(rq, kind));
        view_set(row, "master", url);
        if (i == 0)
            view_set(rq->values, "Lecture.native", url);
        views = arena_printf(rq->cx.arena, "%s%s%s", views, *views ? " " : "", kind);
    }
    view_set(rq->values, "Lecture.views", views);
}

/* Without script: one view, played by the browser itself, and the others as files. */
static void show_views(struct web_request *rq, const struct lecture *l, const struct publication *p,
                       const struct playback *pb)
{
    bool download = may(rq, ACT_LECTURE_DOWNLOAD, l);
    const struct publication_view *native = NULL;
    const char *views = "";
    for (size_t i = 0; i < p->view_count; i++) {
        const struct publication_view *v = &p->views[i];
        struct view_node *row = view_add(rq->values, "Views");
        const char *kind = wire_view_name(v->kind);
        views = arena_printf(rq->cx.arena, "%s%s%s", views, *views ? " " : "", kind);
        view_set(row, "name", site_view_name(rq, kind));
        view_set(row, "as_file", web_t(rq, arena_printf(rq->cx.arena, "View.file_%s", kind)));
        view_set(row, "save", web_t(rq, arena_printf(rq->cx.arena, "View.save_%s", kind)));
        view_set(row, "master", playback_url(&rq->cx, p, pb, v->kind, PLAYBACK_MASTER));
        if (!native || (v->has_audio && !native->has_audio))
            native = v;
        if (!download || !v->has_download)
            continue;
        view_set(row, "download", playback_url(&rq->cx, p, pb, v->kind, "download.mp4"));
        view_flag(rq->values, "Lecture.downloads", true);
    }
    view_set(rq->values, "Lecture.views", views);
    if (native)
        view_set(rq->values, "Lecture.native", playback_url(&rq->cx, p, pb, native->kind, PLAYBACK_MASTER));
}

static void show_player(struct web_request *rq, const struct lecture *l, const struct publication *p,
                        const struct playback *pb)
{
    view_flag(rq->values, "Lecture.playable", true);
    view_set(rq->values, "Page.store_origin", pb->store_url);
    if (plays_stream(p, pb)) {
        show_stream(rq, p, pb);
        return;
    }
    show_views(rq, l, p, pb);
    show_chapters(rq, p);
    if (rq->signed_in && l->position_ms > 0 && !l->watched)
        view_set(rq->values, "Lecture.position",
                 arena_printf(rq->cx.arena, "%.1f", (double)l->position_ms / 1000));
}

/* There is a recording, and the person may not play it. */
static const char *why_not(struct web_request *rq, const struct lecture *l)
{
    const char *withheld = l->object.withheld ? release_sentence(rq, l) : NULL;
    return withheld ? withheld : web_t(rq, rq->signed_in ? "Watch.not_allowed" : "Watch.sign_in");
}

enum rc page_watch(struct web_request *rq)
{
    struct web_value v[P_COUNT];
    struct lecture *l;
    struct publication *p;
    struct playback pb = {.recording = false};
    enum stream_state state;
    enum rc rc = web_params(rq, params, P_COUNT, v);
    if (rc == RC_OK)
        rc = load(rq, ACT_LECTURE_PAGE, v[P_KEY].text, &l, &p);
    if (rc != RC_OK)
        return rc;
    show_about(rq, l);
    rc = org_frame_look(rq, l->organisation_path);
    if (rc == RC_OK)
        rc = open_playback(rq, l, p, &pb);
    if (rc != RC_OK)
        return rc;
    state = show_state(rq, l, p);
    if (pb.recording || plays_stream(p, &pb)) {
        show_player(rq, l, p, &pb);
    } else {
        struct state_words w;
        state_words(rq, l, p, false, &w);
        state_show(rq, l, &w, false);
        if (p->generation > 0 && (state == STREAM_NONE || state == STREAM_ENDED))
            view_set(rq->values, "State.status", why_not(rq, l));
    }
    return web_page(rq, "watch", view_get(rq->values, "Lecture.title"));
}

/* --- JSON --- */

static json_t *address(const char *url)
{
    return url ? json_string(url) : json_null();
}

static json_t *view_json(struct web_request *rq, const struct publication *p, const struct playback *pb,
                         const struct publication_view *v)
{
    const char *thumbs = v->has_sprite ? playback_url(&rq->cx, p, pb, v->kind, "thumbs.vtt") : NULL;
    const char *poster = v->has_poster ? playback_url(&rq->cx, p, pb, v->kind, "poster.jpg") : NULL;
    json_t *o = json_object();
    json_object_set_new(o, "view", json_string(wire_view_name(v->kind)));
    json_object_set_new(o, "master", address(playback_url(&rq->cx, p, pb, v->kind, PLAYBACK_MASTER)));
    json_object_set_new(o, "poster", address(poster));
    json_object_set_new(o, "thumbs", address(thumbs));
    json_object_set_new(o, "audio", json_boolean(v->has_audio));
    return o;
}

static json_t *chapters_json(struct web_request *rq, const struct publication *p)
{
    const struct publication_view *v = chapter_view(p);
    json_t *list = json_array();
    for (size_t i = 0; v && i < v->chapter_count; i++)
        json_array_append_new(
            list, json_pack("{s:f, s:s}", "at", v->chapters[i], "label", chapter_label(rq, i + 2)));
    return list;
}

/* Silences of the view whose sound is played: the first one that has silences. */
static json_t *silences_json(const struct publication *p)
{
    json_t *list = json_array();
    for (size_t i = 0; i < p->view_count && json_array_size(list) == 0; i++)
        for (size_t k = 0; k < p->views[i].silence_count; k++)
            json_array_append_new(
                list, json_pack("[f, f]", p->views[i].silences[k].start, p->views[i].silences[k].end));
    return list;
}

static json_t *stream_json(struct web_request *rq, const struct publication *p, const struct playback *pb)
{
    const struct publication_stream *s = &p->stream;
    json_t *o = json_object(), *views = json_array();
    json_object_set_new(o, "state", json_string(stream_state_name(s->state)));
    json_object_set_new(o, "generation", json_integer(s->generation));
    json_object_set_new(o, "began", json_integer(s->began / 1000));
    for (size_t i = 0; i < s->view_count; i++) {
        enum view_kind v = s->views[i];
        const char *master = s->sealed ? playback_stream_url(&rq->cx, p, pb, v, PLAYBACK_MASTER) : NULL;
        json_array_append_new(views, json_pack("{s:s, s:s, s:s, s:o}", "view", wire_view_name(v), "low",
                                               playback_stream_url(&rq->cx, p, pb, v, PLAYBACK_LOW), "plain",
                                               playback_stream_url(&rq->cx, p, pb, v, PLAYBACK_PLAIN),
                                               "master", address(master)));
    }
    json_object_set_new(o, "views", views);
    return o;
}

/* Nothing that this person may watch is a failure that says why. */
static enum rc load_playable(struct web_request *rq, const char *key, struct lecture **l,
                             struct publication **p, struct playback *pb)
{
    enum rc rc = load(rq, ACT_LECTURE_LIVE, key, l, p);
    if (rc == RC_OK)
        rc = open_playback(rq, *l, *p, pb);
    if (rc != RC_OK || pb->recording || pb->stream)
        return rc;
    rc = policy_check(&rq->cx, ACT_LECTURE_PLAY, &(*l)->object);
    return rc == RC_OK ? err_set(&rq->cx, RC_NOTFOUND, NULL, "not_watchable",
                                 "nothing of lecture %s can be watched", key)
                       : rc;
}

/* Without the recordings of which this person may see the stream alone. */
static void add_recording(struct web_request *rq, const struct publication *p, const struct playback *pb,
                          json_t *o)
{
    json_t *views = json_array();
    for (size_t i = 0; pb->recording && i < p->view_count; i++)
        json_array_append_new(views, view_json(rq, p, pb, &p->views[i]));
    json_object_set_new(o, "generation", json_integer(pb->recording ? p->generation : 0));
    json_object_set_new(o, "duration", json_real(pb->recording ? p->duration : 0));
    json_object_set_new(o, "views", views);
    json_object_set_new(o, "chapters", pb->recording ? chapters_json(rq, p) : json_array());
    json_object_set_new(o, "silences", pb->recording ? silences_json(p) : json_array());
}

enum rc api_play(struct web_request *rq)
{
    struct web_value v[P_COUNT];
    struct lecture *l;
    struct publication *p;
    struct playback pb = {.recording = false};
    enum rc rc = web_params(rq, params, P_COUNT, v);
    if (rc == RC_OK)
        rc = load_playable(rq, v[P_KEY].text, &l, &p, &pb);
    if (rc != RC_OK)
        return rc;
    json_t *o = js_object(&rq->cx);
    json_object_set_new(o, "token", json_string(pb.token));
    json_object_set_new(o, "expires", json_integer(pb.expires / 1000));
    json_object_set_new(o, "now", json_integer(clock_now() / 1000));
    json_object_set_new(o, "title", json_string(l->title));
    json_object_set_new(o, "live", pb.stream ? stream_json(rq, p, &pb) : json_null());
    add_recording(rq, p, &pb, o);
    return web_json(rq, 200, js_text(&rq->cx, o));
}

static void view_texts(const struct state_view *v, json_t *texts, json_t *progress)
{
    char plan[16], tag[16];
    snprintf(plan, sizeof plan, "%s_plan", v->id);
    snprintf(tag, sizeof tag, "%s_tag", v->id);
    json_object_set_new(texts, tag, json_string(v->tag));
    json_object_set_new(texts, v->id, json_string(v->text));
    if (v->plan)
        json_object_set_new(texts, plan, json_string(v->plan));
    if (v->moving)
        json_object_set_new(progress, v->id, v->progress < 0 ? json_null() : json_real(v->progress));
}

enum rc api_state(struct web_request *rq)
{
    struct web_value v[P_COUNT];
    struct lecture *l;
    struct publication *p;
    struct state_words w;
    enum rc rc = web_params(rq, params, P_COUNT, v);
    bool full = v[P_EDIT].num != 0;
    if (rc == RC_OK)
        rc = load(rq, full ? ACT_COURSE_TEACH : ACT_LECTURE_PAGE, v[P_KEY].text, &l, &p);
    if (rc != RC_OK)
        return rc;
    state_words(rq, l, p, full, &w);
    json_t *o = js_object(&rq->cx), *texts = json_object(), *progress = json_object();
    json_object_set_new(texts, "status", json_string(w.status));
    for (size_t i = 0; full && i < w.view_count; i++)
        view_texts(&w.views[i], texts, progress);
    json_object_set_new(o, "live",
                        w.stream == STREAM_NONE ? json_null() : json_string(stream_state_name(w.stream)));
    if (w.stream == STREAM_PLANNED)
        json_object_set_new(o, "starts", json_integer(l->starts_at / 1000));
    json_object_set_new(o, "busy", json_boolean(w.busy));
    json_object_set_new(o, "shape", json_string(w.shape));
    json_object_set_new(o, "generation", json_integer(p->generation));
    json_object_set_new(o, "texts", texts);
    json_object_set_new(o, "progress", progress);
    return web_json(rq, 200, js_text(&rq->cx, o));
}

enum { PR_KEY, PR_POSITION, PR_DURATION, PR_WATCHED, PR_COUNT };
enum { LONGEST_S = 7 * 24 * 3600 };
static const struct web_param progress_params[PR_COUNT] = {
    [PR_KEY] = {"key", WEB_KEY, true, 1, LECTURE_KEY_LENGTH, NULL},
    [PR_POSITION] = {"position", WEB_REAL, true, 0, LONGEST_S, NULL},
    [PR_DURATION] = {"duration", WEB_REAL, false, 0, LONGEST_S, NULL},
    [PR_WATCHED] = {"watched", WEB_FLAG, false, 0, 0, NULL},
};

enum rc api_progress(struct web_request *rq)
{
    struct web_value v[PR_COUNT];
    struct lecture *l;
    enum rc rc = web_params(rq, progress_params, PR_COUNT, v);
    if (rc == RC_OK)
        rc = lecture_get(&rq->cx, ACT_LECTURE_PLAY, v[PR_KEY].text, &l);
    if (rc == RC_OK)
        rc = progress_save(&rq->cx, l, llround(v[PR_POSITION].real * 1000), v[PR_WATCHED].num != 0);
    return rc == RC_OK ? web_no_content(rq) : rc;
}
