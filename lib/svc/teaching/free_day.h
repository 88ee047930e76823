/* Days without lectures in a term: of everybody (said by admins), or of an organisation and everything below it (said by its
 * maintainers). They keep nobody from teaching: a series leaves them out unless the lecturer wants them. Dates are days
 * since 1970-01-01 (lib/base/zone.h), on the calendar of whoever reads them. */
#ifndef LIB_SVC_TEACHING_FREE_DAY_H
#define LIB_SVC_TEACHING_FREE_DAY_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"

enum {
    FREE_DAY_NAME_MAX = 120, /* characters */
    FREE_DAYS_MAX = 100,     /* entries of one organisation in one term */
    FREE_DAYS_LONG = 100     /* days of one entry */
};

struct free_day {
    int64_t id;
    int64_t term_id;
    int64_t organisation_id;       /* 0: everybody's */
    int64_t first, last;           /* both are free */
    const char *name;              /* "Christmas break" */
    const char *organisation_name; /* NULL: everybody's */
    const char *organisation_slug;
};

struct free_day_list {
    struct free_day *item;
    size_t n;
};

struct free_day_new {
    int64_t term_id;
    int64_t organisation_id; /* 0: everybody's */
    int64_t first, last;
    const char *name;
};

/* Needs ACT_INSTALL for everybody, else ACT_ORG_MANAGE on the organisation; id may be NULL. RC_INVALID (field) free_day_name,
 * free_day_dates (last: before first, too long, or outside the term); RC_CONFLICT free_day_taken, free_days_many; RC_NOTFOUND
 * term_unknown, org_unknown. */
WARN_UNUSED enum rc free_day_add(struct cx *cx, const struct free_day_new *in, int64_t *id);
/* The same rights. RC_NOTFOUND free_day_unknown. */
WARN_UNUSED enum rc free_day_remove(struct cx *cx, int64_t id);
/* What holds for an organisation (0: for everybody) between two days, by date: its own, those of organisations above,
 * everybody's. For everyone: when a university is closed is no secret. */
WARN_UNUSED enum rc free_day_list(struct cx *cx, int64_t organisation_id, int64_t first, int64_t last,
                                  struct free_day_list *out);

#endif
