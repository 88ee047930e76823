/* What renditions of live streams may cost on this machine: its cores, the part of them that live_cpu allows, and how fast
 * they are, which a thread measures at the start by encoding two seconds. Until it has measured, the machine counts as
 * the one on which the costs of lib/live/ladder.h were measured. CPU time counts, so what else runs does not matter
 * much. Costs are in seconds of CPU for a second of a stream, of that machine. */
#ifndef DAEMONS_RTMPD_BUDGET_H
#define DAEMONS_RTMPD_BUDGET_H

#include "lib/base/cx.h"
#include "lib/os/conf.h"

struct budget;

struct budget *budget_new(const struct conf *conf); /* conf must outlive it */
void budget_free(struct budget *b);                 /* ends the measuring; NULL is fine */

/* --- one thread --- */
double budget_left(const struct budget *b);
void budget_take(struct budget *b, double cost); /* negative: gives it back */
/* Streams that may still come: each may be one that is copied, and room stays for one that has to be encoded. */
int budget_places(const struct budget *b);

#endif
