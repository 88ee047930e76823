#include "lib/format/mp4_shorten.h"

#include <string.h>

#include "lib/format/mp4.h"
#include "lib/format/mp4_flags.h"

enum { HEAD = 8 /* bytes of a trun or tfhd before what its flags announce */ };

static uint32_t get(struct str s, size_t at)
{
    uint32_t v = 0;
    for (size_t i = 0; i < 4; i++)
        v = v << 8 | (unsigned char)s.p[at + i];
    return v;
}

static size_t words(uint32_t flags, uint32_t of)
{
    size_t n = 0;
    for (uint32_t bit = flags & of; bit; bit &= bit - 1)
        n += 4;
    return n;
}

/* Where a run has the length of its last sample; 0: nowhere. */
static size_t length_in_run(struct str trun)
{
    uint32_t flags = get(trun, 0), n = get(trun, 4);
    size_t step = words(flags, TRUN_EACH);
    size_t first = HEAD + words(flags, TRUN_OFFSET | TRUN_FLAGS);
    if (!(flags & TRUN_DURATIONS) || n == 0 || first + (uint64_t)n * step > trun.n)
        return 0;
    return first + (n - 1) * step;
}

/* Where the head of a track's fragment has the length of samples that have none of their own; 0: nowhere. */
static size_t length_in_head(struct str tfhd)
{
    uint32_t flags = get(tfhd, 0);
    size_t at = HEAD + 2 * words(flags, TFHD_OFFSET) + words(flags, TFHD_DESCRIPTION);
    return flags & TFHD_DURATION && at + 4 <= tfhd.n ? at : 0;
}

bool mp4_shorten(char *moof, size_t n, uint32_t ticks)
{
    struct str traf = mp4_box_child((struct str){moof, n}, "traf");
    struct str tfhd = mp4_box_child(traf, "tfhd"), trun = mp4_box_child(traf, "trun"), box = trun;
    if (tfhd.n < HEAD || trun.n < HEAD)
        return false;
    size_t at = length_in_run(trun);
    if (at == 0 && get(trun, 4) == 1 && !(get(trun, 0) & TRUN_DURATIONS)) {
        box = tfhd;
        at = length_in_head(tfhd);
    }
    uint32_t length = at ? get(box, at) : 0;
    if (length <= ticks)
        return false;
    for (size_t i = 0; i < 4; i++)
        moof[(size_t)(box.p - moof) + at + i] = (char)((length - ticks) >> (24 - 8 * i));
    return true;
}
