/* WebVTT (W3C, "WebVTT: The Web Video Text Tracks Format", section 4), written cue by cue. There is no
 * reader: browsers read what Lectern writes. */
#ifndef LIB_FORMAT_VTT_H
#define LIB_FORMAT_VTT_H

#include <stdint.h>

#include "lib/base/buf.h"

struct vtt_cue {
    int64_t from, to; /* milliseconds, 0 <= from < to */
    struct str text;  /* plain UTF-8, any characters */
};

/* What a file begins with. */
void vtt_write_head(struct buf *out);

/* Characters of markup are escaped. Line breaks are kept, except empty lines, which would end the cue. */
void vtt_write_cue(struct buf *out, const struct vtt_cue *cue);

#endif
