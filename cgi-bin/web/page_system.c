/* For monitoring: is it alive, what does it count. */
#include "cgi-bin/web/site.h"

#include "lib/db/db.h"
#include "lib/os/conf.h"
#include "lib/os/metrics.h"

enum { METRICS_MAX = 1024 * 1024 };

/* 200 while pages can be answered; 503 while the database is away. */
enum rc page_health(struct web_request *rq)
{
    bool alive = db_ping(&rq->cx) == RC_OK;
    const char *text = alive ? "{\"status\":\"ok\"}\n" : "{\"status\":\"no database\"}\n";
    return web_json(rq, alive ? 200 : 503, str_of(text));
}

enum rc page_metrics(struct web_request *rq)
{
    static const struct web_param params[] = {{"program", WEB_SLUG, false, 1, 40, NULL}};
    struct web_value v[1];
    struct buf text;
    enum rc rc = web_params(rq, params, 1, v);
    if (rc != RC_OK)
        return rc;
    buf_init(&text, METRICS_MAX);
    rc = metrics_print(&rq->cx, rq->app->conf->run_dir, v[0].given ? v[0].text : NULL, &text);
    if (rc == RC_OK)
        rc = web_text(rq, 200, "text/plain; version=0.0.4; charset=utf-8", buf_view(&text));
    buf_fini(&text);
    return rc;
}
