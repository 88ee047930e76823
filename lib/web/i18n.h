/* Languages: catalogues (templates/lang/<code>/<room>.hdf, together below T in every template) and the ways a
 * language writes plurals, dates, numbers, sizes and durations, which its catalogue says (Format). A language is a
 * folder: nothing here knows which there are. Times are shown in the zone that the caller gives (lib/base/zone.h),
 * since a lecture is where its organisation is. */
#ifndef LIB_WEB_I18N_H
#define LIB_WEB_I18N_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/base/zone.h"

struct i18n;

#define I18N_DEFAULT "en" /* for whom speaks none of the others; it must be there */

/* The languages of `dir`: its folders named by a code of two or three letters (ISO 639), the default first, then by
 * code; ends with NULL; in the arena. RC_NOTFOUND: the default is not there. */
WARN_UNUSED enum rc i18n_codes(struct cx *cx, const char *dir, const char *const **out);

/* Reads all catalogues of the folder `dir`/<code>. RC_INTERNAL: one cannot be read, or the language does not say its
 * name (Language.name) or its plurals (Format.plural, lib/web/plural.h). Process lifetime, or i18n_free. */
WARN_UNUSED enum rc i18n_load(struct cx *cx, const char *dir, const char *code, struct i18n **out);
void i18n_free(struct i18n *l);

const char *i18n_code(const struct i18n *l);
/* What it calls itself: "Deutsch". */
const char *i18n_name(const struct i18n *l);

/* The text of a key ("Err.slug_taken"), or NULL. Lends. */
const char *i18n_find(const struct i18n *l, const char *key);
/* The text of a key that must exist; if it is missing, this is logged and the key itself is returned.
 * Lends. */
const char *i18n_text(const struct i18n *l, const char *key);
/* Fills {name} in the text of a key: i18n_fill(a, l, "Course.by", "who", name, "n", "12", NULL). */
char *i18n_fill(struct arena *a, const struct i18n *l, const char *key, ...) __attribute__((sentinel));
/* Plural: key.zero (if there is one and n is 0), else the form of the language for n (key.one, key.other …), with
 * {n} filled in. */
char *i18n_count(struct arena *a, const struct i18n *l, const char *key, int64_t n);

/* 12,345 and 12.345 */
char *i18n_number(struct arena *a, const struct i18n *l, int64_t n);
/* One decimal below 10: "2.7 GB", "41 MB", "0.3 MB"; decimal units. */
char *i18n_size(struct arena *a, const struct i18n *l, int64_t bytes);
/* 0:45, 12:45 and, from an hour on, 1:28:03; the same in every language. */
char *i18n_duration(struct arena *a, int64_t seconds);
/* Roughly how long, in words: "less than a minute", "3 min", "1 h 20 min". */
char *i18n_span(struct arena *a, const struct i18n *l, int64_t seconds);

/* "Tue 24 Nov" / "Di 24. Nov."; with the year if it is not this one. */
char *i18n_date(struct arena *a, const struct i18n *l, const struct wall *w, int this_year);
/* "Tue 24 Nov, 10:15–11:45"; end may be NO_TIME, or on another day. NO_TIME as start gives "". */
char *i18n_period(struct arena *a, const struct i18n *l, const struct zone *zone, int64_t start, int64_t end,
                  int64_t now);
/* "10:15–11:45", "10:15" without an end. */
char *i18n_hours(struct arena *a, const struct i18n *l, const struct zone *zone, int64_t start, int64_t end);
/* "November 2026" */
char *i18n_month(struct arena *a, const struct i18n *l, const struct zone *zone, int64_t ms);
/* "Lisbon" for "Europe/Lisbon": what people call a zone. */
char *i18n_city(struct arena *a, const struct zone *zone);

/* Between milliseconds UTC and "2026-11-24T10:15" in that zone, the form of <input type=datetime-local>; NO_TIME is "".
 * Of local times that come twice or never: zone_utc. */
char *i18n_local(struct arena *a, const struct zone *zone, int64_t ms);
bool i18n_parse_local(const struct zone *zone, const char *text, int64_t *ms);

/* For view.c: the tree with T in it, as a global tree of ClearSilver. */
void *i18n_tree(const struct i18n *l);

#endif
