/* Inside lib/svc only: a row of ${course_cols} (sql/queries/course.sql) as a struct course. */
#ifndef LIB_SVC_TEACHING_COURSE_ROW_H
#define LIB_SVC_TEACHING_COURSE_ROW_H

#include "lib/svc/teaching/course.h"

struct rows;

enum { COURSE_COLUMNS = 21 }; /* columns behind them belong to a single statement */

struct course course_from_row(const struct rows *rows, size_t row);
/* The role of the actor in the course: two columns from `column` on, role and rights. */
void staff_from_row(const struct rows *rows, size_t row, unsigned column, struct policy_object *object);

#endif
