/* Lectures: create, edit, publish, delete with undo, the lists of the pages, progress; and the three state
 * machines of a lecture (time, media, access; lib/svc/state.h) with one move function each. */
#ifndef LIB_SVC_TEACHING_LECTURE_H
#define LIB_SVC_TEACHING_LECTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/svc/policy.h"
#include "lib/svc/state.h"

enum {
    LECTURE_KEY_LENGTH = 12,
    LECTURE_TITLE_MAX = 200,         /* characters */
    LECTURE_DESCRIPTION_MAX = 20000, /* characters of Markdown */
    LECTURE_REASON_MAX = 500,        /* characters */
    LECTURE_UNDO_DAYS = 14
};

/* When viewers see a recording (lib/svc/teaching/release.h). */
enum release_kind { RELEASE_READY, RELEASE_DAYS, RELEASE_HAND, RELEASE_KIND_COUNT };
enum { RELEASE_DAYS_MAX = 365 };
struct release {
    enum release_kind kind;
    int64_t days; /* RELEASE_DAYS: after the end of the lecture, 1 to RELEASE_DAYS_MAX */
    bool hides;   /* with the end of the term */
};
extern const char *const release_names[RELEASE_KIND_COUNT + 1]; /* of database and forms; ends with NULL */
bool release_kind_of(struct str name, enum release_kind *out);

/* Whether it has the hall that was chosen for it (lib/svc/teaching/booking.h). */
enum hall_state {
    HALL_NONE, /* no hall of the list */
    HALL_REQUESTED,
    HALL_BOOKED,
    HALL_REFUSED,
    HALL_LOST, /* while the lecture was deleted: others have it, or it cannot be booked any more */
    HALL_STATE_COUNT
};
const char *hall_state_name(enum hall_state state); /* of the database; NULL for HALL_NONE */

struct lecture {
    int64_t id;
    const char *key;
    int64_t course_id;
    int64_t
        number; /* 1, 2, … by time within the course, among those the actor may see; 0 where not asked for */
    const char *title;
    const char *description; /* Markdown; NULL in lists */
    int64_t starts_at;
    int64_t ends_at; /* NO_TIME: unknown */
    enum time_state time_state;
    enum media_state media_state;
    const char *media_reason; /* "" or why it failed */
    enum access access;
    int64_t published_at;    /* NO_TIME: never */
    int64_t generation;      /* 0: nothing to watch yet */
    int64_t duration_ms;     /* 0: unknown */
    const char *poster_view; /* name of a view, or NULL: no picture yet */
    int64_t node_id;         /* its storage node; 0: none yet */
    int64_t deleted_at;      /* NO_TIME: not */
    const char *hall;        /* where it takes place; "": nobody has said, or the hall is not given */
    int64_t hall_id;         /* 0: `hall` is what somebody wrote; else: */
    enum hall_state hall_state;
    const char *hall_name;   /* of the hall, given or not; NULL without hall_id */
    const char *hall_note;   /* what the maintainer answered; "" */
    int64_t series_id;       /* planned together with others; 0: alone */
    bool edited;             /* its time or hall was changed apart from its series */
    const char *cancel_note; /* of TIME_CANCELLED: why, for everybody; "" */
    struct release release;  /* when its recording appears: */
    bool release_own;        /* its own rule, not a copy of the course's */
    int64_t released_at;     /* by hand; NO_TIME: not */
    int64_t
        appears_at; /* viewers see the recording from then on, once there is one; NO_TIME: by hand, not yet */
    bool hidden;    /* hidden with the end of the term */
    /* its course */
    const char *course_key;
    const char *course_slug;
    const char *course_name;
    const char *term_slug;
    enum visibility visibility;
    bool downloads;
    bool course_deleted;
    int64_t organisation_id;
    const char *organisation_path;
    const char *organisation_zone;
    /* seen by the actor; 0 and false for visitors */
    int64_t position_ms;
    bool watched;
    struct policy_object object; /* for policy_may(cx->actor, ACT_LECTURE_…, &lecture->object) */
};

struct lecture_list {
    struct lecture *item;
    size_t n;
};

/* A part of a course's lectures, from one end or from a lecture on; at most LECTURE_PAGE. */
enum { LECTURE_PAGE = 200 };
struct lecture_range {
    bool newest;                /* the newest first, else the oldest */
    bool unwatched;             /* without those that the actor has watched */
    int64_t from;               /* oldest first, without `after` and `before`: not before this time; 0: all */
    const char *after, *before; /* key of the lecture next to the part, NULL: none; at most one of them */
    int64_t limit;              /* 1 to LECTURE_PAGE */
};
struct lecture_part {
    struct lecture_list list; /* in the order asked for */
    int64_t total;       /* of the course, with those that the actor may not see; 0 if the list is empty */
    bool previous, next; /* there are more before, after */
};

struct lecture_edit {
    const char *title;       /* NULL: title and description are not updated */
    const char *description; /* NULL: "" on create, unchanged on update */
    int64_t starts_at;       /* NO_TIME: the times are not updated */
    int64_t ends_at;         /* NO_TIME: unknown */
    const char *hall; /* of the list, or any text; NULL: as it is, none on create. Counts with the times */
    const char *seen; /* of an update: lecture_seen of what the form showed; NULL: not asked */
};

/* Of what a form shows of it (lib/svc/seen.h): title and description, times and hall, or both. */
const char *lecture_seen(struct cx *cx, const struct lecture *l, bool texts, bool times);

/* What a form shows as its hall: the one that was chosen, given or not, else what was written. */
const char *lecture_hall(const struct lecture *l);

/* When it is over: without an end (NO_TIME) four hours after it begins. */
int64_t lecture_end(int64_t starts_at, int64_t ends_at);

/* From 2000 to 2100: other years are mistakes. */
bool lecture_time_ok(int64_t at);

/* Makes a draft. Needs ACT_COURSE_TIMETABLE. *key is its public key, in the arena; id may be NULL. A lecture whose
 * time is over is created as ended, else as planned. RC_INVALID lecture_title_invalid,
 * lecture_description_long, lecture_times, schedule_hall; RC_CONFLICT deleted: the course is deleted; the failures of
 * booking_take (hall). */
WARN_UNUSED enum rc lecture_create(struct cx *cx, int64_t course_id, const struct lecture_edit *in,
                                   const char **key, int64_t *id);
/* All that follow: RC_CONFLICT deleted: the lecture or its course is deleted and can only be restored.
 * Updating texts needs ACT_COURSE_TEXTS, updating times ACT_COURSE_TIMETABLE. RC_CONFLICT (seen) changed_meanwhile. */
WARN_UNUSED enum rc lecture_update(struct cx *cx, const char *key, const struct lecture_edit *in);
/* Both need ACT_COURSE_PUBLISH. */
WARN_UNUSED enum rc lecture_publish(struct cx *cx, const char *key);
WARN_UNUSED enum rc lecture_unpublish(struct cx *cx, const char *key);
/* Hidden at once, its hall is free; undo within LECTURE_UNDO_DAYS, else RC_CONFLICT undo_over. Twice is RC_OK. Both need
 * ACT_COURSE_TIMETABLE. */
WARN_UNUSED enum rc lecture_delete(struct cx *cx, const char *key);
WARN_UNUSED enum rc lecture_undelete(struct cx *cx, const char *key);

/* Loads the lecture and checks that cx->actor may do `action` (ACT_LECTURE_…, ACT_COURSE_…): RC_NOTFOUND lecture_unknown,
 * and the failures of policy_check. The key of a lecture is its link: with it a lecture of a hidden course
 * opens. */
WARN_UNUSED enum rc lecture_get(struct cx *cx, enum action action, const char *key, struct lecture **out);
WARN_UNUSED enum rc lecture_get_by_id(struct cx *cx, enum action action, int64_t id, struct lecture **out);

/* Of a course, by starts_at, with numbers; drafts and unpublished ones for staff, maintainers and admins
 * only. A key that is not (or no longer) of the course is ignored. `course` comes from course_get: no right
 * is checked again. */
struct course;
WARN_UNUSED enum rc lecture_list_by_course(struct cx *cx, const struct course *course,
                                           const struct lecture_range *range, struct lecture_part *out);
/* The next one that takes place and that students see; an empty list: none is planned. No right is checked. */
WARN_UNUSED enum rc lecture_list_next(struct cx *cx, const struct course *course, struct lecture_list *out);
/* Deleted lectures of the course that can be restored, the last deletion first; [] without
 * ACT_COURSE_TIMETABLE. */
WARN_UNUSED enum rc lecture_list_deleted(struct cx *cx, const struct course *course, int64_t limit,
                                         struct lecture_list *out);
/* What can be watched in the actor's courses (enrolled or staff), last what could be watched first: it was
 * published and had a recording, whichever came last; [] for visitors. */
WARN_UNUSED enum rc lecture_list_recent(struct cx *cx, int64_t limit, struct lecture_list *out);
/* The same of public courses. */
WARN_UNUSED enum rc lecture_list_recent_public(struct cx *cx, int64_t limit, struct lecture_list *out);
/* Begun but not watched to the end, last touched first, as far as the actor may still play them; [] for
 * visitors. */
WARN_UNUSED enum rc lecture_list_continue(struct cx *cx, int64_t limit, struct lecture_list *out);

/* --- for the pipeline: no check of rights; call them inside db_tx --- */

/* SELECT … FOR UPDATE: of all that changes the states of a lecture, one runs at a time. RC_NOTFOUND
 * lecture_unknown. */
WARN_UNUSED enum rc lecture_lock(struct cx *cx, int64_t id, struct lecture **out);
/* One step of the state machines; RC_CONFLICT lecture_state if the event is not possible now.
 * reason: kept with MEDIA_ON_FAIL; every other event that leaves the state failed clears it (give NULL). */
WARN_UNUSED enum rc lecture_media_move(struct cx *cx, int64_t id, enum media_event event, const char *reason);
WARN_UNUSED enum rc lecture_time_move(struct cx *cx, int64_t id, enum time_event event);
WARN_UNUSED enum rc lecture_access_move(struct cx *cx, int64_t id, enum access_event event);
/* Call it in the transaction that accepts a commit. RC_CONFLICT lecture_generation if generation is not
 * above the one it has. poster_view NULL: unchanged. */
WARN_UNUSED enum rc lecture_set_generation(struct cx *cx, int64_t id, int64_t generation, int64_t duration_ms,
                                           const char *poster_view);
/* The storage node that keeps its files; set once: RC_CONFLICT lecture_node if another is set. */
WARN_UNUSED enum rc lecture_set_node(struct cx *cx, int64_t id, int64_t node_id);

/* Second phase of deletion: lectures (or courses) deleted before now - LECTURE_UNDO_DAYS whose files are
 * still there. */
WARN_UNUSED enum rc lecture_list_purgeable(struct cx *cx, int64_t limit, struct lecture_list *out);
/* Lectures whose time is over and that nobody streamed have ended (TIME_ON_PASS); for the scheduler. *count:
 * how many. */
WARN_UNUSED enum rc lecture_time_sweep(struct cx *cx, int64_t *count);

#endif
