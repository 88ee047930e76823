#include "cgi-bin/web/state_words.h"

#include <math.h>

#include "lib/base/clock.h"

enum { PLAN_TEXT_MAX = 4000, SHAPE_MAX = 200 };

static const char *const view_ids[VIEW_KIND_COUNT] = {"cam", "pres", "comb"};

static const char *percent(struct web_request *rq, double progress)
{
    double p = progress < 0 ? 0 : progress > 1 ? 1 : progress;
    return arena_printf(rq->cx.arena, "%d", (int)lround(p * 100));
}

/* --- the plan --- */

/* {name} in a word's text, from its own lists. */
static const char *word_text(struct web_request *rq, const char *prefix, const struct word *w)
{
    const char *text = i18n_find(rq->lang, arena_printf(rq->cx.arena, "%s.%s", prefix, w->key));
    struct buf out;
    if (!text)
        return NULL;
    buf_init(&out, PLAN_TEXT_MAX);
    while (*text) {
        size_t plain = strcspn(text, "{"), name = text[plain] ? strcspn(text + plain, "}") : 0;
        buf_add(&out, text, plain);
        text += plain;
        for (size_t i = 0; name > 0 && i < w->n; i++)
            if (strlen(w->names[i]) == name - 1 && strncmp(w->names[i], text + 1, name - 1) == 0)
                buf_str(&out, w->values[i]);
        text += name + (name > 0 && *text ? 1 : 0);
    }
    const char *result = str_dup(rq->cx.arena, buf_view(&out));
    buf_fini(&out);
    return result;
}

static const struct word *find_word(const struct publication_work *work, const char *key)
{
    for (size_t i = 0; i < work->plan_count; i++)
        if (strcmp(work->plan[i].key, key) == 0)
            return &work->plan[i];
    return NULL;
}

static const char *argument(const struct word *w, const char *name)
{
    for (size_t i = 0; w && i < w->n; i++)
        if (strcmp(w->names[i], name) == 0)
            return w->values[i];
    return "";
}

/* "a, b, c" → "a, b and c" */
static const char *with_and(struct web_request *rq, const char *list)
{
    const char *last = NULL;
    for (const char *p = list; (p = strstr(p, ", ")); p += 2)
        last = p;
    if (!last)
        return list;
    return arena_printf(rq->cx.arena, "%.*s %s %s", (int)(last - list), list, i18n_text(rq->lang, "Plan.and"),
                        last + 2);
}

static const char *reasons(struct web_request *rq, const struct publication_work *work)
{
    const char *all = NULL;
    size_t count = 0, seen = 0;
    for (size_t i = 0; i < work->plan_count; i++)
        count += strncmp(work->plan[i].key, "reason_", 7) == 0;
    for (size_t i = 0; i < work->plan_count; i++) {
        const char *text =
            strncmp(work->plan[i].key, "reason_", 7) ? NULL : word_text(rq, "Plan", &work->plan[i]);
        if (!text)
            continue;
        seen++;
        const char *join =
            seen == count ? arena_printf(rq->cx.arena, " %s ", i18n_text(rq->lang, "Plan.and")) : ", ";
        all = all ? arena_printf(rq->cx.arena, "%s%s%s", all, join, text) : text;
    }
    return all ? all : i18n_text(rq->lang, "Plan.reason_other");
}

static const char *ladder_sentence(struct web_request *rq, const struct publication_work *work)
{
    const struct word *top = find_word(work, "top_copied"), *rungs = find_word(work, "rungs_encoded");
    const struct word *all = find_word(work, "all_encoded");
    if (top && rungs)
        return web_t(rq, "Plan.copied_and_encoded", "size", argument(top, "size"), "sizes",
                     with_and(rq, argument(rungs, "sizes")));
    if (top)
        return web_t(rq, "Plan.copied", "size", argument(top, "size"));
    if (all)
        return web_t(rq, "Plan.encoded", "sizes", with_and(rq, argument(all, "sizes")), "reasons",
                     reasons(rq, work));
    return NULL;
}

/* "1080p copied, 720p and 360p encoded, because …", then what else is worth knowing, a sentence each. */
static const char *plan_text(struct web_request *rq, const struct publication_work *work)
{
    static const char *const ladder[] = {"top_copied", "rungs_encoded", "all_encoded", NULL};
    if (work->plan_count == 0)
        return NULL;
    const char *text = ladder_sentence(rq, work);
    for (size_t i = 0; i < work->plan_count; i++) {
        const char *key = work->plan[i].key;
        bool said = strncmp(key, "reason_", 7) == 0;
        for (size_t k = 0; ladder[k]; k++)
            said |= strcmp(key, ladder[k]) == 0;
        const char *more = said ? NULL : word_text(rq, "Plan", &work->plan[i]);
        if (more)
            text = text ? arena_printf(rq->cx.arena, "%s %s", text, more) : more;
    }
    return text;
}

/* --- one view --- */

static const struct publication_view *watchable(const struct publication *p, enum view_kind kind)
{
    for (size_t i = 0; i < p->view_count; i++)
        if (p->views[i].kind == kind)
            return &p->views[i];
    return NULL;
}

static const char *failure(struct web_request *rq, const char *code)
{
    enum failure f = FAIL_INTERNAL;
    (void)wire_failure_of(str_of(code), &f);
    return i18n_text(rq->lang, arena_printf(rq->cx.arena, "Err.%s", wire_failure(f)->key));
}

/* "Attempt 2. Why the one before failed: The machine did not answer any more." Of the failure's text only the
 * first sentence is used, which says what happened; the second one says what to do, and nothing has to be
 * done yet. If that was said to be the recording's fault, a second machine is asked. */
static const char *attempt_text(struct web_request *rq, const struct publication_work *work)
{
    const char *n = arena_printf(rq->cx.arena, "%d", work->attempt);
    if (!work->error_code)
        return web_t(rq, "State.attempt", "n", n);
    const char *why = failure(rq, work->error_code), *end = strstr(why, ". ");
    if (end)
        why = arena_strndup(rq->cx.arena, why, (size_t)(end - why) + 1);
    return web_t(rq, work->second ? "State.second" : "State.again", "n", n, "why", why);
}

/* "42 % encoded, about 3 min left.", without the parts that are not known. */
static const char *moving_text(struct web_request *rq, const char *step, const struct publication_work *work)
{
    struct arena *a = rq->cx.arena;
    if (work->waiting)
        return web_t(rq, arena_printf(a, "State.%s_waiting", step));
    if (work->progress <= 0)
        return web_t(rq, arena_printf(a, "State.%s_begun", step));
    const char *n = percent(rq, work->progress);
    if (work->eta < 0)
        return web_t(rq, arena_printf(a, "State.%s_percent", step), "n", n);
    return web_t(rq, arena_printf(a, "State.%s_left", step), "n", n, "left",
                 i18n_span(a, rq->lang, work->eta));
}

static const char *ready_text(struct web_request *rq, const struct publication_view *view, bool complete)
{
    struct arena *a = rq->cx.arena;
    int height = 0;
    for (size_t i = 0; i < view->rendition_count; i++) {
        const struct publication_rendition *r = &view->renditions[i];
        int size = r->width < r->height ? r->width : r->height;
        height = size > height ? size : height;
    }
    return web_t(rq, complete ? "State.complete" : "State.watchable", "duration",
                 i18n_duration(a, (int64_t)llround(view->duration)), "size", arena_printf(a, "%dp", height));
}

static void set_tag(struct web_request *rq, struct state_view *v, const char *key, const char *look)
{
    v->tag = i18n_text(rq->lang, arena_printf(rq->cx.arena, "State.tag_%s", key));
    v->look = look;
}

static bool is_step(const char *state)
{
    return strcmp(state, "probe") == 0 || strcmp(state, "quick") == 0 || strcmp(state, "full") == 0;
}

static void fill_work(struct web_request *rq, const struct publication_work *work, struct state_view *v)
{
    if (strcmp(work->state, "live") == 0) {
        set_tag(rq, v, "live", "live");
        v->text = i18n_text(rq->lang, "State.live");
        v->live = true;
    } else if (strcmp(work->state, "uploading") == 0) {
        set_tag(rq, v, "uploading", "");
        v->text = web_t(rq, "State.uploading", "name", work->name, "size",
                        i18n_size(rq->cx.arena, rq->lang, work->size));
        v->upload = work->upload_key;
    } else if (is_step(work->state)) {
        set_tag(rq, v, work->waiting ? "waiting" : work->state, "");
        v->text = moving_text(rq, work->state, work);
        if (work->attempt > 1)
            v->text = arena_printf(rq->cx.arena, "%s %s", v->text, attempt_text(rq, work));
        v->moving = true;
        v->progress = work->waiting || work->progress <= 0 ? -1 : work->progress;
    } else if (strcmp(work->state, "failed") == 0) {
        set_tag(rq, v, "failed", "bad");
        v->text = failure(rq, work->error_code);
        v->detail = work->error_text;
    } else if (strcmp(work->state, "cancelled") == 0 || strcmp(work->state, "expired") == 0) {
        set_tag(rq, v, work->state, "warn");
        v->text = i18n_text(rq->lang, arena_printf(rq->cx.arena, "State.%s", work->state));
    }
}

/* The state of a view is that of its newest upload; if an earlier one can be watched, the text says so,
 * too. */
static bool fill_view(struct web_request *rq, const struct publication *p, enum view_kind kind,
                      struct state_view *v)
{
    const struct publication_view *view = watchable(p, kind);
    const struct publication_work *work = NULL;
    for (size_t i = 0; i < p->work_count && !work; i++)
        if (p->work[i].view == kind)
            work = &p->work[i];
    *v = (struct state_view){.kind = kind, .id = view_ids[kind], .look = "", .progress = -1};
    if (!view && !work)
        return false;
    if (work) {
        fill_work(rq, work, v);
        v->plan = plan_text(rq, work);
        v->again = work->again ? work->upload_key : NULL;
    }
    if (view && (!work || strcmp(work->state, "done") == 0)) {
        bool complete = strcmp(view->quality, "full") == 0;
        set_tag(rq, v, complete ? "complete" : "watchable", "ok");
        v->text = ready_text(rq, view, complete);
    } else if (view && v->moving) {
        set_tag(rq, v, "watchable", "ok");
    } else if (!v->text) {
        set_tag(rq, v, "waiting", "");
        v->text = i18n_text(rq->lang, "State.probe_waiting");
    }
    return true;
}

/* --- the whole --- */

static const struct state_view *most_interesting(const struct state_words *w)
{
    for (size_t i = 0; i < w->view_count; i++)
        if (w->views[i].moving)
            return &w->views[i];
    for (size_t i = 0; i < w->view_count; i++)
        if (strcmp(w->views[i].look, "bad") == 0)
            return &w->views[i];
    for (size_t i = 0; i < w->view_count; i++)
        if (w->views[i].upload || w->views[i].live)
            return &w->views[i];
    return NULL;
}

static int64_t count_looks(const struct state_words *w, const char *look)
{
    int64_t n = 0;
    for (size_t i = 0; i < w->view_count; i++)
        n += strcmp(w->views[i].look, look) == 0;
    return n;
}

/* The state of the lecture as a whole; the rows show the state of each view. */
static const char *lecturer_status(struct web_request *rq, const struct publication *p,
                                   const struct state_words *w)
{
    const struct state_view *v = most_interesting(w);
    int64_t failed = count_looks(w, "bad");
    if (v && v->moving)
        return i18n_text(rq->lang, p->generation > 0 ? "State.improving_all" : "State.preparing_all");
    if (failed > 0)
        return i18n_count(rq->cx.arena, rq->lang, "State.failed_all", failed);
    if (v)
        return i18n_text(rq->lang, v->live ? "State.live_all" : "State.uploading_all");
    if (p->generation == 0)
        return i18n_text(rq->lang, "State.nothing");
    return i18n_text(rq->lang, p->media == MEDIA_COMPLETE ? "State.all_complete" : "State.all_watchable");
}

static const char *stream_text(struct web_request *rq, const struct lecture *l, enum stream_state state)
{
    if (state == STREAM_PLANNED)
        return web_t(rq, "State.viewer_planned", "time", site_when(rq, l));
    return i18n_text(rq->lang, arena_printf(rq->cx.arena, "State.stream_%s", stream_state_name(state)));
}

static const char *viewer_status(struct web_request *rq, const struct lecture *l, const struct publication *p,
                                 const struct state_words *w)
{
    const struct state_view *v = most_interesting(w);
    if (l->time_state == TIME_CANCELLED && p->generation == 0)
        return web_t(rq, *l->cancel_note ? "State.viewer_cancelled_note" : "State.viewer_cancelled", "note",
                     l->cancel_note);
    if (w->stream != STREAM_NONE && w->stream != STREAM_ENDED)
        return stream_text(rq, l, w->stream);
    if (v && v->moving && v->progress >= 0)
        return web_t(rq, "State.viewer_percent", "n", percent(rq, v->progress));
    if (p->media == MEDIA_PROCESSING || (v && v->moving))
        return i18n_text(rq->lang, "State.viewer_preparing");
    if (p->media == MEDIA_UPLOADING && !(v && v->live))
        return i18n_text(rq->lang, "State.viewer_uploading");
    if (p->media == MEDIA_FAILED)
        return i18n_text(rq->lang, "State.viewer_failed");
    if (w->stream == STREAM_ENDED || (v && v->live))
        return stream_text(rq, l, STREAM_ENDED);
    if (l->starts_at != NO_TIME && l->starts_at > rq->now)
        return web_t(rq, "State.viewer_planned", "time", site_when(rq, l));
    return i18n_text(rq->lang, "State.viewer_nothing");
}

void state_words(struct web_request *rq, const struct lecture *l, const struct publication *p, bool full,
                 struct state_words *out)
{
    struct state_words w = {.busy = false, .stream = publication_stream_state(p, l, rq->now)};
    bool playable = p->generation > 0 || p->stream.view_count > 0;
    struct buf shape;
    buf_init(&shape, SHAPE_MAX);
    buf_printf(&shape, "g%d", full ? p->generation : playable);
    for (int kind = 0; kind < VIEW_KIND_COUNT; kind++) {
        struct state_view *v = &w.views[w.view_count];
        if (!fill_view(rq, p, (enum view_kind)kind, v))
            continue;
        w.busy |= v->moving || v->upload;
        if (full)
            buf_printf(&shape, "-%s.%s%s%s%s", v->id, v->look, v->moving ? ".moving" : "",
                       v->plan ? ".plan" : "", v->again ? ".again" : "");
        w.view_count++;
    }
    bool sealed =
        w.stream == STREAM_ENDED && p->stream.sealed; /* what comes of it is told by the media state */
    w.busy |=
        p->media == MEDIA_PROCESSING || p->media == MEDIA_UPLOADING || (w.stream > STREAM_PLANNED && !sealed);
    w.status = full ? lecturer_status(rq, p, &w) : viewer_status(rq, l, p, &w);
    w.shape = str_dup(rq->cx.arena, buf_view(&shape));
    buf_fini(&shape);
    *out = w;
}

void state_show(struct web_request *rq, const struct lecture *l, const struct state_words *w, bool full)
{
    struct view_node *state = view_child(rq->values, "State");
    view_set(state, "url",
             arena_printf(rq->cx.arena, "/lecture/%s/state.json%s", l->key, full ? "?edit=1" : ""));
    view_set(state, "shape", w->shape);
    view_set(state, "status", w->status);
    view_flag(state, "busy", w->busy);
    for (size_t i = 0; full && i < w->view_count; i++) {
        const struct state_view *v = &w->views[i];
        struct view_node *row = view_add(state, "views");
        view_set(row, "id", v->id);
        view_set(row, "name", site_view_name(rq, wire_view_name(v->kind)));
        view_set(row, "tag", v->tag);
        view_set(row, "look", v->look);
        view_set(row, "text", v->text);
        view_set(row, "plan", v->plan);
        view_set(row, "detail", v->detail);
        view_set(row, "upload", v->upload);
        view_set(row, "again", v->again);
        view_set(row, "again_label",
                 web_t(rq, "LectureEdit.again_label", "view", site_view_name(rq, wire_view_name(v->kind))));
        view_flag(row, "moving", v->moving);
        if (v->progress >= 0)
            view_set(row, "progress", arena_printf(rq->cx.arena, "%.3f", v->progress));
    }
}
