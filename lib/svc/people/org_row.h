/* Inside lib/svc only: a row of ${org_cols} (sql/queries/org.sql) as a struct org, and the checks of its fields. */
#ifndef LIB_SVC_PEOPLE_ORG_ROW_H
#define LIB_SVC_PEOPLE_ORG_ROW_H

#include "lib/svc/people/org.h"

struct rows;

enum { ORG_COLUMNS = 12 }; /* columns behind them belong to a single statement */

struct org org_from_row(const struct rows *rows, size_t row);

/* The failures of org_update; zone may be NULL. */
WARN_UNUSED enum rc org_check_fields(struct cx *cx, const struct org_edit *in);
/* The failure of a unique key: the slug belongs to another organisation. */
WARN_UNUSED enum rc org_slug_taken(struct cx *cx, const char *slug);

/* "/1/4/%", all paths of its subtree, for LIKE. */
const char *org_subtree(struct cx *cx, const char *path);

/* "[1,4]" of the path "/1/4/": the ids of those above and of itself, for JSON_TABLE. */
const char *org_path_ids(struct cx *cx, const char *path);

#endif
