/* Halls: rooms in which lectures take place. A hall belongs to an organisation and serves it and everything below it. Its
 * maintainers say who books it; which lecture has it is in booking.h. Halls are archived, never deleted: what was held there stays
 * known. */
#ifndef LIB_SVC_TEACHING_HALL_H
#define LIB_SVC_TEACHING_HALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/svc/people/org.h"
#include "lib/svc/teaching/lecture.h"

enum {
    HALL_NAME_MAX = 120, /* characters, as of lecture.hall */
    HALL_CODES_MAX = 200,
    HALL_BUILDING_MAX = 120,
    HALL_SEATS_MAX = 100000,
    HALLS_MAX = 2000,  /* of one organisation */
    HALLS_OFFERED = 50 /* of one list in a form */
};

/* Who takes it for a lecture. Maintainers of its organisation always do. */
enum hall_booking {
    HALL_BELOW,       /* whoever plans lectures in a course below it */
    HALL_ON_REQUEST,  /* they ask, a maintainer answers */
    HALL_MAINTAINERS, /* nobody else */
    HALL_BOOKING_COUNT
};
extern const char
    *const hall_booking_names[HALL_BOOKING_COUNT + 1]; /* of database and forms; ends with NULL */

struct hall {
    int64_t id;
    int64_t organisation_id;
    const char *organisation_name, *organisation_slug, *organisation_path, *organisation_zone;
    const char *name;
    const char *codes; /* other names by which it is found, commas between; "" */
    const char *building;
    int64_t seats; /* 0: not said */
    enum hall_booking booking;
    int64_t archived_at; /* NO_TIME: not */
    int64_t requests;    /* to come and not answered; hall_list only */
};

struct hall_list {
    struct hall *item;
    size_t n;
    bool more;
};

struct hall_edit {
    const char *name, *codes, *building;
    int64_t seats;
    enum hall_booking booking;
    const char *seen; /* of an update: hall_seen of what the form showed; NULL: not asked */
};

/* Of what the form of all fields shows (lib/svc/seen.h). */
const char *hall_seen(struct cx *cx, const struct hall *hall);

/* RC_NOTFOUND hall_unknown. Halls are public. */
WARN_UNUSED enum rc hall_get(struct cx *cx, int64_t id, struct hall **out);
/* Of one organisation, those in use first, by building and name. Needs ACT_ORG_MANAGE on it. */
WARN_UNUSED enum rc hall_list(struct cx *cx, const struct org *org, int64_t limit, int64_t offset,
                              struct hall_list *out);
/* At most HALLS_OFFERED that serve an organisation ("/1/4/"), the nearest first; archived ones are left out. words: in name, codes or
 * building, whatever the capitals and accents; "": all. No right is needed. */
WARN_UNUSED enum rc hall_list_serving(struct cx *cx, const char *path, const char *words,
                                      struct hall_list *out);

/* All need ACT_ORG_MANAGE on the hall's organisation. RC_INVALID (field) hall_name, hall_codes, hall_building, hall_seats;
 * RC_CONFLICT (name) hall_name_taken, halls_many; RC_NOTFOUND hall_unknown, org_unknown. */
WARN_UNUSED enum rc hall_create(struct cx *cx, int64_t organisation_id, const struct hall_edit *in,
                                int64_t *id);
/* Lectures that have it say its new name. RC_CONFLICT (seen) changed_meanwhile. */
WARN_UNUSED enum rc hall_update(struct cx *cx, int64_t id, const struct hall_edit *in);
/* An archived hall is not offered and not taken any more; lectures that have it keep it. Twice is RC_OK. */
WARN_UNUSED enum rc hall_archive(struct cx *cx, int64_t id);
WARN_UNUSED enum rc hall_restore(struct cx *cx, int64_t id);

/* What whoever plans a lecture below it gets: HALL_BOOKED, HALL_REQUESTED, or HALL_NONE: only maintainers book it. */
enum hall_state hall_gives(const struct cx *cx, const struct hall *hall);

#endif
