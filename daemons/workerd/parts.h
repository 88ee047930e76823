/* The parts of a source, recordings of one live stream after the other, become one file (lib/live/join.h). A
 * recording ends where its writer ended, maybe in the middle of a tag: what is not whole is left out. */
#ifndef DAEMONS_WORKERD_PARTS_H
#define DAEMONS_WORKERD_PARTS_H

#include <stdatomic.h>

#include "lib/base/cx.h"
#include "lib/live/join.h"
#include "lib/media/tool.h"

struct parts;

/* path: of the file, which is made. cut: long gaps are cut. Stops soon after *stop is set. RC_UNAVAIL: it cannot be
 * written. */
WARN_UNUSED enum rc parts_open(struct cx *cx, const char *path, bool cut, const atomic_bool *stop,
                               struct parts **out);
void parts_close(struct parts *p); /* NULL is fine */

/* First, until *enough: shows the recordings in their order. RC_UNAVAIL: it cannot be read; RC_TIMEOUT: stopped. */
WARN_UNUSED enum rc parts_look(struct cx *cx, struct parts *p, const char *recording, bool *enough);
/* Then appends them in their order. begins, goes_on: see join_part. Results as above. */
WARN_UNUSED enum rc parts_append(struct cx *cx, struct parts *p, const char *recording, int64_t begins,
                                 bool goes_on);
/* At the end: all is written. */
WARN_UNUSED enum rc parts_end(struct cx *cx, struct parts *p);

int64_t parts_size(const struct parts *p); /* bytes written so far */
/* What FFmpeg will not say of the pictures. False: there are none, or all were left out. */
bool parts_pictures(const struct parts *p, struct media_pictures *out);

#endif
