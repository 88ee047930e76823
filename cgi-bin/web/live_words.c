#include "cgi-bin/web/live_words.h"

#include "lib/base/clock.h"
#include "lib/net/json.h"
#include "lib/svc/live/due.h"
#include "lib/svc/live/refusal.h"
#include "lib/svc/live/rehearsal.h"
#include "lib/svc/live/stream.h"
#include "lib/svc/people/token.h"

enum { REFUSALS_S = 10 * 60, ENDED_PUBLISHERS_MAX = 3 };

struct words {
    struct web_request *rq;
    struct view_node *live;
    uint64_t shape; /* FNV-1a of all texts */
    int64_t test;   /* until then test mode is on; NO_TIME: it is off */
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
    const struct live_due *first = w->test != NO_TIME ? NULL : live_due_first(list);
    bool pause = false;
    for (size_t i = 0; i < list->n; i++) {
        const struct live_due *d = &list->item[i];
        pause |= d->closed_now;
        if (d->closed)
            continue;
        struct view_node *row = view_add(w->live, "Due");
        say(w, row, "title", d->rehearsal ? web_t(w->rq, "Live.rehearsal") : d->title);
        say(w, row, "url", page_of(w, d->key));
        say(w, row, "sub",
            d->rehearsal ? web_t(w->rq, "Live.rehearsal_sub", "time", time_of(w, d->starts_at))
                         : web_t(w->rq, "Live.due_sub", "course", d->course_name, "time",
                                 site_period(w->rq, d->starts_at, d->ends_at)));
        flag(w, row, "rehearsal", d->rehearsal);
        say(w, row, "label", web_t(w->rq, "Live.choose_label", "what", d->title));
        flag(w, row, "first", d == first);
        flag(w, row, "open", d->open);
        flag(w, row, "chosen", d->chosen);
    }
    flag(w, w->live, "pause", pause && w->test == NO_TIME && !(first && first->chosen));
}

static void say_refusals(struct words *w, const struct live_refused_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct live_refused *r = &list->item[i];
        const char *word = live_reason_name(r->reason);
        struct view_node *row = view_add(w->live, "Refused");
        say(w, row, "text", web_t(w->rq, key_of(w, "refused", word)));
        say(w, row, "cure", web_t(w->rq, key_of(w, "cure", word)));
        say(w, row, "when", web_t(w->rq, "Live.refused_when", "time", time_of(w, r->at), "from", r->from));
        if (r->lecture_key) {
            say(w, row, "title", r->lecture_title ? r->lecture_title : web_t(w->rq, "Live.rehearsal"));
            say(w, row, "url", page_of(w, r->lecture_key));
        }
    }
}

static void say_test(struct words *w, const char *url)
{
    view_set(w->live, "test_url", url);
    flag(w, w->live, "test", w->test != NO_TIME);
    if (w->test != NO_TIME)
        say(w, w->live, "test_text", web_t(w->rq, "Live.test_text", "time", time_of(w, w->test)));
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

/* Those that are on or kept, for the person's own page. */
static enum rc say_rehearsals(struct words *w)
{
    struct rehearsal_list list = {0};
    enum rc rc = rehearsal_list(&w->rq->cx, &list);
    for (size_t i = 0; rc == RC_OK && i < list.n; i++) {
        const struct rehearsal *r = &list.item[i];
        struct view_node *row = view_add(w->live, "Rehearsals");
        say(w, row, "title", web_t(w->rq, "Live.rehearsal_of", "time", time_of(w, r->began_at)));
        say(w, row, "url", page_of(w, r->key));
        flag(w, row, "open", r->until == NO_TIME);
        say(w, row, "sub",
            r->until == NO_TIME ? web_t(w->rq, "Live.rehearsal_on")
                                : web_t(w->rq, "Live.kept", "time", time_of(w, r->until)));
    }
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
    if (w->test != NO_TIME)
        return "test";
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
    if (strcmp(why, "moved") == 0)
        return "moved";
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

/* A rehearsal has texts of its own where nobody else is concerned. */
static const char *word_of(const struct lecture *l, const struct live_stream *s, const char *state)
{
    if (!l->object.rehearsal || !s || s->discard)
        return state;
    if (s->ended_at != NO_TIME)
        return "rehearsed";
    if (strcmp(state, "on") == 0)
        return "rehearsing";
    return strcmp(state, "stopped") == 0 || strcmp(state, "moved") == 0 ? "rehearsal_stopped" : state;
}

static const char *look_of(const char *state)
{
    static const struct {
        const char *state, *look;
    } looks[] = {{"on", "live"},  {"waiting", "warn"}, {"stopped", "warn"}, {"moved", "warn"},
                 {"lost", "bad"}, {"revoked", "bad"},  {"next", "ok"},      {"test", "warn"}};
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

/* What has become of the recording, and of a rehearsal what can be made of it. */
static enum rc say_recording(struct words *w, const struct lecture *l, const struct live_stream *s)
{
    struct course_list courses = {0};
    bool over = s && s->ended_at != NO_TIME;
    if (!over || s->discard)
        return RC_OK;
    bool made = l->media_state == MEDIA_WATCHABLE || l->media_state == MEDIA_COMPLETE;
    say(w, w->live, "made", web_t(w->rq, key_of(w, "made", media_state_name(l->media_state))));
    view_set(
        w->live, "recording_url",
        arena_printf(w->rq->cx.arena, l->object.rehearsal ? "/lecture/%s" : "/teach/lecture/%s", l->key));
    flag(w, w->live, "recording", made || !l->object.rehearsal);
    if (!l->object.rehearsal)
        return RC_OK;
    say(w, w->live, "kept",
        web_t(w->rq, "Live.kept", "time", time_of(w, s->ended_at + REHEARSAL_DAYS * INT64_C(86400000))));
    enum rc rc = rehearsal_courses(&w->rq->cx, &courses);
    for (size_t i = 0; rc == RC_OK && i < courses.n; i++) {
        struct view_node *row = view_add(w->live, "Courses");
        view_num(row, "id", courses.item[i].id);
        say(w, row, "name",
            web_t(w->rq, "Live.course", "course", courses.item[i].name, "term",
                  site_term_name(w->rq, courses.item[i].term_year, courses.item[i].term_half)));
    }
    return rc;
}

/* A rehearsal has no title that anybody gave it. */
static const char *what_of(struct words *w, const struct live_due *first)
{
    if (!first)
        return "";
    return first->rehearsal ? web_t(w->rq, "Live.rehearsal") : first->title;
}

static void say_lecture(struct words *w, const struct lecture *l, const struct live_due_list *due,
                        const struct live_stream *s)
{
    const struct live_due *first = live_due_first(due);
    bool next = first && first->id == l->id && w->test == NO_TIME;
    const char *state = s ? stream_state(s, next) : quiet_state(w, l, due);
    bool on = s && s->ended_at == NO_TIME;
    view_set(w->live, "page", page_of(w, l->key));
    const char *word = word_of(l, s, state);
    flag(w, w->live, "rehearsal", l->object.rehearsal);
    say(w, w->live, "tag", web_t(w->rq, key_of(w, "tag", word)));
    say(w, w->live, "look", look_of(state));
    say(w, w->live, "text",
        web_t(w->rq, key_of(w, "text", word), "what", what_of(w, first), "time",
              time_of(w, l->starts_at - INT64_C(1000) * LIVE_EARLY_S), "began",
              s ? time_of(w, s->began_at) : "", "ended", s ? time_of(w, s->ended_at) : "", "who",
              s && s->ended_name ? s->ended_name : web_t(w->rq, "Live.somebody")));
    flag(w, w->live, "may_choose",
         l->object.staff && !l->object.rehearsal && !on && !(s && s->undo) &&
             l->time_state != TIME_CANCELLED && !next);
    flag(w, w->live, "on", on);
    flag(w, w->live, "undo", s && s->undo && (s->discard || !l->object.rehearsal));
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
    if (rc == RC_OK)
        rc = live_test_get(&rq->cx, &w.test);
    if (rc == RC_OK && l)
        rc = live_stream_get(&rq->cx, l->id, &stream);
    if (rc != RC_OK)
        return rc;
    say_due(&w, &due);
    say_refusals(&w, &refused);
    say_test(&w, l ? arena_printf(rq->cx.arena, "%s/test", page_of(&w, l->key)) : "/account/tokens/test");
    if (l) {
        say_lecture(&w, l, &due, stream);
        rc = say_recording(&w, l, stream);
        if (rc == RC_OK && l->object.staff)
            rc = say_token(&w);
    } else {
        rc = say_rehearsals(&w);
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
