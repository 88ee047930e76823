#include "cgi-bin/web/release_form.h"

#include "lib/base/clock.h"
#include "lib/svc/teaching/release.h"

static const char *const choices[] = {"course", "ready", "days", "hand", NULL};
enum { R_RELEASE, R_DAYS, R_HIDES, R_COUNT };
static const struct web_param params[R_COUNT] = {
    [R_RELEASE] = {"release", WEB_CHOICE, true, 0, 0, choices},
    [R_DAYS] = {"days", WEB_INT, false, 1, RELEASE_DAYS_MAX, NULL},
    [R_HIDES] = {"hides", WEB_FLAG, false, 0, 0, NULL},
};

enum rc release_form_show(struct web_request *rq, const struct release *r, const bool *own,
                          struct seen_form seen)
{
    const char *rule = own && !*own ? choices[0] : release_names[r->kind],
               *days = arena_printf(rq->cx.arena, "%lld", r->days ? (long long)r->days : 7LL);
    const struct seen_field fields[R_COUNT] = {
        {"release", "Release.when", rule, web_t(rq, arena_printf(rq->cx.arena, "Release.%s", rule))},
        {"days", "Release.days_field", days, NULL},
        {"hides", "Release.hides", r->hides ? "1" : "",
         web_t(rq, r->hides ? "Form.seen_yes" : "Form.seen_no")},
    };
    seen.now = release_seen(&rq->cx, r, !own || *own);
    web_field(rq, "release", rule);
    web_field(rq, "days", days);
    web_field_flag(rq, "hides", r->hides);
    const char *chosen = view_get(rq->values, "Form.release.value");
    for (const char *const *one = own ? choices : choices + 1; *one; one++) {
        struct view_node *row = view_add(rq->values, "Form.release.options");
        view_set(row, "value", *one);
        view_set(row, "name", web_t(rq, arena_printf(rq->cx.arena, "Release.%s", *one)));
        view_flag(row, "selected", strcmp(chosen, *one) == 0);
    }
    return seen_show(rq, &seen, fields, R_COUNT);
}

enum rc release_form_read(struct web_request *rq, struct release *out, bool *own)
{
    struct web_value v[R_COUNT];
    enum rc rc = web_params(rq, params, R_COUNT, v);
    if (rc != RC_OK)
        return rc;
    *own = v[R_RELEASE].num > 0;
    *out = (struct release){.hides = v[R_HIDES].num != 0};
    if (*own)
        out->kind = (enum release_kind)(v[R_RELEASE].num - 1);
    if (out->kind == RELEASE_DAYS)
        out->days = v[R_DAYS].num;
    return RC_OK;
}

const char *release_sentence(struct web_request *rq, const struct lecture *l)
{
    if (l->hidden)
        return web_t(rq, "Release.is_hidden");
    if (l->appears_at == NO_TIME)
        return web_t(rq, "Release.by_hand");
    if (l->appears_at > rq->now)
        return web_t(rq, "Release.appears", "time", site_period(rq, l->appears_at, NO_TIME));
    return NULL;
}
