/* What a page handler sees: one request, its declared parameters, the answer. A handler reads parameters,
 * calls one service function, fills the view and returns; web_finish turns whatever it returned into status
 * and page.
 *
 *     enum rc course_show(struct web_request *rq)
 *     {
 *         struct web_value v[P_COUNT];
 *         enum rc rc = web_params(rq, params, P_COUNT, v);
 *         …
 *         return web_page(rq, "course", title);
 *     }
 */
#ifndef LIB_WEB_WEB_H
#define LIB_WEB_WEB_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/cx.h"
#include "lib/base/str.h"
#include "lib/web/file.h"
#include "lib/web/i18n.h"
#include "lib/web/parse.h"
#include "lib/web/view.h"

struct conf;
struct web_request;

typedef enum rc web_handler(struct web_request *rq);

enum web_method { WEB_GET, WEB_POST, WEB_METHOD_COUNT /* of a request: any other, which no route has */ };

/* Who may call a route at all. The exact right is policy_may's, inside the services. 0 is refused at
 * start-up. */
enum web_access {
    WEB_UNSET,
    WEB_PUBLIC,
    WEB_SIGNEDIN,
    WEB_LECTURER, /* signed in, and lecturer of something */
    WEB_LOCAL,    /* from this host only, whoever it is */
    WEB_NODE,     /* a node's own token, checked by the handler; no session, no CSRF token */
    WEB_ACCESS_COUNT
};

enum {
    WEB_RAW = 1,      /* the body is not a form: at most WEB_MAX_RAW bytes in rq->body */
    WEB_JSON = 2,     /* failures are JSON too: {"error": sentence, "field": name} */
    WEB_HOT = 4,      /* without a session the page is the same for everybody and may be kept as a file */
    WEB_LONG = 8,     /* a form or query with rows: WEB_LONG_PAIRS fields, WEB_LONG_FORM bytes */
    WEB_FOREIGN = 16, /* other sites may post to it: neither Origin nor form token is checked, so the handler
                        must know by itself that the request was meant */
    WEB_FILE = 32,    /* the form may have a small file (multipart/form-data): rq->file. At most WEB_MAX_RAW
                        bytes, of which WEB_MAX_FILE are kept */
};

struct web_route {
    enum web_method method;
    const char *pattern; /* "/course/:term/:slug" */
    web_handler *handler;
    enum web_access access;
    unsigned flags;
    const char *name; /* of the handler, for the log */
};

/* The program that serves: set once by main(). */
struct web_app {
    void *ctx; /* the program's own */
    const struct conf *conf;
    const struct zone *zone; /* the installation's: conf->time_zone */
    const struct web_route *routes;
    size_t route_count;
    struct view *view;
    /* Who asks: reads the session cookie and sets cx.actor, signed_in, secret and language. Visitors are
     * RC_OK too. */
    enum rc (*identify)(struct web_request *rq);
    /* Whether the access level admits this request's actor (levels from WEB_SIGNEDIN to WEB_LECTURER). */
    bool (*admits)(const struct web_request *rq, enum web_access level);
    /* Sets what every page shows around its content. Must work without a database. */
    void (*frame)(struct web_request *rq);
    /* SQL statements run so far by this process, for the log, the figures and (at log level debug) a
     * header. */
    uint64_t (*count)(const struct cx *cx);
};

struct web_field_error {
    const char *field, *text;
};

enum { WEB_MAX_ERRORS = 20, WEB_MAX_PAGE = 8 * 1024 * 1024 };

struct web_request {
    struct cx cx;
    const struct web_app *app;

    /* what was asked */
    enum web_method method;
    bool head;          /* HEAD: as GET, without the body */
    const char *path;   /* decoded, without the query */
    const char *target; /* path and query as sent, where to come back to; "/" for what is no path of ours */
    struct web_pairs args; /* of the path */
    struct web_pairs query, form;
    struct str body;      /* WEB_RAW */
    struct web_file file; /* WEB_FILE */
    bool wants_json;
    const char *(*header)(const struct web_request *rq, const char *name); /* a CGI variable: "HTTP_ACCEPT" */
    const void *env;
    const struct web_route *route;

    /* who asked */
    bool signed_in;
    const char *secret; /* what CSRF tokens derive from: the session's cookie, or a visitor's form cookie */
    const struct i18n *lang;
    bool lang_chosen; /* by cookie, address or account: not by Accept-Language */
    const struct zone
        *zone;           /* in which this page shows and reads times: the installation's, or its object's */
    int64_t now;         /* ms, the same for the whole request */
    uint64_t statements; /* what count() said at the beginning */

    /* the answer */
    int status; /* 0: nothing decided yet */
    struct buf headers, out;
    struct view_node *values;
    const char *page; /* template to render, or NULL */
    bool forever;     /* web_keep */
    bool leaves;      /* web_forms_leave */
    bool retry;       /* a form page after a failed POST: fields keep what was typed */
    web_handler *form_page;
    struct web_field_error errors[WEB_MAX_ERRORS];
    size_t error_count;
};

/* --- parameters: declared, typed, checked before the handler uses them --- */

enum web_kind {
    WEB_LINE,     /* one line of text, trimmed; min and max in characters */
    WEB_TEXT,     /* several lines, \n between; min and max in characters */
    WEB_SECRET,   /* a line that is not trimmed and never shown again */
    WEB_INT,      /* whole number, min to max */
    WEB_REAL,     /* decimal number, min to max */
    WEB_KEY,      /* public key: exactly max characters of [a-z0-9] */
    WEB_SLUG,     /* at most max characters of [a-z0-9-] */
    WEB_CHOICE,   /* one of `choices`; num is its index */
    WEB_FLAG,     /* a checkbox: "1" or absent */
    WEB_DATE,     /* a date; num is days since 1970-01-01 (lib/base/zone.h) */
    WEB_TIME,     /* a time of day; num is minutes since midnight */
    WEB_DATETIME, /* local time of a form, in rq->zone; num is ms UTC or NO_TIME */
};

struct web_param {
    const char *name;
    enum web_kind kind;
    bool required;
    int64_t min, max;
    const char *const *choices; /* ends with NULL */
};

struct web_value {
    bool given;
    const char *text; /* "" if not given */
    int64_t num;
    double real;
};

/* Reads n parameters: from the path if it has one of that name, else from the form of a POST or the query of
 * a GET. RC_INVALID with one field error each; a bad part of the path is RC_NOTFOUND. Every entry of out is
 * set, whatever is returned: what was refused, or not looked at any more, is as if it had not been given. A
 * handler reads all its parameters before it calls a service. */
WARN_UNUSED enum rc web_params(struct web_request *rq, const struct web_param *params, size_t n,
                               struct web_value *out);

/* Reads every value of a field that form or query repeat, in their order: of rows that send the same fields, the nth
 * values belong together. A name may end in "[]". What is refused is absent, and its error stands at the field
 * "<name>-<row>", without the brackets, from 1 on. RC_INVALID as above; RC_TOOBIG too_many_fields: more than max. *out is
 * in the arena; out and n are set whatever is returned. */
WARN_UNUSED enum rc web_params_all(struct web_request *rq, const struct web_param *p, size_t max,
                                   struct web_value **out, size_t *n);

/* A failed POST shows this page again, with what was typed and what is wrong, instead of an error page. */
void web_form_page(struct web_request *rq, web_handler *page);
/* That page once more with what was typed, although nothing is wrong: the form was sent for something else than to be
 * finished, such as a search. */
enum rc web_form_again(struct web_request *rq);
/* Sets Form.<name>.value for a form page: what was typed, if this is a second try, else `value`; and
 * .error. */
void web_field(struct web_request *rq, const char *name, const char *value);
void web_field_secret(struct web_request *rq, const char *name); /* never shown again */
void web_field_flag(struct web_request *rq, const char *name, bool value);
/* Notes what is wrong with a field: `text` is the sentence. */
void web_field_error(struct web_request *rq, const char *field, const char *text);

/* --- the answer: each returns RC_OK for the handler to return --- */

enum rc web_page(struct web_request *rq, const char *page, const char *title);
enum rc web_redirect(struct web_request *rq, const char *path); /* 303, local path */
/* 303 to another site: https or http; anything else is a bug, so its address must have been checked. */
enum rc web_redirect_away(struct web_request *rq, const char *url);
enum rc web_no_content(struct web_request *rq); /* 204 */
enum rc web_text(struct web_request *rq, int status, const char *type, struct str text);
enum rc web_json(struct web_request *rq, int status, struct str json);

/* This answer never changes at its address: the browser keeps it for a year. It must be the same for everybody. */
void web_keep(struct web_request *rq);

/* Forms of this page may be sent to other sites: form-action of its policy would also refuse where those redirect to.
 * For a page whose only purpose is such a form. */
void web_forms_leave(struct web_request *rq);

/* A header line of the answer. Values with line breaks are a bug. */
void web_header(struct web_request *rq, const char *name, const char *value);
/* A cookie for the whole site: Secure, HttpOnly, SameSite=Lax. max_age in seconds; 0 deletes; -1: until the
 * browser ends. */
void web_cookie(struct web_request *rq, const char *name, const char *value, int64_t max_age);
/* The same for what lies below one path. */
void web_cookie_below(struct web_request *rq, const char *path, const char *name, const char *value,
                      int64_t max_age);
/* The same for the whole site, but sent with requests from other sites, too (SameSite=None): for what must
 * come back with a form that another site posts. */
void web_cookie_foreign(struct web_request *rq, const char *name, const char *value, int64_t max_age);
const char *web_cookie_get(const struct web_request *rq, const char *name);

/* A message on the next page: key below T.Flash, with {what} filled in; undo is a local path to POST to, or
 * NULL. */
void web_flash(struct web_request *rq, const char *key, const char *what, const char *undo);

/* The token for forms of this request; makes a visitor's form cookie if need be. */
const char *web_csrf(struct web_request *rq);

/* On GET of any page ?lang=… is handled before the handler; this is for a form: remembers the choice. */
void web_choose_language(struct web_request *rq, const char *code);

/* "https://store.example:8443" of an address, as a Content-Security-Policy names it; NULL if there is none or
 * the address has characters that do not belong there. */
const char *web_origin(struct arena *a, const char *url);
/* Does a list of them, each after a space, have this one? */
bool web_has_origin(const char *list, const char *origin);

/* Text of the catalogue in the reader's language, with {name} filled in. */
#define web_t(rq, ...) i18n_fill((rq)->cx.arena, (rq)->lang, __VA_ARGS__, NULL)

#endif
