/* iCalendar (RFC 5545), written by libical. Every event is in UTC, so that no VTIMEZONE is needed and every reader agrees on the
 * moment. There is no reader. */
#ifndef LIB_FORMAT_ICAL_H
#define LIB_FORMAT_ICAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"

struct ical_event {
    const char *uid;   /* unique in the world, and always the same for this event */
    const char *title; /* texts are plain UTF-8; "" leaves the property out */
    const char *place;
    const char *text;
    const char *url;
    int64_t starts_at, ends_at; /* ms UTC; ends_at may be NO_TIME */
    int64_t changed_at;         /* of the last change: DTSTAMP and SEQUENCE follow from it */
    bool cancelled;
};

/* Appends a whole calendar with these events. Folded and escaped, lines end with CRLF. */
void ical_write(struct buf *out, const char *name, const struct ical_event *event, size_t n);

#endif
