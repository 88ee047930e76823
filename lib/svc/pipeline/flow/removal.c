#include "lib/svc/pipeline/flow/removal.h"

#include "lib/net/json.h"
#include "lib/svc/pipeline/records/task.h"

enum rc removal_add_job(struct cx *cx, int64_t lecture_id, int64_t node_id, const json_t *params,
                        int delay_ms)
{
    struct job_new n = {.lecture_id = lecture_id,
                        .kind = JOB_DELETE,
                        .view = VIEW_KIND_COUNT,
                        .target_node = node_id,
                        .delay_ms = delay_ms,
                        .params = js_text(cx, params).p};
    int64_t id;
    enum rc rc = task_add(cx, TASK_DELETE, lecture_id, 0, &n.task_id);
    return rc == RC_OK ? job_add(cx, &n, &id) : rc;
}

enum rc removal_queue(struct cx *cx, const struct removal *o)
{
    json_t *params = js_object(cx), *paths = json_array(), *uploads = json_array();
    for (size_t i = 0; o->paths && o->paths[i]; i++)
        json_array_append_new(paths, json_string(o->paths[i]));
    if (o->upload)
        json_array_append_new(uploads, json_string(o->upload));
    json_object_set_new(params, "paths", paths);
    json_object_set_new(params, "uploads", uploads);
    json_object_set_new(params, "generation", json_integer(o->generation));
    return removal_add_job(cx, o->lecture_id, o->node_id, params, o->delay_ms);
}
