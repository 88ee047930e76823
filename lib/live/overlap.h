/* Tags of a stream that come a second time, as when a window was sent again to another ingest: which of them are
 * there already. The time stamps of a stream go on over a takeover, so they say it exactly; sound and pictures
 * are counted apart, since a picture may come behind a later sound. Pure. */
#ifndef LIB_LIVE_OVERLAP_H
#define LIB_LIVE_OVERLAP_H

#include "lib/proto/flv.h"

struct overlap {
    bool has[2];       /* sound, pictures */
    uint32_t until[2]; /* time of the last tag of that kind that is there, ms */
};

/* This tag is there. Only frames count: not headers, data, or the end of a sequence, which has the time of the last
 * picture. */
void overlap_note(struct overlap *o, const struct flv_tag *tag);
/* False: it is there already, being not later than the last one noted. What does not count is always new. Times
 * are compared across the wrap of 2^32, so a stream that begins anew at 0 (another session) needs its own. */
bool overlap_is_new(const struct overlap *o, const struct flv_tag *tag);

#endif
