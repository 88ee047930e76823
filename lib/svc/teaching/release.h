/* When viewers see a recording: as soon as it is ready, some days after the lecture, or by hand; and whether it is hidden
 * again when the term ends. A rule of the course, of which each lecture has a copy, or a rule of its own. The lecture itself,
 * with date and hall, is seen from its publication on; whoever runs the course sees everything. */
#ifndef LIB_SVC_TEACHING_RELEASE_H
#define LIB_SVC_TEACHING_RELEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/svc/teaching/lecture.h"

/* Of what a form shows (lib/svc/seen.h); own: it is the lecture's own rule, or the form of a course. */
const char *release_seen(struct cx *cx, const struct release *r, bool own);

/* All need ACT_COURSE_PUBLISH. RC_INVALID release_days (days). seen: release_seen of what the form showed, NULL: not asked;
 * RC_CONFLICT (seen) changed_meanwhile. */
WARN_UNUSED enum rc release_get_course(struct cx *cx, int64_t course_id, struct release *out);
/* Holds for all lectures of the course that have no rule of their own, those that are there too. */
WARN_UNUSED enum rc release_set_course(struct cx *cx, int64_t course_id, const struct release *in,
                                       const char *seen);
/* in NULL: as the course says. */
WARN_UNUSED enum rc release_set_lecture(struct cx *cx, const char *key, const struct release *in,
                                        const char *seen);
/* By hand: viewers see the recording from now on, and not any more. */
WARN_UNUSED enum rc release_now(struct cx *cx, const char *key);
WARN_UNUSED enum rc release_back(struct cx *cx, const char *key);

#endif
