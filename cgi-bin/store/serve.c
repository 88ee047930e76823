/* Which route serves a request, and the line about it in the log. */
#include "cgi-bin/store/store_app.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/os/metrics.h"

#define BASE "/store/v1/"

static const struct route {
    const char *name;
    void (*serve)(struct rq *rq, struct str rest);
} routes[] = {{"uploads", tus_collection}, {"uploads/", tus_upload},     {"form/", form_post},
              {"sources/", source_get},    {"artifacts/", artifact_put}, {"health", health_get}};

/* The longest route that matches: "uploads/" before "uploads". */
static const struct route *route_of(struct str path)
{
    const struct route *best = NULL;
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        const char *name = routes[i].name;
        bool fits = name[strlen(name) - 1] == '/' ? str_starts(path, name) : str_eq(path, name);
        if (fits)
            best = &routes[i];
    }
    return best;
}

/* The path as sent. Valid addresses need no percent-encoding, so an encoded one matches no route. */
static struct str path_of(const struct rq *rq)
{
    struct str uri = str_of(rq_header(rq, "REQUEST_URI")), path = str_cut(&uri, '?');
    if (!str_starts(path, BASE))
        return STR("");
    return (struct str){path.p + sizeof BASE - 1, path.n - sizeof BASE + 1};
}

static void note(struct rq *rq, bool runs)
{
    pthread_mutex_lock(&rq->app->lock);
    if (runs)
        LIST_INSERT_HEAD(&rq->app->running, rq, running);
    else
        LIST_REMOVE(rq, running);
    pthread_mutex_unlock(&rq->app->lock);
}

void rq_serve(struct rq *rq)
{
    int64_t begun = clock_mono();
    rq->method = rq_header(rq, "REQUEST_METHOD");
    rq->path = path_of(rq);
    const struct route *r = route_of(rq->path);
    metric_add(METRIC_store_transfers_running, 1);
    note(rq, true);
    if (r) {
        rq->route = r->name;
        r->serve(rq, (struct str){rq->path.p + strlen(r->name), rq->path.n - strlen(r->name)});
    } else {
        rq->route = "none";
        rq_error(rq, 404, "not_found", "There is nothing here.");
    }
    note(rq, false);
    metric_add(METRIC_store_transfers_running, -1);
    LOG(INFO, &rq->cx, "request", F_TEXT("method", rq->method), F_TEXT("route", rq->route),
        F_TEXT("object", rq->object), F_NUM("status", rq->status), F_NUM("received", rq->received),
        F_NUM("ms", clock_mono() - begun));
}
