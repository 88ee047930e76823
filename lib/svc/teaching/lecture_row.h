/* Inside lib/svc only: a row of ${lecture_cols} (sql/queries/lecture.sql) as a struct lecture. */
#ifndef LIB_SVC_TEACHING_LECTURE_ROW_H
#define LIB_SVC_TEACHING_LECTURE_ROW_H

#include "lib/svc/teaching/lecture.h"

struct rows;

enum { LECTURE_COLUMNS = 46 }; /* columns behind them belong to a single statement */

struct lecture lecture_from_row(const struct rows *rows, size_t row);
/* All rows, in their order. */
void lecture_take_all(struct cx *cx, const struct rows *rows, struct lecture_list *out);

#endif
