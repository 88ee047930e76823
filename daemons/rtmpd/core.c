#include "daemons/rtmpd/core.h"

#include <string.h>

#include "lib/base/mem.h"
#include "lib/wire/limits.h"

enum { CALL_MS = 5000, ANSWER_MAX = 64 << 10 };

static enum rc rc_of(int status)
{
    return status == 401 ? RC_DENIED : status == 404 ? RC_NOTFOUND : status == 409 ? RC_CONFLICT : RC_UNAVAIL;
}

enum rc core_ask(struct cx *cx, const struct core *c, struct http *http, const char *path,
                 const json_t *question, const json_t **answer)
{
    char token[WIRE_TOKEN_MAX + 1];
    struct http_response rs;
    if (!node_token(c->node, token))
        return err_set(cx, RC_UNAVAIL, NULL, NULL, "this node has not joined yet");
    const struct http_request rq = {.method = "POST",
                                    .url = arena_printf(cx->arena, "%s%s", c->url, path),
                                    .bearer = token,
                                    .body = js_text(cx, question),
                                    .max_answer = ANSWER_MAX,
                                    .timeout_ms = CALL_MS};
    enum rc rc = http_call(cx, http, &rq, &rs);
    mem_wipe(token, sizeof token);
    if (rc != RC_OK)
        return rc;
    if (rs.status != 200)
        return err_set(cx, rc_of(rs.status), NULL, NULL, "the core answered %d to %s", rs.status, path);
    return js_parse_object(cx, rs.body, ANSWER_MAX, answer);
}
