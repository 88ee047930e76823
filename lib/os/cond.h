/* Condition variables with an end to the wait, by the monotonic clock: setting the wall clock neither
 * shortens nor lengthens a wait. */
#ifndef LIB_OS_COND_H
#define LIB_OS_COND_H

#include <pthread.h>
#include <stdint.h>

void cond_init(pthread_cond_t *cond); /* pthread_cond_destroy ends it */
/* Waits until `cond` is signalled, at most `ms` milliseconds (none if ms <= 0). The caller holds `lock` and
 * looks at its condition again afterwards: a wait also ends for no reason. */
void cond_wait_ms(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t ms);

#endif
