/* Time. Wall-clock times are int64_t milliseconds since 1970-01-01 UTC everywhere; NO_TIME stands for "none"
 * (SQL NULL). */
#ifndef LIB_BASE_CLOCK_H
#define LIB_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define NO_TIME INT64_MIN

enum { CLOCK_ISO_SIZE = 25 };

int64_t clock_now(void);  /* wall clock, ms */
int64_t clock_mono(void); /* monotonic, ms: for durations and timeouts */

/* "2026-11-24T10:15:00.000Z" (RFC 3339, UTC). Years 1970–9999. */
void clock_iso(int64_t ms, char out[CLOCK_ISO_SIZE]);
/* Reads that form, with or without milliseconds. False if it is anything else. */
bool clock_parse_iso(const char *s, int64_t *ms);

#endif
