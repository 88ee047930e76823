#include "cgi-bin/web/twice.h"

static const struct web_param param_twice = {"twice", WEB_FLAG, false, 0, 0, NULL};

static const char *sentence(struct web_request *rq, const struct schedule_span *s, int64_t count)
{
    const char *time = site_period(rq, s->starts_at, s->ends_at);
    const char *what = *s->twice ? s->twice : web_t(rq, "Schedule.twice_each_other");
    if (count == 1)
        return web_t(rq, "Schedule.twice_one", "time", time, "what", what);
    return web_t(rq, "Schedule.twice_many", "n", i18n_number(rq->cx.arena, rq->lang, count), "time", time,
                 "what", what);
}

enum rc twice_ask(struct web_request *rq, const struct schedule_span *span, size_t n)
{
    const struct schedule_span *first = NULL;
    struct web_value box;
    int64_t count = 0;
    enum rc rc = web_params(rq, &param_twice, 1, &box);
    for (size_t i = 0; i < n; i++)
        if (span[i].twice && !span[i].skip && ++count == 1)
            first = &span[i];
    if (rc != RC_OK || !first || box.num)
        return rc;
    web_field_error(rq, "twice", sentence(rq, first, count));
    return err_set(&rq->cx, RC_CONFLICT, "twice", "schedule_twice", "%lld at the same time as another",
                   (long long)count);
}

void twice_show(struct web_request *rq, bool offered)
{
    web_field_flag(rq, "twice", false);
    view_flag(rq->values, "Form.twice.offered",
              offered || view_get(rq->values, "Form.twice.error") || view_get(rq->values, "Form.twice.on"));
}
