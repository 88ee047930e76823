/* Condition variables with a time limit by the monotonic clock: setting the wall clock neither shortens nor
 * lengthens a wait. */
#ifndef LIB_OS_COND_H
#define LIB_OS_COND_H

#include <pthread.h>
#include <stdint.h>

void cond_init(pthread_cond_t *cond); /* pthread_cond_destroy ends it */
/* Waits until `cond` is signalled, at most `ms` milliseconds (not at all if ms <= 0). The caller holds `lock`
 * and checks its condition again afterwards: a wait may also end without a signal. */
void cond_wait_ms(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t ms);

#endif
