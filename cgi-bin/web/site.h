/* What the pages of lectern-web share: who is signed in, the frame around every page, rows of courses and
 * lectures, words for enums. Handlers stand in page_*.c and api_*.c, one prototype each made from
 * routes.def. */
#ifndef CGI_BIN_WEB_SITE_H
#define CGI_BIN_WEB_SITE_H

#include "lib/svc/people/ratelimit.h"
#include "lib/svc/policy.h"
#include "lib/svc/teaching/course.h"
#include "lib/svc/teaching/lecture.h"
#include "lib/svc/teaching/term.h"
#include "lib/web/web.h"

#define COOKIE_SESSION "__Host-lectern"
#define COOKIE_LINK    "__Host-sso-link"      /* what waits to be linked: a secret of lib/svc/sso/link.h */
#define COOKIE_IDP     "__Secure-lectern-idp" /* where this browser signed in last: a number, below /login */

#define ROUTE(method, pattern, handler, access, flags) web_handler handler;
#include "cgi-bin/web/routes.def"
#undef ROUTE

/* All rows of it, as lectern-web serves them (routes.c). */
extern const struct web_route site_routes[];
extern const size_t site_route_count;

struct site_menu; /* terms, the organisation's name, storage nodes: kept for some seconds */

/* The program's own state, web_app.ctx; one per process. */
struct site {
    struct db *db; /* the connections of this process */
    struct redis *redis;
    struct ratelimit *limits;
    struct site_menu *menu;
};

struct site *site_of(const struct web_request *rq);

/* The three hooks of struct web_app. */
enum rc site_identify(struct web_request *rq);
bool site_admits(const struct web_request *rq, enum web_access level);
void site_frame(struct web_request *rq);

/* The node that asks: Authorization: Bearer <node token>. Fails as node_by_token. */
struct node_info; /* lib/svc/pipeline/records/node.h */
enum rc site_node(struct web_request *rq, struct node_info **out);

/* The browser of this request is signed in from now on, as cx.actor too, in the language that this person
 * chose earlier. */
void site_sign_in(struct web_request *rq, const struct actor *actor, const char *token);

/* The one page for whatever went wrong at an identity provider: its number leads to the failure in the log.
 * what: "SsoFailed" or "SloFailed", the texts. */
enum rc site_sso_failed(struct web_request *rq, const char *what);

/* Passes rc on; a failure about a service's field then names the form's field that stands for it. */
enum rc site_field(struct web_request *rq, const char *service, const char *form, enum rc rc);

/* The slug of a form for something new: what was typed, else made of its name. "": nothing is left of the name. */
const char *site_slug(struct web_request *rq, const struct web_value *slug, const struct web_value *name,
                      size_t max);
/* Sets Form.slug for such a form, whose field `name` is set: what was typed, else made of what is typed there. */
void site_slug_field(struct web_request *rq, const char *name, size_t max);

/* "Winter 2026/27" */
const char *site_term_name(struct web_request *rq, int year, char half);
const char *site_visibility(struct web_request *rq, enum visibility visibility);
const char *site_view_name(struct web_request *rq, const char *kind); /* of a view: "Camera" */

/* A limit from the configuration: "50 GB" for 50G. */
const char *site_limit(struct web_request *rq, int64_t bytes);

const char *site_course_url(struct web_request *rq, const struct course *c);
const char *site_lecture_url(struct web_request *rq, const struct lecture *l);

/* Sets May.texts, May.upload, …: what the actor may do with a course or one of its lectures, so that a page
 * shows no button that would be refused. */
void site_may(struct web_request *rq, const struct policy_object *object);

/* Sets the time zone of the page's object: times are shown and typed in it. If it is not the installation's
 * zone, Page.city and Page.there (a hint for fields) name it. A name that the system does not know counts as the
 * installation's. */
void site_zone(struct web_request *rq, const char *name);
/* "Tue 24 Nov, 10:15–11:45" in the page's zone. */
const char *site_period(struct web_request *rq, int64_t start, int64_t end);
/* The same for a single lecture, with the hall, and the place if its zone is not the installation's: "Tue 24 Nov,
 * 10:15–11:45, Lisbon time, HS 1". */
const char *site_when(struct web_request *rq, const struct lecture *l);

/* A row of what was deleted: title, text, undo (where to POST to), label. */
void site_deleted_row(struct web_request *rq, struct view_node *row, const char *title, int64_t deleted_at,
                      const char *undo);

/* A row of a list: title, url, sub, count, is_new. */
void site_course_row(struct web_request *rq, struct view_node *row, const struct course *c);
/* A card or row of a lecture: title, url, number, sub, picture or none, duration, percent watched. */
void site_lecture_row(struct web_request *rq, struct view_node *row, const struct lecture *l,
                      const char *sub);

#endif
