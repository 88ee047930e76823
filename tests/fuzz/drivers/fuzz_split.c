/* The output of an FFmpeg of any bytes, in pieces whose length the first byte says. */
#include <stdlib.h>
#include <string.h>

#include "lib/live/split.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool right)
{
    if (!right)
        abort();
}

enum { TRACKS = 3 };

struct seen {
    int inits;
    bool begun[TRACKS];
    int64_t segment[TRACKS], part[TRACKS];
};

static void on_init(void *arg, int track, struct str bytes)
{
    struct seen *s = arg;
    check(track == s->inits++ && bytes.n > 0);
}

/* Parts of a segment have no gap in their numbers, segments rise. */
static void on_part(void *arg, const struct split_part *p)
{
    struct seen *s = arg;
    int t = p->track;
    check(s->inits == TRACKS && t >= 0 && t < TRACKS && p->bytes.n > 0 && p->segment >= 0);
    if (s->begun[t] && p->segment == s->segment[t])
        check(p->part == s->part[t] + 1);
    else
        check(p->part == 0 && (!s->begun[t] || p->segment > s->segment[t]));
    s->begun[t] = true;
    s->segment[t] = p->segment;
    s->part[t] = p->part;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct split_hooks hooks = {.init = on_init, .part = on_part};
    struct split s;
    struct seen seen = {.inits = 0};
    if (size == 0)
        return 0;
    size_t step = data[0] + 1u;
    split_init(&s, TRACKS, 80, &hooks, &seen);
    for (size_t at = 1; at < size; at += step)
        if (!split_bytes(&s, (struct str){(const char *)data + at, size - at < step ? size - at : step}))
            break;
    split_fini(&s);
    return 0;
}
