/* Planning lectures of a course: the form of a series (or a single lecture), and its dates as rows to be unticked or changed.
 * The dates are a page that is posted to, and nothing is kept in between: the way back to the rule has it in its address. */
#include "cgi-bin/web/series_rows.h"

#include "lib/base/clock.h"
#include "lib/base/rand.h"

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

/* --- the rule --- */

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
    show_field(rq, "first", series_day(rq, first));
    show_field(rq, "time", arena_printf(rq->cx.arena, "%02d:%02d", (int)(minute / 60), (int)(minute % 60)));
    show_field(rq, "length", number_text(rq, length > 0 && length <= SCHEDULE_LONGEST ? length : 90));
    show_field(rq, "hall", last ? lecture_hall(last) : "");
    show_field(rq, "number", number_text(rq, part.total + 1));
    show_field(rq, "until", series_day(rq, term->last));
    view_set(rq->values, "Term.name", site_term_name(rq, c->term_year, c->term_half));
    return hall_field_show(rq, c->object.organisation_path);
}

enum rc page_series_new(struct web_request *rq)
{
    struct course *c;
    unsigned weekdays = 0;
    enum rc rc = series_open(rq, &c);
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
    if (hall_asked(rq))
        return web_form_again(rq);
    enum rc rc = read_rule(rq, v, &rule);
    if (rc == RC_OK)
        rc = series_open(rq, &c);
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
        series_row_of(rq, term, i, &date[i]);
    series_sum(rq, term, date, n);
    rand_key(nonce, sizeof nonce);
    series_kept(rq, v[S_TITLE].text, number_text(rq, v[S_NUMBER].given ? v[S_NUMBER].num : 1), nonce,
                rule_query(rq));
    return web_page(rq, "series_dates", web_t(rq, "Schedule.check"));
}
