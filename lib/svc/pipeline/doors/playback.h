/* Playback: the token in the path and the addresses under it. */
#ifndef LIB_SVC_PIPELINE_DOORS_PLAYBACK_H
#define LIB_SVC_PIPELINE_DOORS_PLAYBACK_H

#include "lib/base/cx.h"
#include "lib/svc/pipeline/doors/publication.h"

enum { PLAYBACK_TOKEN_S = 15 * 60, PLAYBACK_GENERATIONS_AHEAD = 8 };

struct playback {
    const char *token;     /* secret: never log it */
    int64_t expires;       /* ms */
    const char *store_url; /* "" : the core's own address serves the files */
    int generation;
    bool may_download;
};

/* A token for this lecture's current and next few generations. The caller has decided that the actor may play
 * it (policy_may) and whether files may be saved. RC_NOTFOUND not_watchable: nothing to watch yet. */
WARN_UNUSED enum rc playback_token(struct cx *cx, const struct publication *p, bool may_download, int seconds,
                                   struct playback *out);

/* "<store>/m/<token>/<lecture>/g<N>/<VIEW>/<file>" */
const char *playback_url(struct cx *cx, const struct publication *p, const struct playback *pb,
                         enum view_kind view, const char *file);

#endif
