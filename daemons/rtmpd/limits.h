/* What one address may do in a minute: begin streams, and try tokens that are none. Addresses are networks as of
 * lib/net/address.h. Memory is fixed: of more than LIMITS_ADDRESSES at once, those are forgotten whose minute began
 * first. One thread. */
#ifndef DAEMONS_RTMPD_LIMITS_H
#define DAEMONS_RTMPD_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

enum { LIMITS_ADDRESSES = 1024 };

struct limits;

struct limits *limits_new(int starts, int wrong);
void limits_free(struct limits *l); /* NULL is fine */

/* Somebody wants to begin a stream. now: clock_mono. False: not in this minute any more. */
bool limits_start(struct limits *l, const char *network, int64_t now);
/* The token was wrong. */
void limits_wrong(struct limits *l, const char *network, int64_t now);

#endif
