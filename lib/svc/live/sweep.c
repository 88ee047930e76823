#include "lib/svc/live/sweep.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/db/db.h"
#include "lib/svc/live/session.h"

struct ending {
    const char *session;
    const char *why; /* NULL: it is over, and its job shall be */
    bool did;
};

/* Another request may have been faster. */
static enum rc end_tx(struct cx *cx, void *arg)
{
    struct ending *e = arg;
    struct live_session *s = NULL;
    enum rc rc = live_session_lock(cx, e->session, &s);
    e->did = rc == RC_OK && s && s->stopped == !e->why;
    return e->did ? live_session_send_away(cx, s, e->why ? e->why : s->why) : rc;
}

/* One session in a state that does not fit must not hold up the others. */
static enum rc pass_over(struct cx *cx, enum rc rc, struct ending *e)
{
    if (rc != RC_CONFLICT && rc != RC_NOTFOUND)
        return rc;
    LOG(WARN, cx, "a live stream cannot be ended by the core", F_TEXT("session", e->session),
        F_TEXT("reason", cx->err.detail));
    err_clear(cx);
    e->did = false;
    return RC_OK;
}

static enum rc end_all(struct cx *cx, enum rc rc, const struct rows *rows, const char *why, int *n)
{
    for (size_t i = 0; rc == RC_OK && i < rows_count(rows); i++) {
        struct ending e = {.session = row_text(rows, i, 0), .why = why};
        rc = pass_over(cx, db_tx(cx, end_tx, &e), &e);
        if (rc == RC_OK && e.did) {
            ++*n;
            LOG(INFO, cx, "live stream ended by the core", F_TEXT("session", e.session),
                F_TEXT("why", why ? why : "its ingest is gone"));
        }
    }
    return rc;
}

/* What follows from a silence that may be trusted. */
static enum rc end_silent(struct cx *cx, int *n)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_live_sweep_lost, &rows, "i", (int64_t)LIVE_LOST_MS);
    rc = end_all(cx, rc, rows, "lost", n);
    if (rc == RC_OK)
        rc = db_query(cx, SQL_live_sweep_jobs, &rows, "i", (int64_t)LIVE_BURNED_MS);
    rc = end_all(cx, rc, rows, NULL, n);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_live_sweep_silent, NULL, "i", (int64_t)LIVE_BURNED_MS);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_live_sweep_burned, NULL, "ii", (int64_t)LIVE_BURNED_MS, (int64_t)LIVE_BURNED_MS);
    return rc;
}

enum rc live_sweep(struct cx *cx, struct live_watch *watch, int *n)
{
    struct rows *rows = NULL;
    *n = 0;
    enum rc rc = db_one(cx, SQL_live_sweep_look, &rows, "");
    if (rc != RC_OK)
        return rc;
    bool any = row_bool(rows, 0, 0), heard = row_bool(rows, 0, 1);
    if (!heard)
        watch->deaf = clock_mono();
    if (!any)
        return RC_OK;
    rc = db_query(cx, SQL_live_sweep_revoked, &rows, "");
    rc = end_all(cx, rc, rows, "revoked", n);
    if (rc == RC_OK && heard)
        rc = db_exec(cx, SQL_live_sweep_state, NULL, "");
    if (rc == RC_OK && heard && clock_mono() - watch->deaf >= LIVE_LOST_MS)
        rc = end_silent(cx, n);
    return rc;
}
