/* The lecturer's page of a live lecture: is it on air, who streams, what went wrong and what to do, the end. */
#include "cgi-bin/web/live_words.h"

#include "lib/base/clock.h"
#include "lib/svc/live/due.h"
#include "lib/svc/live/rehearsal.h"
#include "lib/svc/live/stream.h"

static const struct web_param param_key = {"key", WEB_KEY, true, 1, LECTURE_KEY_LENGTH, NULL};
static const struct web_param param_on = {"on", WEB_FLAG, false, 0, 0, NULL};
static const struct web_param param_course = {"course", WEB_INT, true, 1, INT64_MAX, NULL};
static const struct web_param param_discard = {"discard", WEB_FLAG, false, 0, 0, NULL};

static const char *live_path(struct web_request *rq, const char *key, const char *more)
{
    return arena_printf(rq->cx.arena, "/lecture/%s/live%s", key, more);
}

static enum rc open_lecture(struct web_request *rq, struct lecture **l)
{
    struct web_value key;
    enum rc rc = web_params(rq, &param_key, 1, &key);
    if (rc == RC_OK)
        rc = lecture_get(&rq->cx, ACT_COURSE_UPLOAD, key.text, l);
    if (rc == RC_OK)
        site_zone(rq, (*l)->organisation_zone);
    return rc;
}

enum rc page_live(struct web_request *rq)
{
    struct lecture *l;
    enum rc rc = open_lecture(rq, &l);
    if (rc == RC_OK)
        rc = live_words(rq, l, live_path(rq, l->key, ".json"));
    if (rc != RC_OK)
        return rc;
    view_num(rq->values, "Course.id", l->course_id);
    view_set(rq->values, "Course.title", l->course_name);
    view_set(rq->values, "Lecture.key", l->key);
    const char *title = l->object.rehearsal ? web_t(rq, "Live.rehearsal") : l->title;
    view_set(rq->values, "Lecture.title", title);
    view_set(rq->values, "Lecture.time", site_when(rq, l));
    return web_page(rq, "live", web_t(rq, "Live.page_title", "what", title));
}

enum rc api_live(struct web_request *rq)
{
    struct lecture *l;
    enum rc rc = open_lecture(rq, &l);
    return rc == RC_OK ? live_words_json(rq, l) : rc;
}

/* Of the person, whatever the lecture. */
enum rc api_live_own(struct web_request *rq)
{
    return live_words_json(rq, NULL);
}

enum rc page_live_choose(struct web_request *rq)
{
    struct web_value key;
    enum rc rc = web_params(rq, &param_key, 1, &key);
    if (rc == RC_OK)
        rc = live_due_choose(&rq->cx, key.text);
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "live_chosen", NULL, NULL);
    return web_redirect(rq, live_path(rq, key.text, ""));
}

enum rc page_live_unchoose(struct web_request *rq)
{
    struct web_value key;
    enum rc rc = web_params(rq, &param_key, 1, &key);
    if (rc == RC_OK)
        rc = live_due_choose(&rq->cx, NULL);
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "live_unchosen", NULL, NULL);
    return web_redirect(rq, live_path(rq, key.text, ""));
}

enum rc page_live_end(struct web_request *rq)
{
    struct web_value key, discard;
    enum rc rc = web_params(rq, &param_key, 1, &key);
    if (rc == RC_OK)
        rc = web_params(rq, &param_discard, 1, &discard);
    if (rc == RC_OK)
        rc = live_stream_end(&rq->cx, key.text, discard.num != 0);
    if (rc != RC_OK)
        return rc;
    web_flash(rq, discard.num ? "live_discarded" : "live_ended", NULL, live_path(rq, key.text, "/undo"));
    return web_redirect(rq, live_path(rq, key.text, ""));
}

enum rc page_live_undo(struct web_request *rq)
{
    struct web_value key;
    enum rc rc = web_params(rq, &param_key, 1, &key);
    if (rc == RC_OK)
        rc = live_stream_undo(&rq->cx, key.text);
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "live_undone", NULL, NULL);
    return web_redirect(rq, live_path(rq, key.text, ""));
}

static enum rc set_test(struct web_request *rq, const char *path)
{
    struct web_value on;
    enum rc rc = web_params(rq, &param_on, 1, &on);
    if (rc == RC_OK)
        rc = live_test_set(&rq->cx, on.num != 0);
    if (rc != RC_OK)
        return rc;
    web_flash(rq, on.num ? "live_test_on" : "live_test_off", NULL, NULL);
    return web_redirect(rq, path);
}

enum rc page_live_test(struct web_request *rq)
{
    struct web_value key;
    enum rc rc = web_params(rq, &param_key, 1, &key);
    return rc == RC_OK ? set_test(rq, live_path(rq, key.text, "")) : rc;
}

/* The same on the page of the person's tokens. */
enum rc page_live_test_own(struct web_request *rq)
{
    return set_test(rq, "/account/tokens");
}

/* A rehearsal becomes a lecture. */
enum rc page_live_give(struct web_request *rq)
{
    struct web_value course;
    struct lecture *l;
    enum rc rc = web_params(rq, &param_course, 1, &course);
    if (rc == RC_OK)
        rc = open_lecture(rq, &l);
    if (rc == RC_OK)
        rc = rehearsal_give(&rq->cx, l->key, course.num,
                            web_t(rq, "Live.given_title", "time", site_period(rq, l->starts_at, NO_TIME)));
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "live_given", NULL, NULL);
    return web_redirect(rq, arena_printf(rq->cx.arena, "/teach/lecture/%s", l->key));
}
