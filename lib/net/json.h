/* JSON: bounded parsing and typed getters over jansson. Trees parsed or made here belong to the context's
 * arena, so callers free nothing; a getter lends what the tree owns. Building uses jansson's own calls on
 * trees from js_object(). */
#ifndef LIB_NET_JSON_H
#define LIB_NET_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/base/str.h"

enum { JS_MAX_STRING = 65536 }; /* default limit for a text member, bytes */

/* One JSON value, nothing after it, no duplicate keys, valid UTF-8, at most `max` bytes; else RC_INVALID or
 * RC_TOOBIG. *out lives as long as cx's arena. */
WARN_UNUSED enum rc js_parse(struct cx *cx, struct str text, size_t max, const json_t **out);
/* The same for an object; anything else is RC_INVALID. */
WARN_UNUSED enum rc js_parse_object(struct cx *cx, struct str text, size_t max, const json_t **out);

/* New empty object or array that the arena owns. */
json_t *js_object(struct cx *cx);
json_t *js_array(struct cx *cx);
/* Hands a reference to the arena: returns v and drops it with the arena. */
json_t *js_keep(struct cx *cx, json_t *v);
/* Compact text, keys sorted; in the arena. */
struct str js_text(struct cx *cx, const json_t *v);

/* Required members: RC_INVALID when the member is missing, null, of another type or out of range. `name` is a
 * static string and becomes err.field. */
WARN_UNUSED enum rc js_str(struct cx *cx, const json_t *o, const char *name, size_t max, const char **out);
WARN_UNUSED enum rc js_i64(struct cx *cx, const json_t *o, const char *name, int64_t min, int64_t max,
                           int64_t *out);
WARN_UNUSED enum rc js_f64(struct cx *cx, const json_t *o, const char *name, double min, double max,
                           double *out);
WARN_UNUSED enum rc js_bool(struct cx *cx, const json_t *o, const char *name, bool *out);
WARN_UNUSED enum rc js_obj(struct cx *cx, const json_t *o, const char *name, const json_t **out);
WARN_UNUSED enum rc js_arr(struct cx *cx, const json_t *o, const char *name, const json_t **out);

/* Optional members: missing or null leaves *out as it is and is RC_OK; a wrong type or range is still
 * RC_INVALID. */
WARN_UNUSED enum rc js_opt_str(struct cx *cx, const json_t *o, const char *name, size_t max,
                               const char **out);
WARN_UNUSED enum rc js_opt_i64(struct cx *cx, const json_t *o, const char *name, int64_t min, int64_t max,
                               int64_t *out);
WARN_UNUSED enum rc js_opt_f64(struct cx *cx, const json_t *o, const char *name, double min, double max,
                               double *out);
WARN_UNUSED enum rc js_opt_bool(struct cx *cx, const json_t *o, const char *name, bool *out);
WARN_UNUSED enum rc js_opt_obj(struct cx *cx, const json_t *o, const char *name, const json_t **out);
WARN_UNUSED enum rc js_opt_arr(struct cx *cx, const json_t *o, const char *name, const json_t **out);

/* For values already checked or that may be absent: the member, or the default when missing or of another
 * type. */
const char *js_get_str(const json_t *o, const char *name, const char *dflt);
int64_t js_get_i64(const json_t *o, const char *name, int64_t dflt);
double js_get_f64(const json_t *o, const char *name, double dflt); /* whole numbers too */
bool js_get_bool(const json_t *o, const char *name, bool dflt);

#endif
