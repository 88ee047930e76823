#include "cgi-bin/web/live_words.h"

#include "lib/base/clock.h"
#include "lib/net/json.h"
#include "lib/svc/live/due.h"
#include "lib/svc/live/refusal.h"
#include "lib/svc/live/stream.h"
#include "lib/svc/people/token.h"

enum { REFUSALS_S = 10 * 60, ENDED_PUBLISHERS_MAX = 3 };

struct words {
    struct web_request *rq;
    struct view_node *live;
    uint64_t shape; /* FNV-1a of all texts */
};

static void mix(struct words *w, const char *text)
{
    do
        w->shape = (w->shape ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    while (*text++);
}

static void say(struct words *w, struct view_node *node, const char *name, const char *text)
{
    mix(w, name);
    mix(w, text);
    view_set(node, name, text);
}

static void flag(struct words *w, struct view_node *node, const char *name, bool value)
{
    mix(w, value ? name : "");
    view_flag(node, name, value);
}

/* "Live.<kind>_<word>" */
static const char *key_of(const struct words *w, const char *kind, const char *word)
{
    return arena_printf(w->rq->cx.arena, "Live.%s_%s", kind, word);
}

static const char *time_of(const struct words *w, int64_t ms)
{
    return site_period(w->rq, ms, NO_TIME);
}

static const char *page_of(const struct words *w, const char *key)
{
    return arena_printf(w->rq->cx.arena, "/lecture/%s/live", key);
}

/* --- the person --- */

static void say_due(struct words *w, const struct live_due_list *list)
{
    const struct live_due *first = live_due_first(list);
    for (size_t i = 0; i < list->n; i++) {
        const struct live_due *d = &list->item[i];
        if (d->closed)
            continue;
        struct view_node *row = view_add(w->live, "Due");
        say(w, row, "title", d->title);
        say(w, row, "url", page_of(w, d->key));
        say(w, row, "sub",
            web_t(w->rq, "Live.due_sub", "course", d->course_name, "time",
                  site_period(w->rq, d->starts_at, d->ends_at)));
        say(w, row, "label", web_t(w->rq, "Live.choose_label", "what", d->title));
        flag(w, row, "first", d == first);
        flag(w, row, "open", d->open);
        flag(w, row, "chosen", d->chosen);
    }
}

/* Is one of the first n refusals for this reason and lecture? */
static bool is_said(const struct live_refused_list *list, size_t n, const struct live_refused *r)
{
    for (size_t i = 0; i < n; i++) {
        const char *key = list->item[i].lecture_key;
        if (list->item[i].reason == r->reason &&
            (key && r->lecture_key ? strcmp(key, r->lecture_key) == 0 : key == r->lecture_key))
            return true;
    }
    return false;
}

/* Programs connect again by themselves: of what repeats itself the newest is said. */
static void say_refusals(struct words *w, const struct live_refused_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct live_refused *r = &list->item[i];
        if (is_said(list, i, r))
            continue;
        const char *word = live_reason_name(r->reason);
        struct view_node *row = view_add(w->live, "Refused");
        say(w, row, "text", web_t(w->rq, key_of(w, "refused", word)));
        say(w, row, "cure", web_t(w->rq, key_of(w, "cure", word)));
        say(w, row, "when", web_t(w->rq, "Live.refused_when", "time", time_of(w, r->at), "from", r->from));
        if (r->lecture_key) {
            say(w, row, "title", r->lecture_title);
            say(w, row, "url", page_of(w, r->lecture_key));
        }
    }
}

/* Has the person a token that is valid? Without one a program has to be connected first. */
static enum rc say_token(struct words *w)
{
    struct token_list list;
    bool valid = false;
    enum rc rc = token_list(&w->rq->cx, w->rq->cx.actor->user_id, 0, &list);
    for (size_t i = 0; rc == RC_OK && i < list.n; i++)
        valid |= !list.item[i].expired;
    if (rc == RC_OK)
        flag(w, w->live, "no_token", !valid);
    return rc;
}

/* --- the lecture --- */

/* Nobody has streamed it yet. */
static const char *quiet_state(struct words *w, const struct lecture *l, const struct live_due_list *due)
{
    const struct live_due *first = live_due_first(due);
    if (l->time_state == TIME_CANCELLED)
        return "cancelled";
    if (!l->object.staff)
        return "foreign";
    if (first && first->id == l->id)
        return "next";
    for (size_t i = 0; i < due->n; i++)
        if (due->item[i].id == l->id)
            return "behind";
    return l->starts_at > w->rq->now ? "early" : "past";
}

static const char *ended_state(const struct live_stream *s, bool due)
{
    if (s->discard)
        return "discarded";
    if (s->ended_by == LIVE_BY_PERSON)
        return "ended";
    return due ? "again" : live_end_by_name(s->ended_by);
}

/* By the word of live_session.why of who published last. */
static const char *interrupted_state(const char *why)
{
    if (strcmp(why, "finished") == 0 || strcmp(why, "over") == 0)
        return "stopped";
    return strcmp(why, "revoked") == 0 ? "revoked" : "lost";
}

/* due: who publishes now does it into this lecture. */
static const char *stream_state(const struct live_stream *s, bool due)
{
    if (s->ended_at != NO_TIME)
        return ended_state(s, due);
    if (s->interrupted_at != NO_TIME)
        return interrupted_state(s->n > 0 && s->publisher[0].why ? s->publisher[0].why : "");
    for (size_t i = 0; i < s->n; i++)
        if (s->publisher[i].stopped_at == NO_TIME && s->publisher[i].recorded)
            return "on";
    return "waiting";
}

static const char *look_of(const char *state)
{
    static const struct {
        const char *state, *look;
    } looks[] = {{"on", "live"},  {"waiting", "warn"}, {"stopped", "warn"},
                 {"lost", "bad"}, {"revoked", "bad"},  {"next", "ok"}};
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++)
        if (strcmp(looks[i].state, state) == 0)
            return looks[i].look;
    return "";
}

static void say_publishers(struct words *w, const struct live_stream *s)
{
    size_t ended = 0;
    for (size_t i = 0; i < s->n; i++) {
        const struct live_publisher *p = &s->publisher[i];
        bool here = p->stopped_at == NO_TIME;
        if (!here && ended++ >= ENDED_PUBLISHERS_MAX)
            continue;
        struct view_node *row = view_add(w->live, "Publishers");
        say(w, row, "who",
            web_t(w->rq, "Live.publisher", "view", site_view_name(w->rq, wire_view_name(p->view)), "name",
                  p->name));
        say(w, row, "with",
            web_t(w->rq, p->token ? "Live.with_token" : "Live.with_revoked", "token",
                  p->token ? p->token : "", "from", p->from, "time", time_of(w, p->began_at)));
        const char *tag = here ? (p->recorded ? "recorded" : "comes") : p->why ? p->why : "lost";
        say(w, row, "tag", web_t(w->rq, key_of(w, "publisher", tag)));
        say(w, row, "look", !here ? "" : p->recorded ? "ok" : "warn");
    }
}

static void say_lecture(struct words *w, const struct lecture *l, const struct live_due_list *due,
                        const struct live_stream *s)
{
    const struct live_due *first = live_due_first(due);
    bool next = first && first->id == l->id;
    const char *state = s ? stream_state(s, next) : quiet_state(w, l, due);
    bool on = s && s->ended_at == NO_TIME;
    view_set(w->live, "page", page_of(w, l->key));
    say(w, w->live, "tag", web_t(w->rq, key_of(w, "tag", state)));
    say(w, w->live, "look", look_of(state));
    say(w, w->live, "text",
        web_t(w->rq, key_of(w, "text", state), "what", first ? first->title : "", "time",
              time_of(w, l->starts_at - INT64_C(1000) * LIVE_EARLY_S), "began",
              s ? time_of(w, s->began_at) : "", "ended", s ? time_of(w, s->ended_at) : "", "who",
              s && s->ended_name ? s->ended_name : web_t(w->rq, "Live.somebody")));
    flag(w, w->live, "may_choose",
         l->object.staff && !on && !(s && s->undo) && l->time_state != TIME_CANCELLED && !next);
    flag(w, w->live, "on", on);
    flag(w, w->live, "recording", s && !on && !s->discard);
    flag(w, w->live, "undo", s && s->undo);
    if (on) {
        int64_t since = s->interrupted_at != NO_TIME ? s->interrupted_at : s->began_at;
        int64_t seconds = (w->rq->now - since) / 1000;
        view_set(w->live, "clock", i18n_duration(w->rq->cx.arena, seconds > 0 ? seconds : 0));
    }
    if (s)
        say_publishers(w, s);
}

enum rc live_words(struct web_request *rq, const struct lecture *l, const char *url)
{
    struct words w = {
        .rq = rq, .live = view_child(rq->values, "Live"), .shape = UINT64_C(0xcbf29ce484222325)};
    struct live_due_list due;
    struct live_refused_list refused;
    struct live_stream *stream = NULL;
    enum rc rc = live_due_list(&rq->cx, &due);
    if (rc == RC_OK)
        rc = live_refusal_list(&rq->cx, REFUSALS_S, &refused);
    if (rc == RC_OK && l)
        rc = live_stream_get(&rq->cx, l->id, &stream);
    if (rc != RC_OK)
        return rc;
    say_due(&w, &due);
    say_refusals(&w, &refused);
    if (l) {
        say_lecture(&w, l, &due, stream);
        rc = l->object.staff ? say_token(&w) : RC_OK;
    }
    if (rc != RC_OK)
        return rc;
    view_set(w.live, "url", url);
    view_set(w.live, "shape", arena_printf(rq->cx.arena, "%016llx", (unsigned long long)w.shape));
    return RC_OK;
}

enum rc live_words_json(struct web_request *rq, const struct lecture *l)
{
    enum rc rc = live_words(rq, l, "");
    if (rc != RC_OK)
        return rc;
    const char *clock = view_get(rq->values, "Live.clock");
    json_t *o = js_object(&rq->cx), *texts = json_object();
    if (clock)
        json_object_set_new(texts, "clock", json_string(clock));
    json_object_set_new(o, "busy", json_true()); /* somebody looks whether it works */
    json_object_set_new(o, "shape", json_string(view_get(rq->values, "Live.shape")));
    json_object_set_new(o, "texts", texts);
    return web_json(rq, 200, js_text(&rq->cx, o));
}
