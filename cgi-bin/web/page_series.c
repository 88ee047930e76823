/* Planning lectures of a course: the form of a series (or a single lecture), its dates as rows to be unticked or changed, and
 * making them. The dates are a page that is posted to, and nothing is kept in between: the way back to the rule has it in
 * its address. */
#include "cgi-bin/web/hall_field.h"
#include "cgi-bin/web/twice.h"

#include "lib/base/clock.h"
#include "lib/base/rand.h"
#include "lib/svc/teaching/schedule.h"

static const struct web_param param_id = {"id", WEB_INT, true, 1, INT64_MAX, NULL};

enum {
    S_FIRST,
    S_TIME,
    S_LENGTH,
    S_HALL,
    S_TITLE,
    S_NUMBER,
    S_REPEAT,
    S_EVERY,
    S_UNTIL,
    S_LECTURES,
    S_COUNT
};
static const char *const repeats[] = {"weekly", "once", NULL};
static const struct web_param rule_params[S_COUNT] = {
    [S_FIRST] = {"first", WEB_DATE, true, 0, 0, NULL},
    [S_TIME] = {"time", WEB_TIME, true, 0, 0, NULL},
    [S_LENGTH] = {"length", WEB_INT, true, 1, SCHEDULE_LONGEST, NULL},
    [S_HALL] = {"hall", WEB_LINE, false, 0, SCHEDULE_HALL_MAX, NULL},
    [S_TITLE] = {"title", WEB_LINE, true, 1, LECTURE_TITLE_MAX, NULL},
    [S_NUMBER] = {"number", WEB_INT, false, 0, 100000, NULL},
    [S_REPEAT] = {"repeat", WEB_CHOICE, true, 0, 0, repeats},
    [S_EVERY] = {"every", WEB_INT, false, 1, SERIES_WEEKS_MAX, NULL},
    [S_UNTIL] = {"until", WEB_DATE, false, 0, 0, NULL},
    [S_LECTURES] = {"count", WEB_INT, false, 1, SERIES_MAX, NULL},
};
static const struct web_param param_day = {"day", WEB_INT, false, 0, 6, NULL};

static enum rc load(struct web_request *rq, struct course **c)
{
    struct web_value id;
    enum rc rc = web_params(rq, &param_id, 1, &id);
    if (rc == RC_OK)
        rc = course_get(&rq->cx, ACT_COURSE_TIMETABLE, id.num, c);
    if (rc == RC_OK && (*c)->object.deleted)
        rc = err_set(&rq->cx, RC_CONFLICT, NULL, "deleted", "the course is deleted");
    if (rc != RC_OK)
        return rc;
    site_zone(rq, (*c)->organisation_zone);
    view_num(rq->values, "Course.id", (*c)->id);
    view_set(rq->values, "Course.title", (*c)->name);
    return RC_OK;
}

/* --- the rule --- */

static const char *date_text(struct web_request *rq, int64_t day)
{
    struct wall w = wall_of_day(day);
    return wall_date(rq->cx.arena, &w);
}

static const char *number_text(struct web_request *rq, int64_t n)
{
    return arena_printf(rq->cx.arena, "%lld", (long long)n);
}

/* Which weekdays are ticked: a bit each, 0: Sunday. */
static enum rc read_weekdays(struct web_request *rq, unsigned *weekdays)
{
    struct web_value *v;
    size_t n;
    enum rc rc = web_params_all(rq, &param_day, 7, &v, &n);
    *weekdays = 0;
    for (size_t i = 0; i < n; i++)
        *weekdays |= v[i].given ? 1U << v[i].num : 0;
    return rc;
}

/* From Monday on, by the words of the catalogue. */
static void show_weekdays(struct web_request *rq, unsigned weekdays)
{
    for (int i = 1; i <= 7; i++) {
        struct view_node *row = view_add(rq->values, "Days");
        view_num(row, "value", i % 7);
        view_set(row, "name", web_t(rq, arena_printf(rq->cx.arena, "Schedule.weekday.%d", i % 7)));
        view_flag(row, "on", weekdays >> (i % 7) & 1);
    }
}

/* A field of the rule: as the address says, which leads back from the dates, else by default. */
static void show_field(struct web_request *rq, const char *name, const char *value)
{
    const char *asked = rq->method == WEB_GET ? web_pairs_get(&rq->query, name) : NULL;
    web_field(rq, name, asked ? asked : value);
}

/* As the last lecture, else a quarter past ten; the first day of the lecture period, or today if it has begun. */
static enum rc show_defaults(struct web_request *rq, const struct course *c)
{
    struct term *term;
    struct lecture_part part;
    struct lecture_range range = {.newest = true, .limit = 1};
    struct wall now = zone_wall(rq->zone, rq->now);
    int64_t today = wall_day(&now), minute = 10 * 60 + 15, length = 90;
    enum rc rc = term_get(&rq->cx, c->term_id, &term);
    if (rc == RC_OK)
        rc = lecture_list_by_course(&rq->cx, c, &range, &part);
    if (rc != RC_OK)
        return rc;
    const struct lecture *last = part.list.n ? &part.list.item[0] : NULL;
    if (last && last->ends_at != NO_TIME) {
        struct wall w = zone_wall(rq->zone, last->starts_at);
        minute = w.hour * 60 + w.minute;
        length = (last->ends_at - last->starts_at) / 60000;
    }
    int64_t first = today > term->first && today <= term->last ? today : term->first;
    show_field(rq, "first", date_text(rq, first));
    show_field(rq, "time", arena_printf(rq->cx.arena, "%02d:%02d", (int)(minute / 60), (int)(minute % 60)));
    show_field(rq, "length", number_text(rq, length > 0 && length <= SCHEDULE_LONGEST ? length : 90));
    show_field(rq, "hall", last ? lecture_hall(last) : "");
    show_field(rq, "number", number_text(rq, part.total + 1));
    show_field(rq, "until", date_text(rq, term->last));
    view_set(rq->values, "Term.name", site_term_name(rq, c->term_year, c->term_half));
    return hall_field_show(rq, c->object.organisation_path);
}

enum rc page_series_new(struct web_request *rq)
{
    struct course *c;
    unsigned weekdays = 0;
    enum rc rc = load(rq, &c);
    if (rc == RC_OK)
        rc = show_defaults(rq, c);
    if (rc != RC_OK)
        return rc;
    if (read_weekdays(rq, &weekdays) != RC_OK)
        err_clear(&rq->cx);
    show_weekdays(rq, weekdays);
    show_field(rq, "title", web_t(rq, "Schedule.title_default"));
    show_field(rq, "every", "1");
    show_field(rq, "count", "");
    show_field(rq, "repeat", "weekly");
    return web_page(rq, "series_new", web_t(rq, "Schedule.new"));
}

/* --- its dates --- */

static const char *period(struct web_request *rq, const struct schedule_date *d)
{
    return site_period(rq, d->starts_at, d->starts_at + d->length * 60000);
}

static bool is_outside(const struct term *term, const struct schedule_date *d)
{
    return d->day < term->first || d->day > term->last;
}

/* What a lecturer should know of a date; NULL: nothing. */
static const char *note(struct web_request *rq, const struct term *term, const struct schedule_date *d)
{
    if (d->free)
        return web_t(rq, "Schedule.is_free", "what", d->free);
    if (d->twice)
        return web_t(rq, "Schedule.is_twice", "what",
                     *d->twice ? d->twice : web_t(rq, "Schedule.twice_each_other"));
    return is_outside(term, d) ? web_t(rq, "Schedule.is_outside") : NULL;
}

/* What becomes of the hall that was typed for all of them. */
static const char *hall_sentence(struct web_request *rq, const struct booking *b)
{
    if (b->wrong && strcmp(b->wrong, "hall_taken") != 0)
        return hall_wrong(rq, b);
    if (!b->with)
        return *b->text && view_get(rq->values, "Offered.0.name")
                   ? web_t(rq, "Halls.only_text", "hall", b->text)
                   : NULL;
    return web_t(rq, b->state == HALL_BOOKED ? "Halls.will_book" : "Halls.will_ask", "hall", b->with->name,
                 "who", b->with->organisation_name);
}

/* Sets what the page says about all dates together. */
static void show_sum(struct web_request *rq, const struct term *term, const struct schedule_date *date,
                     size_t n)
{
    int64_t free = 0, twice = 0, taken = 0, outside = 0;
    for (size_t i = 0; i < n; i++) {
        free += date[i].free != NULL;
        twice += date[i].twice != NULL;
        taken += date[i].booking->wrong && strcmp(date[i].booking->wrong, "hall_taken") == 0;
        outside += !date[i].free && is_outside(term, &date[i]);
    }
    view_set(rq->values, "Dates.hall", hall_sentence(rq, date[0].booking));
    if (taken)
        view_set(rq->values, "Dates.taken",
                 i18n_count(rq->cx.arena, rq->lang, "Schedule.dates_taken", taken));
    view_set(rq->values, "Dates.count", i18n_count(rq->cx.arena, rq->lang, "Schedule.dates", (int64_t)n));
    if (free)
        view_set(rq->values, "Dates.free", i18n_count(rq->cx.arena, rq->lang, "Schedule.dates_free", free));
    if (twice)
        view_set(rq->values, "Dates.twice",
                 i18n_count(rq->cx.arena, rq->lang, "Schedule.dates_twice", twice));
    if (outside)
        view_set(rq->values, "Dates.outside",
                 i18n_count(rq->cx.arena, rq->lang, "Schedule.dates_outside", outside));
    twice_show(rq, twice > 0);
}

static struct view_node *add_date(struct web_request *rq, size_t row)
{
    struct view_node *node = view_add(rq->values, "Dates");
    view_num(node, "row", (int64_t)row + 1);
    return node;
}

static void show_date(struct web_request *rq, const struct term *term, size_t row,
                      const struct schedule_date *d)
{
    struct view_node *node = add_date(rq, row);
    view_set(node, "text", period(rq, d));
    view_set(node, "date", date_text(rq, d->day));
    view_set(node, "time",
             arena_printf(rq->cx.arena, "%02d:%02d", (int)(d->minute / 60), (int)(d->minute % 60)));
    view_num(node, "length", d->length);
    view_set(node, "hall", d->hall);
    const char *hall = hall_wrong(rq, d->booking);
    view_flag(node, "on", !d->free && !d->twice && !hall);
    view_set(node, "note", hall && !d->free && !d->twice ? hall : note(rq, term, d));
}

static enum rc read_rule(struct web_request *rq, struct web_value *v, struct series_rule *rule)
{
    unsigned weekdays;
    enum rc rc = web_params(rq, rule_params, S_COUNT, v), days = read_weekdays(rq, &weekdays);
    if (rc == RC_OK)
        rc = days;
    bool once = v[S_REPEAT].num == 1;
    if (rc == RC_OK && !once && !v[S_UNTIL].given && !v[S_LECTURES].given)
        rc = err_set(&rq->cx, RC_INVALID, "until", "series_endless", "neither an end nor a number");
    *rule = (struct series_rule){.first = v[S_FIRST].num,
                                 .weekdays = once ? 0 : weekdays,
                                 .every = v[S_EVERY].given && !once ? v[S_EVERY].num : 1,
                                 .until = once ? v[S_FIRST].num : v[S_UNTIL].num,
                                 .count = once ? 0 : v[S_LECTURES].num};
    return rc;
}

/* The rule that was sent, as the query of the address that shows its form again. */
static const char *rule_query(struct web_request *rq)
{
    struct arena *a = rq->cx.arena;
    const char *query = "";
    for (size_t i = 0; i < S_COUNT; i++) {
        const char *typed = web_pairs_get(&rq->form, rule_params[i].name);
        query = arena_printf(a, "%s&%s=%s", query, rule_params[i].name, str_percent(a, str_of(typed)));
    }
    for (size_t i = 0; i < rq->form.n; i++)
        if (strcmp(rq->form.v[i].name, param_day.name) == 0)
            query = arena_printf(a, "%s&%s=%s", query, param_day.name,
                                 str_percent(a, str_of(rq->form.v[i].value)));
    return query + 1;
}

static void show_kept(struct web_request *rq, const char *title, const char *number, const char *nonce,
                      const char *rule)
{
    view_set(rq->values, "Series.title", title);
    view_set(rq->values, "Series.number", number);
    view_set(rq->values, "Series.nonce", nonce);
    view_set(rq->values, "Series.rule", rule);
}

enum rc page_series_dates(struct web_request *rq)
{
    struct web_value v[S_COUNT];
    struct course *c;
    struct term *term;
    struct series_rule rule;
    const int64_t *days = NULL;
    size_t n = 0;
    char nonce[SCHEDULE_NONCE + 1];
    web_form_page(rq, page_series_new);
    enum rc rc = read_rule(rq, v, &rule);
    if (rc == RC_OK)
        rc = load(rq, &c);
    if (rc == RC_OK)
        rc = term_get(&rq->cx, c->term_id, &term);
    if (rc == RC_OK)
        rc = schedule_days(&rq->cx, c, &rule, &days, &n);
    if (rc != RC_OK)
        return rc;
    struct schedule_date *date = arena_array(rq->cx.arena, n, sizeof *date);
    for (size_t i = 0; i < n; i++)
        date[i] = (struct schedule_date){
            .day = days[i], .minute = v[S_TIME].num, .length = v[S_LENGTH].num, .hall = v[S_HALL].text};
    rc = site_field(rq, "date-1", "first", schedule_look(&rq->cx, c, date, n));
    if (rc == RC_OK)
        rc = hall_field_show(rq, c->object.organisation_path);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < n; i++)
        show_date(rq, term, i, &date[i]);
    show_sum(rq, term, date, n);
    rand_key(nonce, sizeof nonce);
    show_kept(rq, v[S_TITLE].text, number_text(rq, v[S_NUMBER].given ? v[S_NUMBER].num : 1), nonce,
              rule_query(rq));
    return web_page(rq, "series_dates", web_t(rq, "Schedule.check"));
}

/* --- making them --- */

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
    enum rc rc = load(rq, &c);
    if (rc == RC_OK)
        rc = hall_field_show(rq, c->object.organisation_path);
    if (rc != RC_OK)
        return rc;
    if (web_params_all(rq, &row_params[R_PICK], SERIES_MAX, &picked, &n) != RC_OK)
        err_clear(&rq->cx);
    for (size_t i = 0; i < rq->form.n; i++)
        rows += strcmp(rq->form.v[i].name, "date[]") == 0;
    for (size_t i = 0; i < rows && i < SERIES_MAX; i++) {
        struct view_node *node = add_date(rq, i);
        const char *error = row_error(rq, i);
        view_set(node, "text",
                 arena_printf(rq->cx.arena, "%s, %s", typed(rq, "date[]", i), typed(rq, "time[]", i)));
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
    show_kept(rq, typed(rq, "title", 0), typed(rq, "number", 0), typed(rq, "nonce", 0), typed(rq, "rule", 0));
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
    enum rc rc = load(rq, &c);
    if (rc == RC_OK)
        rc = schedule_is_made(&rq->cx, c, nonce, &made);
    if (rc != RC_OK || made)
        return rc;
    rc = term_get(&rq->cx, c->term_id, &term);
    if (rc == RC_OK)
        rc = schedule_look(&rq->cx, c, date, n);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        view_set(rq->values, note_key(rq, i), note(rq, term, &date[i]));
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
    web_flash(rq, "series_created", NULL, NULL);
    return web_redirect(rq, arena_printf(rq->cx.arena, "/teach/course/%lld/schedule", (long long)id.num));
}
