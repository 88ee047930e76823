/* How far a person has watched a lecture. */
#ifndef LIB_SVC_TEACHING_PROGRESS_H
#define LIB_SVC_TEACHING_PROGRESS_H

#include "lib/svc/teaching/lecture.h"

/* Where cx->actor is in a lecture it may play. Once watched it stays watched: looking something up again does
 * not bring it back under "continue". RC_DENIED signin for visitors. */
WARN_UNUSED enum rc progress_save(struct cx *cx, const struct lecture *lecture, int64_t position_ms,
                                  bool watched);

#endif
