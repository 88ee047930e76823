#include "lib/format/hls.h"

#include <string.h>

enum { VERSION_UNSAID = 1, VERSION_MASTER = 7, VERSION_MOST = 100, FRACTION_DIGITS = 6 };

static const char *const types[HLS_TYPE_COUNT] = {"", "EVENT", "VOD"};

/* --- values of tags (section 4.2) --- */

/* decimal-floating-point as microseconds; further digits are cut off. */
static bool read_length(struct str text, int64_t *out)
{
    int64_t seconds = 0, part = 0;
    struct str fraction = text, whole = str_cut(&fraction, '.');
    if (whole.n + fraction.n == 0 ||
        (whole.n > 0 && !str_to_i64(whole, 0, HLS_LENGTH_MAX / HLS_SECOND - 1, &seconds)))
        return false;
    for (size_t i = 0; i < fraction.n || i < FRACTION_DIGITS; i++) {
        char digit = i < fraction.n ? fraction.p[i] : '0';
        if (digit < '0' || digit > '9')
            return false;
        if (i < FRACTION_DIGITS)
            part = part * 10 + (digit - '0');
    }
    *out = seconds * HLS_SECOND + part;
    return true;
}

/* "BYTES@OFFSET"; at is -1 where no offset is given. */
static bool read_range(struct str text, struct hls_range *out)
{
    struct hls_range r = {.at = -1};
    bool placed = memchr(text.p, '@', text.n) != NULL;
    struct str bytes = str_cut(&text, '@');
    if (!str_to_i64(bytes, 1, HLS_BYTES_MAX, &r.bytes) ||
        (placed && !str_to_i64(text, 0, HLS_BYTES_MAX - r.bytes, &r.at)))
        return false;
    *out = r;
    return true;
}

struct attribute {
    struct str name, value; /* quotes taken off */
    bool quoted;
};

/* The next attribute of a list. False: the end of the list, or it is malformed (*list is then not empty). */
static bool next_attribute(struct str *list, struct attribute *out)
{
    struct str rest = *list;
    struct attribute a = {.name = str_cut(&rest, '=')};
    a.quoted = str_starts(rest, "\"");
    if (a.quoted) {
        str_cut(&rest, '"');
        if (!memchr(rest.p, '"', rest.n))
            return false;
        a.value = str_cut(&rest, '"');
        if (str_cut(&rest, ',').n > 0)
            return false;
    } else {
        a.value = str_cut(&rest, ',');
        if (a.value.n == 0 || memchr(a.value.p, '"', a.value.n))
            return false;
    }
    *list = rest;
    *out = a;
    return true;
}

/* --- reading --- */

struct reader {
    struct arena *arena;
    struct hls_playlist list;
    const struct hls_map *map;
    struct hls_segment next; /* what the tags so far say about it */
    bool timed;              /* its length */
};

static bool read_int(struct str value, int64_t most, int *out)
{
    int64_t n;
    if (!str_to_i64(value, 0, most, &n))
        return false;
    *out = (int)n;
    return true;
}

static bool on_version(struct reader *r, struct str value)
{
    return read_int(value, VERSION_MOST, &r->list.version);
}

static bool on_target(struct reader *r, struct str value)
{
    return read_int(value, HLS_LENGTH_MAX / HLS_SECOND, &r->list.target);
}

static bool on_sequence(struct reader *r, struct str value)
{
    return str_to_i64(value, 0, INT64_MAX - HLS_SEGMENTS_MAX, &r->list.sequence);
}

static bool on_type(struct reader *r, struct str value)
{
    for (int i = HLS_EVENT; i < HLS_TYPE_COUNT; i++)
        if (str_eq(value, types[i])) {
            r->list.type = (enum hls_type)i;
            return true;
        }
    return false;
}

static bool on_independent(struct reader *r, struct str value)
{
    r->list.independent = true;
    return value.n == 0;
}

static bool on_map(struct reader *r, struct str value)
{
    struct hls_map *map = arena_alloc(r->arena, sizeof *map);
    struct attribute a;
    while (next_attribute(&value, &a)) {
        if (str_eq(a.name, "URI") && a.quoted)
            map->uri = a.value;
        else if (str_eq(a.name, "BYTERANGE") && (!read_range(a.value, &map->range) || map->range.at < 0))
            return false;
    }
    r->map = map;
    return value.n == 0 && map->uri.n > 0;
}

static bool on_range(struct reader *r, struct str value)
{
    return read_range(value, &r->next.range);
}

static bool on_length(struct reader *r, struct str value)
{
    bool first = !r->timed;
    r->timed = true;
    return first && read_length(str_cut(&value, ','), &r->next.length);
}

static bool on_end(struct reader *r, struct str value)
{
    r->list.ended = true;
    return value.n == 0;
}

static const struct {
    const char *name;
    bool (*on)(struct reader *r, struct str value);
} tags[] = {
    {"#EXT-X-VERSION", on_version},
    {"#EXT-X-TARGETDURATION", on_target},
    {"#EXT-X-MEDIA-SEQUENCE", on_sequence},
    {"#EXT-X-PLAYLIST-TYPE", on_type},
    {"#EXT-X-INDEPENDENT-SEGMENTS", on_independent},
    {"#EXT-X-MAP", on_map},
    {"#EXT-X-BYTERANGE", on_range},
    {"#EXTINF", on_length},
    {"#EXT-X-ENDLIST", on_end},
};

/* A range without an offset begins where the range before it in the same resource ended (section 4.3.2.2). */
static bool place(struct hls_range *range, struct str uri, const struct hls_segment *before)
{
    if (range->at >= 0)
        return true;
    if (!before || before->range.bytes == 0 || before->uri.n != uri.n ||
        memcmp(before->uri.p, uri.p, uri.n) != 0)
        return false;
    range->at = before->range.at + before->range.bytes;
    return range->at <= HLS_BYTES_MAX - range->bytes;
}

/* The line with the URI, which ends the description of a segment. */
static bool on_uri(struct reader *r, struct str uri)
{
    struct hls_segment *s = r->list.segments + r->list.n;
    *s = r->next;
    s->map = r->map;
    s->uri = uri;
    bool ok = r->timed && place(&s->range, uri, r->list.n > 0 ? s - 1 : NULL);
    r->next = (struct hls_segment){0};
    r->timed = false;
    r->list.n++;
    return ok;
}

static bool on_line(struct reader *r, struct str line)
{
    struct str value = line, name = str_cut(&value, ':');
    if (line.n == 0)
        return true;
    if (str_has_controls(line, false))
        return false;
    if (line.p[0] != '#')
        return on_uri(r, line);
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (str_eq(name, tags[i].name))
            return tags[i].on(r, value);
    return true;
}

static struct str next_line(struct str *rest)
{
    struct str line = str_cut(rest, '\n');
    if (line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    return line;
}

/* Every segment has a line of its own that gives its length. */
static size_t count_segments(struct str text)
{
    size_t n = 0;
    while (text.n > 0)
        n += str_starts(str_cut(&text, '\n'), "#EXTINF:");
    return n;
}

enum rc hls_read(struct cx *cx, struct str text, struct hls_playlist *out)
{
    struct reader r = {.arena = cx->arena, .list = {.version = VERSION_UNSAID, .target = -1}};
    size_t most = count_segments(text);
    if (most > HLS_SEGMENTS_MAX)
        return err_set(cx, RC_TOOBIG, NULL, NULL, "a playlist of %zu segments", most);
    if (!str_is_utf8(text) || !str_eq(next_line(&text), "#EXTM3U"))
        return err_set(cx, RC_INVALID, NULL, NULL, "no playlist");
    r.list.segments = arena_array(cx->arena, most + 1, sizeof *r.list.segments);
    for (int line = 2; text.n > 0; line++)
        if (!on_line(&r, next_line(&text)))
            return err_set(cx, RC_INVALID, NULL, NULL, "line %d of a playlist", line);
    if (r.list.target < 0 || r.timed || r.next.range.bytes > 0)
        return err_set(cx, RC_INVALID, NULL, NULL, "a playlist that is not whole");
    *out = r.list;
    return RC_OK;
}

/* --- writing --- */

static void put_range(struct buf *out, const char *before, const struct hls_range *r, const char *after)
{
    if (r->bytes > 0)
        buf_printf(out, "%s%lld@%lld%s", before, (long long)r->bytes, (long long)r->at, after);
}

static void put_map(struct buf *out, const struct hls_map *map)
{
    buf_str(out, "#EXT-X-MAP:URI=\"");
    buf_add(out, map->uri.p, map->uri.n);
    buf_str(out, "\"");
    put_range(out, ",BYTERANGE=\"", &map->range, "\"");
    buf_str(out, "\n");
}

static void put_segment(struct buf *out, const struct hls_segment *s)
{
    buf_printf(out, "#EXTINF:%lld.%06lld,\n", (long long)(s->length / HLS_SECOND),
               (long long)(s->length % HLS_SECOND));
    put_range(out, "#EXT-X-BYTERANGE:", &s->range, "\n");
    buf_add(out, s->uri.p, s->uri.n);
    buf_str(out, "\n");
}

void hls_write(struct buf *out, const struct hls_playlist *p)
{
    const struct hls_map *map = NULL;
    buf_printf(out, "#EXTM3U\n#EXT-X-VERSION:%d\n#EXT-X-TARGETDURATION:%d\n#EXT-X-MEDIA-SEQUENCE:%lld\n",
               p->version, p->target, (long long)p->sequence);
    if (p->type != HLS_OPEN)
        buf_printf(out, "#EXT-X-PLAYLIST-TYPE:%s\n", types[p->type]);
    if (p->independent)
        buf_str(out, "#EXT-X-INDEPENDENT-SEGMENTS\n");
    for (size_t i = 0; i < p->n; i++) {
        const struct hls_segment *s = &p->segments[i];
        if (s->map && s->map != map)
            put_map(out, s->map);
        map = s->map;
        put_segment(out, s);
    }
    if (p->ended)
        buf_str(out, "#EXT-X-ENDLIST\n");
}

static void put_variant(struct buf *out, const struct hls_variant *v, const struct hls_sound *sound)
{
    buf_printf(out, "#EXT-X-STREAM-INF:BANDWIDTH=%lld", (long long)v->peak);
    if (v->average > 0)
        buf_printf(out, ",AVERAGE-BANDWIDTH=%lld", (long long)v->average);
    if (v->width > 0)
        buf_printf(out, ",RESOLUTION=%dx%d", v->width, v->height);
    if (v->fps_num > 0)
        buf_printf(out, ",FRAME-RATE=%.3f", (double)v->fps_num / v->fps_den);
    if (sound)
        buf_printf(out, ",CODECS=\"%s,%s\",AUDIO=\"%s\"\n%s\n", v->codec, sound->codec, sound->group, v->uri);
    else
        buf_printf(out, ",CODECS=\"%s\"\n%s\n", v->codec, v->uri);
}

void hls_write_master(struct buf *out, bool independent, const struct hls_variant *variants, size_t n,
                      const struct hls_sound *sound)
{
    buf_printf(out, "#EXTM3U\n#EXT-X-VERSION:%d\n", VERSION_MASTER);
    if (independent)
        buf_str(out, "#EXT-X-INDEPENDENT-SEGMENTS\n");
    if (sound)
        buf_printf(out,
                   "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"%s\",NAME=\"%s\",DEFAULT=YES,AUTOSELECT=YES,"
                   "CHANNELS=\"%d\",URI=\"%s\"\n",
                   sound->group, sound->name, sound->channels, sound->uri);
    for (size_t i = 0; i < n; i++)
        put_variant(out, &variants[i], sound);
}
