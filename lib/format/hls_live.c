#include "lib/format/hls_live.h"

#include "lib/base/clock.h"

enum { VERSION_SKIP = 9, VERSION_MAP = 7 };

static void put_seconds(struct buf *out, int64_t length)
{
    buf_printf(out, "%lld.%06lld", (long long)(length / HLS_SECOND), (long long)(length % HLS_SECOND));
}

void hls_live_head(struct buf *out, const struct hls_live *p)
{
    buf_printf(out, "#EXTM3U\n#EXT-X-VERSION:%d\n#EXT-X-TARGETDURATION:%d\n",
               p->part_target > 0 ? VERSION_SKIP : VERSION_MAP, p->target);
    if (p->part_target > 0) {
        buf_str(out, "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=");
        put_seconds(out, p->hold_back);
        buf_str(out, ",CAN-SKIP-UNTIL=");
        put_seconds(out, p->skip_until);
        buf_str(out, "\n#EXT-X-PART-INF:PART-TARGET=");
        put_seconds(out, p->part_target);
        buf_str(out, "\n");
    }
    buf_str(out, "#EXT-X-MEDIA-SEQUENCE:0\n");
    if (p->type != HLS_OPEN)
        buf_printf(out, "#EXT-X-PLAYLIST-TYPE:%s\n", p->type == HLS_VOD ? "VOD" : "EVENT");
    if (p->skipped > 0)
        buf_printf(out, "#EXT-X-SKIP:SKIPPED-SEGMENTS=%lld\n", (long long)p->skipped);
}

void hls_live_discontinuity(struct buf *out)
{
    buf_str(out, "#EXT-X-DISCONTINUITY\n");
}

void hls_live_map(struct buf *out, const char *uri)
{
    buf_printf(out, "#EXT-X-MAP:URI=\"%s\"\n", uri);
}

void hls_live_time(struct buf *out, int64_t ms)
{
    char iso[CLOCK_ISO_SIZE];
    clock_iso(ms, iso);
    buf_printf(out, "#EXT-X-PROGRAM-DATE-TIME:%s\n", iso);
}

void hls_live_part(struct buf *out, const char *uri, int64_t length, bool key)
{
    buf_str(out, "#EXT-X-PART:DURATION=");
    put_seconds(out, length);
    buf_printf(out, ",URI=\"%s\"%s\n", uri, key ? ",INDEPENDENT=YES" : "");
}

void hls_live_segment(struct buf *out, const char *uri, int64_t length, bool gap)
{
    if (gap)
        buf_str(out, "#EXT-X-GAP\n");
    buf_str(out, "#EXTINF:");
    put_seconds(out, length);
    buf_printf(out, ",\n%s\n", uri);
}

void hls_live_hint(struct buf *out, const char *uri)
{
    buf_printf(out, "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"%s\"\n", uri);
}

void hls_live_end(struct buf *out)
{
    buf_str(out, "#EXT-X-ENDLIST\n");
}
