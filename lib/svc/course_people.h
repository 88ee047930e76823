/* Inside lib/svc only: lists of people of a course. */
#ifndef LIB_SVC_COURSE_PEOPLE_H
#define LIB_SVC_COURSE_PEOPLE_H

#include "lib/svc/course.h"

struct rows;

/* Rows of id, login, name. */
void course_people_take(struct cx *cx, const struct rows *rows, struct course_people *out);

#endif
