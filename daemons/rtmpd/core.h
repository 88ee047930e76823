/* One question to the core, with the token of the node: what the threads of ask.h and uploads.h share. */
#ifndef DAEMONS_RTMPD_CORE_H
#define DAEMONS_RTMPD_CORE_H

#include "lib/net/http.h"
#include "lib/net/json.h"
#include "lib/node/node.h"

struct core {
    struct node *node;
    const char *url, *ca_file; /* core_url, core_ca_file */
};

/* POST, and the answer as an object. RC_UNAVAIL: no answer, or no good one; RC_DENIED: it does not know this node;
 * RC_NOTFOUND and RC_CONFLICT: its status is 404 or 409. */
WARN_UNUSED enum rc core_ask(struct cx *cx, const struct core *c, struct http *http, const char *path,
                             const json_t *question, const json_t **answer);

#endif
