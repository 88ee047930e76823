#include "lib/format/ical.h"

#include <libical/ical.h>
#include <stdlib.h>

#include "lib/base/clock.h"
#include "lib/base/cx.h"

enum { SEQUENCE_SINCE = 1577836800 /* 2020-01-01, so that seconds since then fit an int until 2088 */ };

static struct icaltimetype utc(int64_t ms)
{
    return icaltime_from_timet_with_zone((time_t)(ms / 1000), 0, icaltimezone_get_utc_timezone());
}

/* The property becomes the component's. */
static void add(icalcomponent *to, icalproperty *property)
{
    if (!property)
        bug("no memory for a calendar");
    icalcomponent_add_property(to, property);
}

static void add_text(icalcomponent *to, icalproperty *(*make)(const char *), const char *text)
{
    if (text && *text)
        add(to, make(text));
}

/* SEQUENCE grows with every change (RFC 5545, 3.8.7.4): readers take the event with the larger one. */
static int sequence_of(int64_t ms)
{
    int64_t s = ms / 1000 - SEQUENCE_SINCE;
    return (int)(s < 0 ? 0 : s > INT32_MAX ? INT32_MAX : s);
}

static icalcomponent *event_of(const struct ical_event *e)
{
    icalcomponent *c = icalcomponent_new(ICAL_VEVENT_COMPONENT);
    if (!c)
        bug("no memory for a calendar");
    add_text(c, icalproperty_new_uid, e->uid);
    add(c, icalproperty_new_dtstamp(utc(e->changed_at)));
    add(c, icalproperty_new_lastmodified(utc(e->changed_at)));
    add(c, icalproperty_new_sequence(sequence_of(e->changed_at)));
    add(c, icalproperty_new_dtstart(utc(e->starts_at)));
    if (e->ends_at != NO_TIME && e->ends_at > e->starts_at)
        add(c, icalproperty_new_dtend(utc(e->ends_at)));
    add(c, icalproperty_new_status(e->cancelled ? ICAL_STATUS_CANCELLED : ICAL_STATUS_CONFIRMED));
    add_text(c, icalproperty_new_summary, e->title);
    add_text(c, icalproperty_new_location, e->place);
    add_text(c, icalproperty_new_description, e->text);
    add_text(c, icalproperty_new_url, e->url);
    return c;
}

void ical_write(struct buf *out, const char *name, const struct ical_event *event, size_t n)
{
    icalcomponent *calendar = icalcomponent_new(ICAL_VCALENDAR_COMPONENT);
    if (!calendar)
        bug("no memory for a calendar");
    add(calendar, icalproperty_new_version("2.0"));
    add(calendar, icalproperty_new_prodid("-//Lectern//Lectern//EN"));
    icalproperty *title = icalproperty_new_x(name);
    if (title)
        icalproperty_set_x_name(title, "X-WR-CALNAME");
    add(calendar, title);
    for (size_t i = 0; i < n; i++)
        icalcomponent_add_component(calendar, event_of(&event[i]));
    char *text = icalcomponent_as_ical_string_r(calendar);
    if (text)
        buf_str(out, text);
    free(text);
    icalcomponent_free(calendar);
}
