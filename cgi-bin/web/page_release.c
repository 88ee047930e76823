/* When recordings appear: the rule of a course, and of one lecture. */
#include "cgi-bin/web/release_form.h"
#include "cgi-bin/web/site.h"

#include "lib/svc/teaching/release.h"

static const struct web_param param_id = {"id", WEB_INT, true, 1, INT64_MAX, NULL};
static const struct web_param param_key = {"key", WEB_KEY, true, 1, LECTURE_KEY_LENGTH, NULL};

static const char *course_url(struct web_request *rq, int64_t id)
{
    return arena_printf(rq->cx.arena, "/teach/course/%lld/release", (long long)id);
}

enum rc page_release(struct web_request *rq)
{
    struct web_value id;
    struct course *c;
    struct release r;
    enum rc rc = web_params(rq, &param_id, 1, &id);
    if (rc == RC_OK)
        rc = course_get(&rq->cx, ACT_COURSE_PUBLISH, id.num, &c);
    if (rc == RC_OK)
        rc = release_get_course(&rq->cx, c->id, &r);
    if (rc != RC_OK)
        return rc;
    view_num(rq->values, "Course.id", c->id);
    view_set(rq->values, "Course.title", c->name);
    view_set(rq->values, "Release.action", course_url(rq, c->id));
    view_set(rq->values, "Release.hint", web_t(rq, "Release.course_hint"));
    rc = release_form_show(
        rq, &r, NULL,
        (struct seen_form){
            .url = course_url(rq, c->id), .kind = "course", .id = c->id, .actions = "course.release"});
    return rc != RC_OK ? rc : web_page(rq, "release", web_t(rq, "Release.title"));
}

enum rc page_release_save(struct web_request *rq)
{
    struct web_value id;
    struct release r;
    bool own = true;
    web_form_page(rq, page_release);
    enum rc rc = web_params(rq, &param_id, 1, &id);
    if (rc == RC_OK)
        rc = release_form_read(rq, &r, &own);
    if (rc == RC_OK)
        rc = release_set_course(&rq->cx, id.num, &r, seen_sent(rq));
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "release_saved", NULL, NULL);
    return web_redirect(rq, arena_printf(rq->cx.arena, "/teach/course/%lld", (long long)id.num));
}

/* --- one lecture --- */

enum rc page_lecture_release(struct web_request *rq)
{
    struct web_value key;
    struct lecture *l;
    enum rc rc = web_params(rq, &param_key, 1, &key);
    if (rc == RC_OK)
        rc = lecture_get(&rq->cx, ACT_COURSE_PUBLISH, key.text, &l);
    if (rc != RC_OK)
        return rc;
    site_zone(rq, l->organisation_zone);
    view_num(rq->values, "Course.id", l->course_id);
    view_set(rq->values, "Course.title", l->course_name);
    view_set(rq->values, "Lecture.key", l->key);
    view_set(rq->values, "Lecture.title", l->title);
    const char *url = arena_printf(rq->cx.arena, "/teach/lecture/%s/release", l->key);
    view_set(rq->values, "Release.action", url);
    view_set(rq->values, "Release.hint", release_sentence(rq, l));
    rc = release_form_show(
        rq, &l->release, &l->release_own,
        (struct seen_form){.url = url, .kind = "lecture", .id = l->id, .actions = "lecture.release"});
    return rc != RC_OK ? rc : web_page(rq, "release", web_t(rq, "Release.title"));
}

static enum rc to_lecture(struct web_request *rq, const char *key, const char *flash)
{
    web_flash(rq, flash, NULL, NULL);
    return web_redirect(rq, arena_printf(rq->cx.arena, "/teach/lecture/%s", key));
}

enum rc page_lecture_release_save(struct web_request *rq)
{
    struct web_value key;
    struct release r;
    bool own;
    web_form_page(rq, page_lecture_release);
    enum rc rc = web_params(rq, &param_key, 1, &key);
    if (rc == RC_OK)
        rc = release_form_read(rq, &r, &own);
    if (rc == RC_OK)
        rc = release_set_lecture(&rq->cx, key.text, own ? &r : NULL, seen_sent(rq));
    return rc == RC_OK ? to_lecture(rq, key.text, "release_lecture_saved") : rc;
}

enum rc page_lecture_release_now(struct web_request *rq)
{
    struct web_value key;
    enum rc rc = web_params(rq, &param_key, 1, &key);
    if (rc == RC_OK)
        rc = release_now(&rq->cx, key.text);
    return rc == RC_OK ? to_lecture(rq, key.text, "released") : rc;
}

enum rc page_lecture_release_back(struct web_request *rq)
{
    struct web_value key;
    enum rc rc = web_params(rq, &param_key, 1, &key);
    if (rc == RC_OK)
        rc = release_back(&rq->cx, key.text);
    return rc == RC_OK ? to_lecture(rq, key.text, "withheld") : rc;
}
