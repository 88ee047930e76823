/* Which system calls the confined program may make: a list of what FFmpeg needs; anything else fails with
 * EPERM (ENOSYS for clone3, so that the C library falls back to clone, whose flags a filter can see). */
#ifndef DAEMONS_SANDBOX_FILTER_H
#define DAEMONS_SANDBOX_FILTER_H

#include <stdbool.h>

/* network: sockets are allowed, too. Returns 0 or a negative errno. */
int filter_install(bool network);

#endif
