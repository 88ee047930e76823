/* How far a person has watched a lecture. */
#ifndef LIB_SVC_TEACHING_PROGRESS_H
#define LIB_SVC_TEACHING_PROGRESS_H

#include "lib/svc/teaching/lecture.h"

/* Saves the position of cx->actor in a lecture that they may play. `watched` is never reset, so a lecture
 * that is opened again does not return to the list "continue". RC_DENIED signin for visitors. */
WARN_UNUSED enum rc progress_save(struct cx *cx, const struct lecture *lecture, int64_t position_ms,
                                  bool watched);

#endif
