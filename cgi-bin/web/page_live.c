/* The lecturer's page of a live lecture: is it on air, who streams, what went wrong and what to do, the end. */
#include "cgi-bin/web/live_words.h"

#include "lib/svc/live/due.h"
#include "lib/svc/live/stream.h"

static const struct web_param param_key = {"key", WEB_KEY, true, 1, LECTURE_KEY_LENGTH, NULL};
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
    view_set(rq->values, "Lecture.title", l->title);
    view_set(rq->values, "Lecture.time", site_when(rq, l));
    return web_page(rq, "live", web_t(rq, "Live.page_title", "what", l->title));
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
