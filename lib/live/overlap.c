#include "lib/live/overlap.h"

#include "lib/proto/rtmp.h"

/* 0 for sound, 1 for pictures, -1 for what does not count. */
static int kind_of(const struct flv_tag *tag)
{
    struct flv_packet p;
    if (!flv_packet_read(tag->type, tag->body, &p) || p.kind != FLV_KIND_FRAMES)
        return -1;
    return tag->type == FLV_AUDIO ? 0 : 1;
}

void overlap_note(struct overlap *o, const struct flv_tag *tag)
{
    int kind = kind_of(tag);
    if (kind < 0 || !overlap_is_new(o, tag))
        return;
    o->has[kind] = true;
    o->until[kind] = tag->time;
}

bool overlap_is_new(const struct overlap *o, const struct flv_tag *tag)
{
    int kind = kind_of(tag);
    return kind < 0 || !o->has[kind] || rtmp_time_between(o->until[kind], tag->time) > 0;
}
