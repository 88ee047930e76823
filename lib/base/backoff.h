/* How long to wait before something that failed is tried again. */
#ifndef LIB_BASE_BACKOFF_H
#define LIB_BASE_BACKOFF_H

#include <stdint.h>

/* Milliseconds to wait after `tries` failures in a row: `first` after one, twice as long after each further
 * one, at most `max`; then a random value between half of that and one and a half times of it, so that
 * clients that failed at the same time do not all come back at the same time. 0 < first <= max, max below 24
 * days. */
int64_t backoff_ms(int tries, int64_t first, int64_t max);

#endif
