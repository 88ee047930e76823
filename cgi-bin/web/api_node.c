/* The node API: join and heartbeat. The messages are lib/wire/beat.h; a heartbeat with one bad entry is refused
 * as a whole. */
#include "cgi-bin/web/site.h"

#include "lib/net/json.h"
#include "lib/svc/pipeline/doors/heartbeat.h"

enum rc api_node_join(struct web_request *rq)
{
    struct cx *cx = &rq->cx;
    struct actor actor = policy_system("node");
    struct wire_hello hello;
    struct wire_welcome welcome;
    const json_t *o;
    enum rc rc = js_parse_object(cx, rq->body, WEB_MAX_RAW, &o);
    if (rc == RC_OK)
        rc = wire_hello_read(cx, o, &hello);
    cx->actor = &actor; /* the organisation token gives the right; the audit names this actor */
    if (rc == RC_OK)
        rc = node_admit(cx, &hello, &welcome.node, &welcome.token);
    cx->actor = NULL;
    return rc == RC_OK ? web_json(rq, 200, js_text(cx, wire_welcome_write(cx, &welcome))) : rc;
}

enum rc site_node(struct web_request *rq, struct node_info **out)
{
    struct str value = str_of(rq->header(rq, "HTTP_AUTHORIZATION"));
    if (str_starts(value, "Bearer "))
        value = str_trim((struct str){value.p + 7, value.n - 7});
    else
        value = STR("");
    return node_by_token(&rq->cx, value, out);
}

enum rc api_node_heartbeat(struct web_request *rq)
{
    struct cx *cx = &rq->cx;
    struct actor actor = policy_system("node");
    struct wire_beat beat;
    struct wire_answer answer;
    struct node_info *node;
    const json_t *o;
    enum rc rc = site_node(rq, &node);
    if (rc == RC_OK)
        rc = js_parse_object(cx, rq->body, WEB_MAX_RAW, &o);
    if (rc == RC_OK)
        rc = wire_beat_read(cx, o, &beat);
    cx->actor = &actor;
    if (rc == RC_OK)
        rc = heartbeat_take(cx, node, &beat, &answer);
    cx->actor = NULL;
    return rc == RC_OK ? web_json(rq, 200, js_text(cx, wire_answer_write(cx, &answer))) : rc;
}
