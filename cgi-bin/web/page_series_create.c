/* Making the lectures of a series: the rows of its dates as they were sent. */
#include "cgi-bin/web/series_rows.h"
#include "cgi-bin/web/twice.h"

enum { C_TITLE, C_NUMBER, C_NONCE, C_COUNT };
static const struct web_param create_params[C_COUNT] = {
    [C_TITLE] = {"title", WEB_LINE, true, 1, LECTURE_TITLE_MAX, NULL},
    [C_NUMBER] = {"number", WEB_INT, true, 0, 100000, NULL},
    [C_NONCE] = {"nonce", WEB_KEY, true, 1, SCHEDULE_NONCE, NULL},
};

enum { R_DATE, R_TIME, R_LENGTH, R_HALL, R_PICK, R_COUNT };
static const struct web_param row_params[R_COUNT] = {
    [R_DATE] = {"date[]", WEB_DATE, true, 0, 0, NULL},
    [R_TIME] = {"time[]", WEB_TIME, true, 0, 0, NULL},
    [R_LENGTH] = {"length[]", WEB_INT, true, 1, SCHEDULE_LONGEST, NULL},
    [R_HALL] = {"hall[]", WEB_LINE, false, 0, SCHEDULE_HALL_MAX, NULL},
    [R_PICK] = {"pick", WEB_INT, false, 1, SERIES_MAX, NULL}, /* the rows that are ticked */
};

static const char *note_key(struct web_request *rq, size_t row)
{
    return arena_printf(rq->cx.arena, "Notes.%zu", row + 1);
}

/* The text of the nth field of that name, as it was typed. */
static const char *typed(const struct web_request *rq, const char *name, size_t row)
{
    for (size_t i = 0; i < rq->form.n; i++)
        if (strcmp(rq->form.v[i].name, name) == 0 && row-- == 0)
            return rq->form.v[i].value;
    return "";
}

/* When it is, as it was typed: a date, or the fields that make none. */
static const char *row_time(struct web_request *rq, size_t row)
{
    const char *date = typed(rq, "date[]", row), *time = typed(rq, "time[]", row);
    struct wall w;
    int64_t length;
    if (!wall_parse(str_of(date), &w) || !wall_parse_time(str_of(time), &w) ||
        !str_to_i64(str_of(typed(rq, "length[]", row)), 1, SCHEDULE_LONGEST, &length))
        return arena_printf(rq->cx.arena, "%s, %s", date, time);
    int64_t start = zone_utc(rq->zone, &w);
    return site_period(rq, start, start + length * 60000);
}

static const char *row_error(const struct web_request *rq, size_t row)
{
    static const char *const names[] = {"date", "time", "length", "hall"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        for (size_t i = 0; i < rq->error_count; i++)
            if (strcmp(rq->errors[i].field ? rq->errors[i].field : "",
                       arena_printf(rq->cx.arena, "%s-%zu", names[k], row + 1)) == 0)
                return rq->errors[i].text;
    return NULL;
}

/* The rows again as they were sent, with what is wrong with some of them. */
static enum rc page_series_again(struct web_request *rq)
{
    struct course *c;
    struct web_value *picked;
    size_t n, rows = 0;
    enum rc rc = series_open(rq, &c);
    if (rc == RC_OK)
        rc = hall_field_show(rq, c->object.organisation_path);
    if (rc != RC_OK)
        return rc;
    if (web_params_all(rq, &row_params[R_PICK], SERIES_MAX, &picked, &n) != RC_OK)
        err_clear(&rq->cx);
    for (size_t i = 0; i < rq->form.n; i++)
        rows += strcmp(rq->form.v[i].name, "date[]") == 0;
    for (size_t i = 0; i < rows && i < SERIES_MAX; i++) {
        struct view_node *node = series_row(rq, i);
        const char *error = row_error(rq, i);
        view_set(node, "text", row_time(rq, i));
        view_set(node, "date", typed(rq, "date[]", i));
        view_set(node, "time", typed(rq, "time[]", i));
        view_set(node, "length", typed(rq, "length[]", i));
        view_set(node, "hall", typed(rq, "hall[]", i));
        for (size_t k = 0; k < n; k++)
            if (picked[k].num == (int64_t)i + 1)
                view_flag(node, "on", true);
        view_set(node, "error", error);
        view_set(node, "note", view_get(rq->values, note_key(rq, i)));
    }
    twice_show(rq, false);
    view_set(rq->values, "Dates.count", i18n_count(rq->cx.arena, rq->lang, "Schedule.dates", (int64_t)rows));
    series_kept(rq, typed(rq, "title", 0), typed(rq, "number", 0), typed(rq, "nonce", 0),
                typed(rq, "rule", 0));
    return web_page(rq, "series_dates", web_t(rq, "Schedule.check"));
}

/* All columns of the rows; *n is the number of rows, each of which sends every field but `pick`. */
static enum rc read_rows(struct web_request *rq, struct schedule_date **out, size_t *n)
{
    struct web_value *v[R_COUNT];
    size_t count[R_COUNT];
    enum rc rc = RC_OK;
    for (size_t k = 0; k < R_COUNT; k++) {
        enum rc one = web_params_all(rq, &row_params[k], SERIES_MAX, &v[k], &count[k]);
        rc = rc == RC_OK ? one : rc;
    }
    if (rc == RC_OK && (count[R_DATE] != count[R_TIME] || count[R_DATE] != count[R_LENGTH] ||
                        count[R_DATE] != count[R_HALL]))
        rc = err_set(&rq->cx, RC_INVALID, NULL, "form", "rows that miss a field");
    if (rc != RC_OK)
        return rc;
    *n = count[R_DATE];
    *out = arena_array(rq->cx.arena, *n + 1, sizeof **out);
    for (size_t i = 0; i < *n; i++)
        (*out)[i] = (struct schedule_date){.day = v[R_DATE][i].num,
                                           .minute = v[R_TIME][i].num,
                                           .length = v[R_LENGTH][i].num,
                                           .hall = v[R_HALL][i].text,
                                           .skip = true};
    for (size_t i = 0; i < count[R_PICK]; i++)
        if (v[R_PICK][i].given && v[R_PICK][i].num <= (int64_t)*n)
            (*out)[v[R_PICK][i].num - 1].skip = false;
    return RC_OK;
}

/* Says at each ticked row why its hall cannot be had. */
static enum rc refuse_taken(struct web_request *rq, const struct schedule_date *date, size_t n)
{
    enum rc rc = RC_OK;
    for (size_t i = 0; i < n; i++) {
        const struct booking *b = date[i].booking;
        if (!b->wrong)
            continue;
        web_field_error(rq, b->field, hall_wrong(rq, b));
        rc = err_set(&rq->cx, RC_CONFLICT, b->field, b->wrong, "row %zu", i + 1);
    }
    return rc;
}

/* Looks at the dates once more, since they may have been changed, and asks about those that are ticked. A form that is sent
 * again would find what it has made. */
static enum rc look_again(struct web_request *rq, const char *nonce, struct schedule_date *date, size_t n)
{
    struct course *c;
    struct term *term;
    struct schedule_span *span = arena_array(rq->cx.arena, n + 1, sizeof *span);
    bool made = false;
    enum rc rc = series_open(rq, &c);
    if (rc == RC_OK)
        rc = schedule_is_made(&rq->cx, c, nonce, &made);
    if (rc != RC_OK || made)
        return rc;
    rc = term_get(&rq->cx, c->term_id, &term);
    if (rc == RC_OK)
        rc = schedule_look(&rq->cx, c, date, n);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        view_set(rq->values, note_key(rq, i), series_note(rq, term, &date[i]));
        span[i] = (struct schedule_span){.starts_at = date[i].starts_at,
                                         .ends_at = date[i].starts_at + date[i].length * 60000,
                                         .skip = date[i].skip,
                                         .twice = date[i].twice};
    }
    if (rc != RC_OK)
        return rc;
    enum rc halls = refuse_taken(rq, date, n), twice = twice_ask(rq, span, n);
    return halls != RC_OK ? halls : twice;
}

enum rc page_series_create(struct web_request *rq)
{
    static const struct web_param param_id = {"id", WEB_INT, true, 1, INT64_MAX, NULL};
    struct web_value id, v[C_COUNT];
    struct schedule_date *date = NULL;
    size_t n = 0, made;
    web_form_page(rq, page_series_again);
    enum rc rc = web_params(rq, &param_id, 1, &id);
    if (rc == RC_OK)
        rc = web_params(rq, create_params, C_COUNT, v);
    if (rc == RC_OK)
        rc = read_rows(rq, &date, &n);
    if (rc == RC_OK)
        rc = look_again(rq, v[C_NONCE].text, date, n);
    if (rc != RC_OK)
        return rc;
    struct schedule_new in = {.title = v[C_TITLE].text, .number = v[C_NUMBER].num, .nonce = v[C_NONCE].text};
    in.date = date;
    in.n = n;
    rc = schedule_create(&rq->cx, id.num, &in, &made);
    if (rc != RC_OK)
        return rc;
    const char *url = arena_printf(rq->cx.arena, "/teach/course/%lld/schedule", (long long)id.num);
    web_flash(rq, "series_created", NULL, arena_printf(rq->cx.arena, "%s/undo/%s", url, in.nonce));
    return web_redirect(rq, url);
}
