/* What the tests of courses and lectures share: the small university of world.h with a course per visibility, made once per
 * program. */
#ifndef TESTS_UNIT_SVC_TEACHING_TEACHING_H
#define TESTS_UNIT_SVC_TEACHING_TEACHING_H

#include "lib/svc/teaching/course.h"
#include "lib/svc/teaching/lecture.h"
#include "tests/unit/svc/world.h"
#include "tests/unit/testing.h"

#define HOUR INT64_C(3600000) /* ms */

extern struct world w;
extern struct cx *cx; /* of the world */
/* One course per visibility, run by w.lecturer, w.student enrolled in all; and its one lecture, which can be watched. */
extern int64_t course_of[VIS_COUNT];
extern const char *lecture_of[VIS_COUNT];

/* False: no MariaDB on this machine (a skip was printed). */
bool teaching_begin(void);
void teaching_end(void);

void assert_fails(enum rc got, enum rc rc, const char *key);

/* By whoever cx acts as; the lecture is an hour long. */
int64_t add_course(const char *slug, enum visibility v);
const char *add_lecture(int64_t course, const char *title, int64_t starts_at, bool publish);
/* All lectures of the course, which has at most LECTURE_PAGE. */
enum rc list_all(const struct course *c, struct lecture_list *list);

/* As the pipeline would: a recording, and another generation of it. cx acts as the program. */
void make_watchable(const char *key);
void make_better(const char *key);

#endif
