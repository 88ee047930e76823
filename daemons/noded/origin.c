/* What this node says to lectern-lived, the origin of live streams on the same machine: over its socket, which nobody else reaches. */
#include "daemons/noded/noded.h"

#include "lib/net/http.h"
#include "lib/net/json.h"

enum { ANSWER_MAX = 64 * 1024, SEAL_MS = 60000, HTTP_OK = 200 };

enum rc origin_seal(struct cx *cx, const struct conf *conf, const json_t *params, const json_t **outputs)
{
    struct http_response rs;
    const json_t *answer = NULL;
    struct http *h = http_new(NULL);
    const struct http_request rq = {.method = "POST",
                                    .url = "http://lived/node/v1/seal",
                                    .socket = conf->lived_socket,
                                    .body = js_text(cx, params),
                                    .max_answer = ANSWER_MAX,
                                    .timeout_ms = SEAL_MS};
    enum rc rc = http_call(cx, h, &rq, &rs);
    if (rc == RC_TIMEOUT) /* that word is for a job that was stopped */
        rc = err_set(cx, RC_UNAVAIL, NULL, NULL, "lectern-lived does not answer");
    if (rc == RC_OK && rs.status != HTTP_OK)
        rc = err_set(cx, RC_UNAVAIL, NULL, NULL, "lectern-lived answered %d", rs.status);
    if (rc == RC_OK)
        rc = js_parse_object(cx, rs.body, ANSWER_MAX, &answer);
    if (rc == RC_OK)
        *outputs = answer;
    http_free(h);
    return rc;
}
