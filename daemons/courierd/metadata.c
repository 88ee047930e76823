#include "daemons/courierd/metadata.h"

#include "lib/base/log.h"
#include "lib/os/daemon.h"
#include "lib/os/file.h"
#include "lib/os/metrics.h"
#include "lib/svc/sso/idp.h"

enum { FETCH_MS = 20000, STATUS_OK = 200, STATUS_MOVED = 300, STATUS_BAD = 400 };

/* While somebody else's server takes its time. */
struct wait {
    struct cx *cx;
    struct leader *leader;
    bool lost;
};

static bool still_leading(void *arg, int64_t done, int64_t total)
{
    struct wait *w = arg;
    (void)done;
    (void)total;
    struct err before = w->cx->err;
    w->lost = leader_renew(w->cx, w->leader) != RC_OK;
    w->cx->err = before;
    return !w->lost && !daemon_stopping();
}

static enum rc fetch(struct cx *cx, struct http *http, struct leader *leader, const char *url,
                     struct str *out)
{
    struct wait w = {.cx = cx, .leader = leader};
    const struct http_request rq = {.url = url,
                                    .max_answer = SAML_MAX_METADATA,
                                    .timeout_ms = FETCH_MS,
                                    .progress = still_leading,
                                    .progress_arg = &w};
    struct http_response rs;
    enum rc rc = http_call(cx, http, &rq, &rs);
    if (w.lost)
        return err_set(cx, RC_CONFLICT, NULL, NULL, "the leadership was lost while metadata was read");
    if (rc != RC_OK)
        return rc;
    if (rs.status >= STATUS_MOVED && rs.status < STATUS_BAD)
        return err_set(cx, RC_UNAVAIL, NULL, NULL, "status %d, moved to %s: set that address", rs.status,
                       rs.location ? rs.location : "an unknown address");
    if (rs.status != STATUS_OK)
        return err_set(cx, RC_UNAVAIL, NULL, NULL, "status %d instead of 200", rs.status);
    *out = rs.body;
    return RC_OK;
}

/* RC_DENIED: it is not good, or could not be read; noted with the provider. */
static enum rc read_one(struct cx *cx, struct http *http, struct leader *leader, const struct idp *idp)
{
    struct str xml;
    enum rc rc = idp->source[0] == '/' ? file_read(cx, idp->source, SAML_MAX_METADATA, &xml)
                                       : fetch(cx, http, leader, idp->source, &xml);
    if (rc == RC_CONFLICT)
        return rc;
    if (rc == RC_OK)
        return idp_loaded(cx, idp, xml);
    struct err first = cx->err;
    rc = idp_failed(cx, idp, first.detail);
    if (rc != RC_OK)
        return rc;
    cx->err = first;
    return RC_DENIED;
}

enum rc metadata_read_due(struct cx *cx, struct http *http, struct leader *leader, bool *did)
{
    struct idp *idp;
    enum rc rc = idp_take_due(cx, &idp);
    *did = rc == RC_OK;
    if (rc == RC_NOTFOUND) {
        err_clear(cx);
        return RC_OK;
    }
    if (rc == RC_OK)
        rc = read_one(cx, http, leader, idp);
    if (rc == RC_OK) {
        metric_add(METRIC_courierd_metadata_total, 1);
        LOG(INFO, cx, "metadata read", F_TEXT("idp", idp->entity));
    } else if (rc == RC_DENIED) {
        metric_add(METRIC_courierd_metadata_errors_total, 1);
        LOG(WARN, cx, "metadata not read", F_TEXT("idp", idp->entity), F_TEXT("why", cx->err.detail));
        err_clear(cx);
        rc = RC_OK;
    }
    return rc;
}
