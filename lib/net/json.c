#include "lib/net/json.h"

static void drop(void *v)
{
    json_decref(v);
}

json_t *js_keep(struct cx *cx, json_t *v)
{
    if (!v)
        bug("out of memory in jansson");
    arena_on_free(cx->arena, drop, v);
    return v;
}

json_t *js_object(struct cx *cx)
{
    return js_keep(cx, json_object());
}

json_t *js_array(struct cx *cx)
{
    return js_keep(cx, json_array());
}

enum rc js_parse(struct cx *cx, struct str text, size_t max, const json_t **out)
{
    json_error_t e;
    if (text.n > max)
        return err_set(cx, RC_TOOBIG, NULL, NULL, "JSON of %zu bytes, at most %zu", text.n, max);
    json_t *v = json_loadb(text.p ? text.p : "", text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);
    if (!v)
        return err_set(cx, RC_INVALID, NULL, NULL, "JSON, byte %d: %s", e.position, e.text);
    *out = js_keep(cx, v);
    return RC_OK;
}

enum rc js_parse_object(struct cx *cx, struct str text, size_t max, const json_t **out)
{
    const json_t *v;
    enum rc rc = js_parse(cx, text, max, &v);
    if (rc != RC_OK)
        return rc;
    if (!json_is_object(v))
        return err_set(cx, RC_INVALID, NULL, NULL, "JSON is not an object");
    *out = v;
    return RC_OK;
}

struct str js_text(struct cx *cx, const json_t *v)
{
    enum { FLAGS = JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY };
    size_t n = json_dumpb(v, NULL, 0, FLAGS);
    char *p = arena_alloc(cx->arena, n + 1);
    json_dumpb(v, p, n, FLAGS);
    return (struct str){p, n};
}

/* The member, or NULL when it is missing or null. */
static const json_t *member(const json_t *o, const char *name)
{
    const json_t *v = json_object_get(o, name);
    return v && !json_is_null(v) ? v : NULL;
}

static enum rc missing(struct cx *cx, const char *name)
{
    return err_set(cx, RC_INVALID, name, NULL, "JSON member %s is missing", name);
}

static enum rc wrong(struct cx *cx, const char *name, const char *wanted)
{
    return err_set(cx, RC_INVALID, name, NULL, "JSON member %s is not %s", name, wanted);
}

enum rc js_opt_str(struct cx *cx, const json_t *o, const char *name, size_t max, const char **out)
{
    const json_t *v = member(o, name);
    if (!v)
        return RC_OK;
    if (!json_is_string(v) || json_string_length(v) > max)
        return wrong(cx, name, "a text within its limit");
    *out = json_string_value(v);
    return RC_OK;
}

enum rc js_opt_i64(struct cx *cx, const json_t *o, const char *name, int64_t min, int64_t max, int64_t *out)
{
    const json_t *v = member(o, name);
    if (!v)
        return RC_OK;
    if (!json_is_integer(v) || json_integer_value(v) < min || json_integer_value(v) > max)
        return wrong(cx, name, "a whole number within its range");
    *out = json_integer_value(v);
    return RC_OK;
}

enum rc js_opt_f64(struct cx *cx, const json_t *o, const char *name, double min, double max, double *out)
{
    const json_t *v = member(o, name);
    if (!v)
        return RC_OK;
    if (!json_is_number(v) || json_number_value(v) < min || json_number_value(v) > max)
        return wrong(cx, name, "a number within its range");
    *out = json_number_value(v);
    return RC_OK;
}

enum rc js_opt_bool(struct cx *cx, const json_t *o, const char *name, bool *out)
{
    const json_t *v = member(o, name);
    if (!v)
        return RC_OK;
    if (!json_is_boolean(v))
        return wrong(cx, name, "true or false");
    *out = json_is_true(v);
    return RC_OK;
}

enum rc js_opt_obj(struct cx *cx, const json_t *o, const char *name, const json_t **out)
{
    const json_t *v = member(o, name);
    if (!v)
        return RC_OK;
    if (!json_is_object(v))
        return wrong(cx, name, "an object");
    *out = v;
    return RC_OK;
}

enum rc js_opt_arr(struct cx *cx, const json_t *o, const char *name, const json_t **out)
{
    const json_t *v = member(o, name);
    if (!v)
        return RC_OK;
    if (!json_is_array(v))
        return wrong(cx, name, "an array");
    *out = v;
    return RC_OK;
}

enum rc js_str(struct cx *cx, const json_t *o, const char *name, size_t max, const char **out)
{
    return member(o, name) ? js_opt_str(cx, o, name, max, out) : missing(cx, name);
}

enum rc js_i64(struct cx *cx, const json_t *o, const char *name, int64_t min, int64_t max, int64_t *out)
{
    return member(o, name) ? js_opt_i64(cx, o, name, min, max, out) : missing(cx, name);
}

enum rc js_f64(struct cx *cx, const json_t *o, const char *name, double min, double max, double *out)
{
    return member(o, name) ? js_opt_f64(cx, o, name, min, max, out) : missing(cx, name);
}

enum rc js_bool(struct cx *cx, const json_t *o, const char *name, bool *out)
{
    return member(o, name) ? js_opt_bool(cx, o, name, out) : missing(cx, name);
}

enum rc js_obj(struct cx *cx, const json_t *o, const char *name, const json_t **out)
{
    return member(o, name) ? js_opt_obj(cx, o, name, out) : missing(cx, name);
}

enum rc js_arr(struct cx *cx, const json_t *o, const char *name, const json_t **out)
{
    return member(o, name) ? js_opt_arr(cx, o, name, out) : missing(cx, name);
}

const char *js_get_str(const json_t *o, const char *name, const char *dflt)
{
    const json_t *v = member(o, name);
    return json_is_string(v) ? json_string_value(v) : dflt;
}

int64_t js_get_i64(const json_t *o, const char *name, int64_t dflt)
{
    const json_t *v = member(o, name);
    return json_is_integer(v) ? json_integer_value(v) : dflt;
}

double js_get_f64(const json_t *o, const char *name, double dflt)
{
    const json_t *v = member(o, name);
    return json_is_number(v) ? json_number_value(v) : dflt;
}

bool js_get_bool(const json_t *o, const char *name, bool dflt)
{
    const json_t *v = member(o, name);
    return json_is_boolean(v) ? json_is_true(v) : dflt;
}
