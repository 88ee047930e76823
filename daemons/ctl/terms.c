/* Terms: when they have lectures, and which days are free. */
#include "daemons/ctl/ctl.h"

#include "lib/base/clock.h"
#include "lib/base/zone.h"
#include "lib/svc/people/org.h"
#include "lib/svc/teaching/free_day.h"
#include "lib/svc/teaching/term.h"

static int term_add(struct ctl *ctl)
{
    if (!ctl_parse(ctl, NULL, 1, 1))
        return CTL_USAGE;
    if (term_create(ctl->cx, ctl->argv[0], NO_TIME, NO_TIME, NULL) != RC_OK)
        return ctl_fail_rc(ctl, "cannot add the term");
    return CTL_OK;
}

static const char *date(struct ctl *ctl, int64_t day)
{
    struct wall w = wall_of_day(day);
    return wall_date(ctl->cx->arena, &w);
}

static int list_terms(struct ctl *ctl)
{
    bool json = false;
    struct term_list list;
    const struct ctl_option options[] = {{"json", NULL, &json}, {NULL, NULL, NULL}};
    if (!ctl_parse(ctl, options, 0, 0))
        return CTL_USAGE;
    if (term_list(ctl->cx, &list) != RC_OK)
        return ctl_fail_rc(ctl, "cannot list the terms");
    json_t *all = json_array();
    for (size_t i = 0; i < list.n; i++) {
        const struct term *t = &list.item[i];
        if (!json)
            printf("%s  %s to %s%s%s\n", t->slug, date(ctl, t->first), date(ctl, t->last),
                   t->has_period ? "" : " (no lecture period)", t->current ? "  (current)" : "");
        json_t *o = json_object();
        json_object_set_new(o, "slug", json_string(t->slug));
        json_object_set_new(o, "starts", ctl_time(t->starts_at));
        json_object_set_new(o, "ends", ctl_time(t->ends_at));
        json_object_set_new(o, "first", t->has_period ? json_string(date(ctl, t->first)) : json_null());
        json_object_set_new(o, "last", t->has_period ? json_string(date(ctl, t->last)) : json_null());
        json_object_set_new(o, "current", json_boolean(t->current));
        json_array_append_new(all, o);
    }
    if (json)
        ctl_json_print(all);
    else
        json_decref(all);
    return CTL_OK;
}

static bool read_date(const char *word, int64_t *day)
{
    struct wall w;
    struct str text = str_of(word);
    if (text.n != WALL_DATE_LENGTH || !wall_parse(text, &w))
        return false;
    *day = wall_day(&w);
    return true;
}

static int set_period(struct ctl *ctl)
{
    struct term *t = NULL;
    int64_t first, last;
    if (!ctl_parse(ctl, NULL, 3, 3))
        return CTL_USAGE;
    if (!read_date(ctl->argv[1], &first) || !read_date(ctl->argv[2], &last))
        return ctl_wrong("a date is written 2026-10-12");
    enum rc rc = term_get_by_slug(ctl->cx, ctl->argv[0], &t);
    if (rc == RC_OK)
        rc = term_set_period(ctl->cx, t->id, first, last);
    return rc == RC_OK ? CTL_OK : ctl_fail_rc(ctl, "cannot set the lecture period");
}

/* The organisation of --org; 0: everybody. */
static enum rc find_org(struct ctl *ctl, const char *slug, int64_t *id)
{
    struct org *org = NULL;
    enum rc rc = slug ? org_get_by_slug(ctl->cx, slug, &org) : RC_OK;
    if (rc == RC_OK)
        *id = org ? org->id : 0;
    return rc;
}

static int add_free(struct ctl *ctl)
{
    const char *org = NULL;
    struct term *t = NULL;
    struct free_day_new in = {0};
    const struct ctl_option options[] = {{"org", &org, NULL}, {NULL, NULL, NULL}};
    if (!ctl_parse(ctl, options, 3, 4))
        return CTL_USAGE;
    in.name = ctl->argv[ctl->argc - 1];
    if (!read_date(ctl->argv[1], &in.first) || !read_date(ctl->argv[ctl->argc - 2], &in.last))
        return ctl_wrong("a date is written 2026-10-12");
    enum rc rc = term_get_by_slug(ctl->cx, ctl->argv[0], &t);
    if (rc == RC_OK)
        rc = find_org(ctl, org, &in.organisation_id);
    if (rc == RC_OK) {
        in.term_id = t->id;
        rc = free_day_add(ctl->cx, &in, NULL);
    }
    return rc == RC_OK ? CTL_OK : ctl_fail_rc(ctl, "cannot add the free days");
}

static int list_free(struct ctl *ctl)
{
    const char *org = NULL;
    bool json = false;
    int64_t org_id;
    struct term *t = NULL;
    struct free_day_list list;
    const struct ctl_option options[] = {{"org", &org, NULL}, {"json", NULL, &json}, {NULL, NULL, NULL}};
    if (!ctl_parse(ctl, options, 1, 1))
        return CTL_USAGE;
    enum rc rc = term_get_by_slug(ctl->cx, ctl->argv[0], &t);
    if (rc == RC_OK)
        rc = find_org(ctl, org, &org_id);
    if (rc == RC_OK)
        rc = free_day_list(ctl->cx, org_id, term_day(t->starts_at), term_day(t->ends_at), &list);
    if (rc != RC_OK)
        return ctl_fail_rc(ctl, "cannot list the free days");
    json_t *all = json_array();
    for (size_t i = 0; i < list.n; i++) {
        const struct free_day *f = &list.item[i];
        if (!json)
            printf("%6lld  %s to %s  %s  %s\n", (long long)f->id, date(ctl, f->first), date(ctl, f->last),
                   f->organisation_slug ? f->organisation_slug : "-", f->name);
        json_t *o = json_object();
        json_object_set_new(o, "id", json_integer(f->id));
        json_object_set_new(o, "first", json_string(date(ctl, f->first)));
        json_object_set_new(o, "last", json_string(date(ctl, f->last)));
        json_object_set_new(o, "org", f->organisation_slug ? json_string(f->organisation_slug) : json_null());
        json_object_set_new(o, "name", json_string(f->name));
        json_array_append_new(all, o);
    }
    if (json)
        ctl_json_print(all);
    else
        json_decref(all);
    return CTL_OK;
}

static int remove_free(struct ctl *ctl)
{
    int64_t id;
    if (!ctl_parse(ctl, NULL, 1, 1))
        return CTL_USAGE;
    if (!str_to_i64(str_of(ctl->argv[0]), 1, INT64_MAX, &id))
        return ctl_wrong("the number that 'term free list' shows");
    return free_day_remove(ctl->cx, id) == RC_OK ? CTL_OK : ctl_fail_rc(ctl, "cannot remove the free days");
}

const struct ctl_command ctl_term_commands[] = {
    {"term add", "2026w", "a term: year, then s (summer) or w (winter)", term_add},
    {"term list", "[--json]", "all terms, newest first, with their lecture periods", list_terms},
    {"term period", "TERM FIRST LAST", "its lecture period, such as 2026w 2026-10-12 2027-02-05", set_period},
    {"term free-add", "TERM FIRST [LAST] NAME [--org SLUG]",
     "days without lectures, for all or an organisation", add_free},
    {"term free-list", "TERM [--org SLUG] [--json]", "the free days that hold there", list_free},
    {"term free-remove", "ID", "these days have lectures again", remove_free},
    {NULL, NULL, NULL, NULL},
};
