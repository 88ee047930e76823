#include "lib/web/web.h"

#include <errno.h>
#include <math.h>

#include "lib/base/clock.h"

/* Notes why a value is refused: key below T.Err, with {min} and {max} filled in. */
static void refuse(struct web_request *rq, const struct web_param *p, const char *key)
{
    const char *min = i18n_number(rq->cx.arena, rq->lang, p->min),
               *max = i18n_number(rq->cx.arena, rq->lang, p->max);
    web_field_error(rq, p->name,
                    web_t(rq, arena_printf(rq->cx.arena, "Err.%s", key), "min", min, "max", max));
}

/* Browsers send CRLF from a textarea. Control characters other than tab and line break are refused: those of
 * ASCII, and C1 (C2 80 to C2 9F). */
static const char *clean_text(struct arena *a, const char *raw, bool lines)
{
    char *out = arena_alloc(a, strlen(raw) + 1);
    size_t n = 0;
    for (const char *p = raw; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (c == '\r' && p[1] == '\n')
            continue;
        if (c == 0xC2 && (unsigned char)p[1] < 0xA0) {
            p++;
            continue;
        }
        if (c == '\n' || c == '\r')
            out[n++] = lines ? '\n' : ' ';
        else if (c >= 0x20 && c != 0x7f)
            out[n++] = (char)c;
        else if (c == '\t')
            out[n++] = lines ? '\t' : ' ';
    }
    return str_dup(a, str_trim((struct str){out, n}));
}

static bool read_text(struct web_request *rq, const struct web_param *p, struct web_value *v)
{
    if (p->kind != WEB_SECRET)
        v->text = clean_text(rq->cx.arena, v->text, p->kind == WEB_TEXT);
    size_t length = str_utf8_length(str_of(v->text));
    if (length == 0 && p->required)
        refuse(rq, p, "required");
    else if ((int64_t)length < p->min && (length > 0 || p->required))
        refuse(rq, p, "too_short");
    else if ((int64_t)length > p->max)
        refuse(rq, p, "too_long");
    else
        return true;
    return false;
}

static bool read_number(struct web_request *rq, const struct web_param *p, struct web_value *v)
{
    if (p->kind == WEB_INT && str_to_i64(str_of(v->text), p->min, p->max, &v->num))
        return true;
    if (p->kind == WEB_REAL) {
        char *end = NULL;
        errno = 0;
        v->real = strtod(v->text, &end);
        if (!errno && *v->text && end && !*end && isfinite(v->real) && v->real >= (double)p->min &&
            v->real <= (double)p->max)
            return true;
    }
    refuse(rq, p, "bad_number");
    return false;
}

static bool read_choice(struct web_request *rq, const struct web_param *p, struct web_value *v)
{
    for (int64_t i = 0; p->choices[i]; i++)
        if (strcmp(p->choices[i], v->text) == 0) {
            v->num = i;
            return true;
        }
    refuse(rq, p, "bad_choice");
    return false;
}

static bool read_name(struct web_request *rq, const struct web_param *p, struct web_value *v)
{
    v->text = clean_text(rq->cx.arena, v->text, false);
    bool good = p->kind == WEB_KEY ? str_is_key(str_of(v->text), (size_t)p->max)
                                   : str_is_slug(str_of(v->text), (size_t)p->max);
    if (!good)
        refuse(rq, p, p->kind == WEB_KEY ? "bad_key" : "bad_slug");
    return good;
}

static bool read_datetime(struct web_request *rq, const struct web_param *p, struct web_value *v)
{
    if (i18n_parse_local(rq->zone, v->text, &v->num))
        return true;
    refuse(rq, p, "bad_time");
    return false;
}

static bool read_date(struct web_request *rq, const struct web_param *p, struct web_value *v)
{
    struct wall w;
    struct str text = str_of(v->text);
    if (text.n == WALL_DATE_LENGTH && wall_parse(text, &w)) {
        v->num = wall_day(&w);
        return true;
    }
    refuse(rq, p, "bad_date");
    return false;
}

static bool read_time(struct web_request *rq, const struct web_param *p, struct web_value *v)
{
    struct wall w = {0};
    if (wall_parse_time(str_of(v->text), &w)) {
        v->num = w.hour * 60 + w.minute;
        return true;
    }
    refuse(rq, p, "bad_clock");
    return false;
}

static bool read_value(struct web_request *rq, const struct web_param *p, struct web_value *v)
{
    switch (p->kind) {
    case WEB_LINE:
    case WEB_TEXT:
    case WEB_SECRET:
        return read_text(rq, p, v);
    case WEB_INT:
    case WEB_REAL:
        return read_number(rq, p, v);
    case WEB_KEY:
    case WEB_SLUG:
        return read_name(rq, p, v);
    case WEB_CHOICE:
        return read_choice(rq, p, v);
    case WEB_FLAG:
        v->num = strcmp(v->text, "1") == 0 || strcmp(v->text, "on") == 0;
        return true;
    case WEB_DATE:
        return read_date(rq, p, v);
    case WEB_TIME:
        return read_time(rq, p, v);
    case WEB_DATETIME:
        return read_datetime(rq, p, v);
    }
    bug("a parameter of no kind");
}

static struct web_value absent(const struct web_param *p)
{
    return (struct web_value){.text = "", .num = p->kind == WEB_DATETIME ? NO_TIME : 0};
}

/* Reads one parameter, which is absent before; if it is refused it stays absent. */
static bool read_param(struct web_request *rq, const struct web_param *p, const char *raw,
                       struct web_value *out)
{
    if (!raw || !*raw) {
        if (p->required)
            refuse(rq, p, "required");
        return !p->required;
    }
    struct web_value v = *out;
    v.given = true;
    v.text = raw;
    if (!read_value(rq, p, &v))
        return false;
    *out = v;
    return true;
}

enum rc web_params(struct web_request *rq, const struct web_param *params, size_t n, struct web_value *out)
{
    enum rc rc = RC_OK;
    for (size_t i = 0; i < n; i++)
        out[i] = absent(&params[i]);
    for (size_t i = 0; i < n; i++) {
        const struct web_param *p = &params[i];
        const char *raw = web_pairs_get(&rq->args, p->name);
        bool in_path = raw != NULL;
        if (!raw)
            raw = web_pairs_get(rq->method == WEB_POST ? &rq->form : &rq->query, p->name);
        bool good = read_param(rq, p, raw, &out[i]);
        if (!good && in_path)
            return err_set(&rq->cx, RC_NOTFOUND, NULL, NULL, "no such %s", p->name);
        if (!good && rc == RC_OK)
            rc = err_set(&rq->cx, RC_INVALID, p->name, "form", "field %s", p->name);
    }
    return rc;
}

enum rc web_params_all(struct web_request *rq, const struct web_param *p, size_t max, struct web_value **out,
                       size_t *n)
{
    const struct web_pairs *pairs = rq->method == WEB_POST ? &rq->form : &rq->query;
    enum rc rc = RC_OK;
    *n = 0;
    *out = arena_array(rq->cx.arena, (pairs->n < max ? pairs->n : max) + 1, sizeof **out);
    for (size_t i = 0; i < pairs->n; i++) {
        if (strcmp(pairs->v[i].name, p->name) != 0)
            continue;
        if (*n == max)
            return err_set(&rq->cx, RC_TOOBIG, NULL, "too_many_fields", "more than %zu of %s", max, p->name);
        struct web_param row = *p;
        row.name = arena_printf(rq->cx.arena, "%.*s-%zu", (int)strcspn(p->name, "["), p->name, *n + 1);
        struct web_value *v = &(*out)[(*n)++];
        *v = absent(p);
        if (!read_param(rq, &row, pairs->v[i].value, v) && rc == RC_OK)
            rc = err_set(&rq->cx, RC_INVALID, row.name, "form", "field %s", row.name);
    }
    return rc;
}

void web_field_error(struct web_request *rq, const char *field, const char *text)
{
    if (rq->error_count < WEB_MAX_ERRORS)
        rq->errors[rq->error_count++] = (struct web_field_error){field, text};
}

void web_form_page(struct web_request *rq, web_handler *page)
{
    rq->form_page = page;
}

enum rc web_form_again(struct web_request *rq)
{
    rq->retry = true;
    return rq->form_page(rq);
}

static struct view_node *field_node(struct web_request *rq, const char *name)
{
    struct view_node *field = view_child(view_child(rq->values, "Form"), name);
    view_set(field, "name", name);
    for (size_t i = 0; i < rq->error_count; i++)
        if (rq->errors[i].field && strcmp(rq->errors[i].field, name) == 0) {
            view_set(field, "error", rq->errors[i].text);
            break;
        }
    return field;
}

void web_field(struct web_request *rq, const char *name, const char *value)
{
    const char *typed = rq->retry ? web_pairs_get(&rq->form, name) : NULL;
    view_set(field_node(rq, name), "value", typed ? typed : value);
}

void web_field_secret(struct web_request *rq, const char *name)
{
    (void)field_node(rq, name);
}

void web_field_flag(struct web_request *rq, const char *name, bool value)
{
    if (rq->retry)
        value = web_pairs_get(&rq->form, name) != NULL;
    view_flag(field_node(rq, name), "on", value);
}
