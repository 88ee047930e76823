/* The lecture's state after a step is over. */
#ifndef LIB_SVC_PIPELINE_FLOW_SETTLE_H
#define LIB_SVC_PIPELINE_FLOW_SETTLE_H

#include <stdint.h>

#include "lib/base/cx.h"

/* Moves the lecture's media state to complete, failed or none if nothing is left to do. Call it inside the
 * transaction that ended the step. */
WARN_UNUSED enum rc settle_lecture(struct cx *cx, int64_t lecture_id);

#endif
