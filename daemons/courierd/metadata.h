/* Reads the metadata of identity providers from other people's servers. */
#ifndef DAEMONS_COURIERD_METADATA_H
#define DAEMONS_COURIERD_METADATA_H

#include <stdbool.h>

#include "lib/base/cx.h"
#include "lib/net/http.h"
#include "lib/svc/leader.h"

/* Reads the one that has been due longest, if there is one (*did). That it could not be read or is not good is
 * noted with the provider and is RC_OK here. Takes 20 seconds at most, and renews the leadership meanwhile;
 * RC_CONFLICT: it was lost. */
WARN_UNUSED enum rc metadata_read_due(struct cx *cx, struct http *http, struct leader *leader, bool *did);

#endif
