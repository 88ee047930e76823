/* Copy this file to start a page: cp page_skeleton.c page_<name>.c. It compiles and is linked, so that it
 * cannot grow old, but no row of routes.def leads here. doc/adding-a-page.md walks through the three
 * steps. */
#include "cgi-bin/web/site.h"

web_handler page_skeleton; /* a real page needs no line here: routes.def declares it */

/* 1. What the request may carry. One row per parameter: name, kind, required, smallest, largest, choices.
 *    Path parameters (":slug" in routes.def) stand in the same table. An enum gives each its index. */
enum { P_TERM, P_SLUG, P_COUNT };
static const struct web_param params[P_COUNT] = {
    [P_TERM] = {"term", WEB_SLUG, true, 1, 6, NULL},
    [P_SLUG] = {"slug", WEB_SLUG, true, 1, COURSE_SLUG_MAX, NULL},
};

/* 2. The handler: parameters, one service call that also checks the right, values for the template, the page.
 *    Everything allocated comes from rq->cx.arena and is gone after the request. A failure is passed on as it
 * is: web_finish makes the page, the status and the log line of it. */
enum rc page_skeleton(struct web_request *rq)
{
    struct web_value v[P_COUNT];
    struct course *course;
    enum rc rc = web_params(rq, params, P_COUNT, v);
    if (rc == RC_OK)
        rc = course_get_by_slug(&rq->cx, ACT_COURSE_PAGE, v[P_TERM].text, v[P_SLUG].text, NULL, &course);
    if (rc != RC_OK)
        return rc;
    site_course_row(rq, view_child(rq->values, "Course"),
                    course);                       /* the template reads Course.title, Course.url … */
    return web_page(rq, "skeleton", course->name); /* templates/skeleton.cs, and the page's title */
}

/* 3. A handler for POST looks the same, with three differences. web_form_page names the page that is shown
 * again if anything is wrong, with what was typed; web_flash leaves a message for the next page; and it ends
 * with web_redirect, so that reloading does not send the form twice. The form token was checked before.
 *
 *        web_form_page(rq, page_skeleton);
 *        rc = web_params(…);
 *        if (rc == RC_OK)
 *            rc = course_update(&rq->cx, …);
 *        if (rc != RC_OK)
 *            return rc;
 *        web_flash(rq, "course_saved", name, NULL);
 *        return web_redirect(rq, path);
 */
