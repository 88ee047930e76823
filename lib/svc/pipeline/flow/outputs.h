/* Checks what a node reports to have made, before anything is committed: it is JSON from machines of other
 * people. Pure. */
#ifndef LIB_SVC_PIPELINE_FLOW_OUTPUTS_H
#define LIB_SVC_PIPELINE_FLOW_OUTPUTS_H

#include <jansson.h>

#include "lib/base/cx.h"

enum { OUTPUTS_MAX_SECONDS = 7 * 24 * 3600 }; /* of a recording */

/* The outputs of a job quick or full: duration, files with names and hashes, renditions, silences and
 * chapters, all within their limits, and a master playlist among the files. RC_INVALID names the member. */
WARN_UNUSED enum rc outputs_check(struct cx *cx, const json_t *outputs);

#endif
