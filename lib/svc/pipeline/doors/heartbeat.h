/* The heartbeat of a node: what it reports is taken piece by piece, each in a transaction of its own, then it
 * is told everything it should be doing. A piece that fails for a reason of ours is left out of the answer,
 * and comes again. */
#ifndef LIB_SVC_PIPELINE_DOORS_HEARTBEAT_H
#define LIB_SVC_PIPELINE_DOORS_HEARTBEAT_H

#include <jansson.h>

#include "lib/svc/pipeline/doors/report.h"
#include "lib/svc/pipeline/flow/arrival.h"
#include "lib/svc/pipeline/records/node.h"

struct node_report {
    const char *version;
    double cpu;
    int64_t memory_used, memory_total, disk_free, disk_total, uptime;
    int slots[LANE_COUNT];
    const struct job_report *jobs;
    size_t job_count;
    const struct upload_report *uploads;
    size_t upload_count;
};
/* One heartbeat: keeps the load, takes reports of uploads and jobs, answers with everything the node should
 * do as the JSON of the protocol. Each report is a transaction of its own; one that fails for our reasons is
 * simply not acknowledged, and the node repeats it. */
WARN_UNUSED enum rc heartbeat_take(struct cx *cx, const struct node_info *node, const struct node_report *r,
                                   json_t **answer);

#endif
