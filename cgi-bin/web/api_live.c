/* The API of live streams, for entries (start, stop) and ingests (upload). The messages are lib/wire/live.h. */
#include "cgi-bin/web/site.h"

#include "lib/net/json.h"
#include "lib/svc/live/start.h"
#include "lib/svc/live/upload.h"

/* Who asks, and the object in the body. */
static enum rc read_call(struct web_request *rq, struct node_info **node, const json_t **o)
{
    enum rc rc = site_node(rq, node);
    return rc == RC_OK ? js_parse_object(&rq->cx, rq->body, WEB_MAX_RAW, o) : rc;
}

enum rc api_live_start(struct web_request *rq)
{
    struct cx *cx = &rq->cx;
    struct wire_live_start q;
    struct wire_live_answer a;
    struct node_info *node;
    const json_t *o;
    enum rc rc = read_call(rq, &node, &o);
    if (rc == RC_OK)
        rc = wire_live_start_read(cx, o, &q);
    if (rc == RC_OK)
        rc = live_start(cx, node, &q, &a);
    return rc == RC_OK ? web_json(rq, 200, js_text(cx, wire_live_answer_write(cx, &a))) : rc;
}

enum rc api_live_stop(struct web_request *rq)
{
    struct wire_live_stop q;
    struct node_info *node;
    const json_t *o;
    enum rc rc = read_call(rq, &node, &o);
    if (rc == RC_OK)
        rc = wire_live_stop_read(&rq->cx, o, &q);
    if (rc == RC_OK)
        rc = live_stop(&rq->cx, node, &q);
    return rc == RC_OK ? web_json(rq, 200, STR("{}")) : rc;
}

enum rc api_live_upload(struct web_request *rq)
{
    struct cx *cx = &rq->cx;
    struct actor actor = policy_system("node");
    struct wire_live_upload q;
    struct wire_live_target t;
    struct node_info *node;
    const json_t *o;
    enum rc rc = read_call(rq, &node, &o);
    if (rc == RC_OK)
        rc = wire_live_upload_read(cx, o, &q);
    cx->actor = &actor;
    if (rc == RC_OK)
        rc = live_upload(cx, node, &q, &t);
    cx->actor = NULL;
    return rc == RC_OK ? web_json(rq, 200, js_text(cx, wire_live_target_write(cx, &t))) : rc;
}
