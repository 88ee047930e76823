/* Inside lib/svc only: a row of ${hall_cols} (sql/queries/hall.sql) as a struct hall. */
#ifndef LIB_SVC_TEACHING_HALL_ROW_H
#define LIB_SVC_TEACHING_HALL_ROW_H

#include "lib/svc/teaching/hall.h"

struct rows;

enum { HALL_COLUMNS = 12 };

/* The columns begin at `column`. */
struct hall hall_from_row(const struct rows *rows, size_t row, unsigned column);

#endif
