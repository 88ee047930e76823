/* Secret addresses of calendars, for programs that cannot sign in (lib/svc/secret.h). Who has one reads what its
 * person may see at that moment; a disabled person's show nothing. */
#ifndef LIB_SVC_TEACHING_CALENDAR_FEED_H
#define LIB_SVC_TEACHING_CALENDAR_FEED_H

#include "lib/svc/teaching/calendar.h"

enum { CALENDAR_FEEDS_MAX = 50 /* of one person */ };

struct calendar_feed {
    int64_t id;
    enum calendar_scope scope;
    int64_t object_id;
    const char *name; /* of the course, organisation or hall; "" */
    int64_t created_at;
    int64_t read_at; /* to the hour; NO_TIME: never */
};

struct calendar_feeds {
    struct calendar_feed *item;
    size_t n;
};

/* For cx->actor; c comes from calendar_open. *token is shown once. RC_CONFLICT calendar_feeds_many. */
WARN_UNUSED enum rc calendar_feed_create(struct cx *cx, const struct calendar *c, const char **token);
/* Those of cx->actor, the newest first. */
WARN_UNUSED enum rc calendar_feed_list(struct cx *cx, struct calendar_feeds *out);
/* Ends one of cx->actor's. RC_NOTFOUND calendar_feed_unknown. */
WARN_UNUSED enum rc calendar_feed_revoke(struct cx *cx, int64_t id);
/* Sets cx->actor to the person whose address it is, and *out. RC_NOTFOUND calendar_feed_unknown: malformed, revoked, of a
 * disabled person, or of something that the person may no longer open. */
WARN_UNUSED enum rc calendar_feed_open(struct cx *cx, const char *token, struct calendar *out);

#endif
