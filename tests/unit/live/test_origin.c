/* What people watch of a live stream: parts in, playlists out; runs that go on with a stream, and what a restart
 * leaves. Tracks have 25 ticks a second; a part is four pictures of 0.16 s, a segment three of them. */
#include "lib/live/origin.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/boxes.h"
#include "tests/unit/testing.h"

enum { NOW = 1000000, PART = 4, PARTS = 3, TEXT = 1 << 20 };

/* What the owner was told to write. */
struct disk {
    struct buf lines, bytes[ORIGIN_TRACKS];
    struct origin *o;
    bool full;
};

static bool append(void *arg, int track, size_t msn, struct str bytes)
{
    struct disk *d = arg;
    (void)msn;
    if (d->full)
        return false;
    buf_add(&d->bytes[track], bytes.p, bytes.n);
    return true;
}

static void complete(void *arg, int track, size_t msn)
{
    struct disk *d = arg;
    char line[ORIGIN_LINE];
    origin_line_segment(d->o, track, msn, line);
    buf_str(&d->lines, line);
    buf_clear(&d->bytes[track]);
}

static void add_line(void *arg, struct str line)
{
    struct disk *d = arg;
    buf_add(&d->lines, line.p, line.n);
}

static void begin(struct origin *o, struct disk *d)
{
    const struct origin_sink sink = {append, complete, add_line, d};
    d->o = o;
    d->full = false;
    buf_init(&d->lines, TEXT);
    for (int t = 0; t < ORIGIN_TRACKS; t++)
        buf_init(&d->bytes[t], TEXT);
    origin_init(o, &sink);
}

static void end(struct origin *o, struct disk *d)
{
    origin_fini(o);
    buf_fini(&d->lines);
    for (int t = 0; t < ORIGIN_TRACKS; t++)
        buf_fini(&d->bytes[t]);
}

static struct str init_of(struct bytes *b, int track)
{
    struct bytes inner;
    struct str body = moov(&inner, 1, 0, track == ORIGIN_SOUND);
    b->n = 0;
    PUT(b, "ftyp", 0x69736f35, 0);
    size_t at = open_box(b, "moov");
    memcpy(b->p + b->n, body.p, body.n);
    b->n += body.n;
    close_box(b, at);
    return (struct str){(const char *)b->p, b->n};
}

static struct str part_of(struct bytes *b, int64_t ticks)
{
    struct bytes inner;
    struct str body = moof(&inner, (uint32_t)ticks);
    b->n = 0;
    size_t at = open_box(b, "moof");
    memcpy(b->p + b->n, body.p, body.n);
    b->n += body.n;
    close_box(b, at);
    at = open_box(b, "mdat");
    zeroes(b, 100);
    close_box(b, at);
    return (struct str){(const char *)b->p, b->n};
}

static enum origin_said announce(struct origin *o, const char *session, int64_t fence, int64_t at,
                                 unsigned tracks)
{
    struct bytes b;
    struct origin_run r = {.fence = fence, .at = at};
    snprintf(r.session, sizeof r.session, "%s", session);
    for (int t = 0; t < ORIGIN_TRACKS; t++)
        r.in[t].announced = tracks & 1U << t;
    enum origin_said said = origin_run(o, &r);
    for (int t = 0; t < ORIGIN_TRACKS && said == ORIGIN_TAKEN; t++)
        if (r.in[t].announced)
            assert_int_equal(origin_track_init(o, t, init_of(&b, t)), ORIGIN_TAKEN);
    return said;
}

static enum origin_said put(struct origin *o, int track, int64_t k, int64_t p)
{
    struct bytes b;
    return origin_part(o, track, k, p, part_of(&b, (k * PARTS + p) * PART), NOW);
}

/* Parts [from, to) of all tracks of the run, counted over its segments. */
static void feed(struct origin *o, unsigned tracks, int from, int to)
{
    for (int i = from; i < to; i++)
        for (int t = 0; t < ORIGIN_TRACKS; t++)
            if (tracks & 1U << t)
                assert_int_equal(put(o, t, i / PARTS, i % PARTS), ORIGIN_TAKEN);
}

static const char *list(const struct origin *o, int track, enum origin_form form)
{
    static char text[TEXT];
    struct buf out;
    buf_init(&out, TEXT);
    origin_list(o, track, form, &out);
    assert_false(out.overflow);
    memcpy(text, out.p, out.n + 1);
    buf_fini(&out);
    return text;
}

static bool has(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

enum { V0 = 1, V1 = 2, A = 8 };

static void playlists(void **state)
{
    (void)state;
    struct origin o;
    struct disk d;
    begin(&o, &d);
    assert_int_equal(announce(&o, "s1", 1, 0, V0), ORIGIN_TAKEN);
    assert_false(origin_is_shown(&o));
    feed(&o, V0, 0, PARTS + 1);
    assert_true(origin_is_shown(&o));
    assert_string_equal(
        list(&o, 0, ORIGIN_LOW),
        "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:2\n"
        "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.200000,CAN-SKIP-UNTIL=12.000000\n"
        "#EXT-X-PART-INF:PART-TARGET=0.400000\n#EXT-X-MEDIA-SEQUENCE:0\n"
        "#EXT-X-MAP:URI=\"v0-r0.mp4\"\n#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:16:39.840Z\n"
        "#EXT-X-PART:DURATION=0.160000,URI=\"v0-0.0.m4s\",INDEPENDENT=YES\n"
        "#EXT-X-PART:DURATION=0.160000,URI=\"v0-0.1.m4s\",INDEPENDENT=YES\n"
        "#EXT-X-PART:DURATION=0.160000,URI=\"v0-0.2.m4s\",INDEPENDENT=YES\n"
        "#EXTINF:0.480000,\nv0-0.m4s\n"
        "#EXT-X-PART:DURATION=0.160000,URI=\"v0-1.0.m4s\",INDEPENDENT=YES\n"
        "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"v0-1.1.m4s\"\n");
    assert_string_equal(list(&o, 0, ORIGIN_PLAIN),
                        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:0\n"
                        "#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-MAP:URI=\"v0-r0.mp4\"\n"
                        "#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:16:39.840Z\n#EXTINF:0.480000,\nv0-0.m4s\n");
    origin_seal(&o);
    assert_true(has(list(&o, 0, ORIGIN_VOD), "PLAYLIST-TYPE:VOD") &&
                has(list(&o, 0, ORIGIN_VOD), "#EXT-X-ENDLIST\n"));
    assert_true(has(list(&o, 0, ORIGIN_LOW), "#EXT-X-ENDLIST\n") && !has(list(&o, 0, ORIGIN_LOW), "HINT"));
    assert_int_equal(put(&o, 0, 9, 0), ORIGIN_SEALED);
    end(&o, &d);
}

/* Parts are listed for six seconds and kept for ten; a delta update leaves out what is older than twelve. */
static void windows(void **state)
{
    (void)state;
    struct origin o;
    struct disk d;
    begin(&o, &d);
    announce(&o, "s1", 1, 0, V0);
    feed(&o, V0, 0, 40 * PARTS); /* 19.2 s */
    assert_false(has(list(&o, 0, ORIGIN_LOW), "v0-26.0.m4s"));
    assert_true(has(list(&o, 0, ORIGIN_LOW), "v0-27.0.m4s"));
    assert_null(origin_part_bytes(&o, 0, 18, 0));
    assert_non_null(origin_part_bytes(&o, 0, 20, 0));
    const char *delta = list(&o, 0, ORIGIN_LOW_SKIP);
    assert_true(has(delta, "SKIPPED-SEGMENTS=15\n") && !has(delta, "v0-14.m4s") && has(delta, "v0-15.m4s"));
    end(&o, &d);
}

static void waiting(void **state)
{
    (void)state;
    struct origin o;
    struct disk d;
    begin(&o, &d);
    announce(&o, "s1", 1, 0, V0 | A);
    feed(&o, V0 | A, 0, PARTS + 2); /* 1.1 is the last part */
    assert_true(origin_has(&o, 0, 0, -1) && origin_has(&o, 0, 0, 99) && origin_has(&o, 0, 1, 1));
    assert_false(origin_has(&o, 0, 1, 2) || origin_has(&o, 0, 1, -1) || origin_has(&o, 0, 2, 0));
    assert_false(origin_is_far(&o, 0, 1, 2) || origin_is_far(&o, 0, 3, 0) || origin_is_far(&o, 0, 1, 9));
    assert_true(origin_is_far(&o, 0, 4, 0) && origin_is_far(&o, 0, 1, 10) &&
                origin_is_far(&o, 0, 1000000000, -1));
    assert_true(origin_is_over(&o, 0, 0, 3) && !origin_is_over(&o, 0, 1, 2) && !origin_is_over(&o, 0, 2, 0));
    origin_end(&o);
    assert_true(origin_is_over(&o, 0, 1, 2) && origin_has(&o, 0, 1, -1));
    end(&o, &d);
}

/* The session has 1.44 s; the second run begins at 0.6 s: its first segment ends before that, its second does not. */
static void takeover(void **state)
{
    (void)state;
    struct origin o;
    struct disk d;
    begin(&o, &d);
    announce(&o, "s1", 1, 0, V0 | A);
    feed(&o, V0 | A, 0, 3 * PARTS);
    assert_int_equal(announce(&o, "s1", 2, 600, V0 | A), ORIGIN_TAKEN);
    assert_int_equal(origin_find(&o, 1, 0), ORIGIN_OLD);
    feed(&o, V0 | A, 0, 2 * PARTS - 1);
    assert_int_equal(o.tracks[0].n, 3); /* nothing new yet: 0.6 + 0.8 s */
    feed(&o, V0 | A, 2 * PARTS - 1, 3 * PARTS);
    assert_true(o.tracks[0].n == 5 && o.tracks[ORIGIN_SOUND].n == 5);
    const struct origin_segment *s = &o.tracks[0].segments[3];
    assert_true(s->run == 1 && s->k == 1 && s->part_count == PARTS &&
                s->time == o.runs[0].shown_at + 600 + 480);
    assert_true(has(list(&o, ORIGIN_SOUND, ORIGIN_LOW),
                    "a-2.m4s\n#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"a-r1.mp4\"\n"));
    assert_int_equal(announce(&o, "s1", 2, 600, V0), ORIGIN_HAD);
    assert_int_equal(announce(&o, "s1", 1, 600, V0), ORIGIN_OLD);
    assert_int_equal(announce(&o, "s2", 1, 0, V0), ORIGIN_TAKEN); /* the publisher came back */
    assert_int_equal(announce(&o, "s1", 9, 0, V0), ORIGIN_OLD);
    end(&o, &d);
}

/* Tracks that a run does not have. */
static void missing(void **state)
{
    (void)state;
    struct origin o;
    struct disk d;
    begin(&o, &d);
    announce(&o, "s1", 1, 0, V0 | V1 | A);
    feed(&o, V0 | V1 | A, 0, PARTS);
    announce(&o, "s2", 1, 0, V0);
    feed(&o, V0, 0, PARTS + 1);
    assert_true(
        has(list(&o, 1, ORIGIN_PLAIN), "v1-0.m4s\n#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"v0-r1.mp4\"\n"));
    assert_true(has(list(&o, 1, ORIGIN_LOW), "URI=\"v0-2.1.m4s\"")); /* the hint */
    assert_true(has(list(&o, ORIGIN_SOUND, ORIGIN_PLAIN), "#EXT-X-GAP\n#EXTINF:0.480000,\na-1.m4s\n"));
    assert_false(has(list(&o, ORIGIN_SOUND, ORIGIN_LOW), "a-2."));
    announce(&o, "s3", 1, 0, V0 | A);
    feed(&o, V0 | A, 0, 1);
    assert_true(has(list(&o, ORIGIN_SOUND, ORIGIN_LOW), "#EXT-X-MAP:URI=\"a-r2.mp4\"\n"));
    end(&o, &d);
}

static void refusals(void **state)
{
    (void)state;
    struct origin o;
    struct disk d;
    struct bytes b;
    begin(&o, &d);
    assert_int_equal(put(&o, 0, 0, 0), ORIGIN_BAD);
    assert_int_equal(announce(&o, "", 1, 0, V0), ORIGIN_BAD);
    assert_int_equal(announce(&o, "s1", 1, 0, 0), ORIGIN_BAD);
    assert_int_equal(announce(&o, "s1", 1, -1, V0), ORIGIN_BAD);
    announce(&o, "s1", 1, 0, V0);
    assert_int_equal(origin_track_init(&o, 1, init_of(&b, 1)), ORIGIN_BAD);
    assert_int_equal(origin_track_init(&o, 0, init_of(&b, 0)), ORIGIN_HAD);
    assert_int_equal(origin_find(&o, 2, 0), ORIGIN_BAD);
    feed(&o, V0, 0, 2);
    assert_int_equal(put(&o, 0, 0, 1), ORIGIN_HAD);
    assert_int_equal(origin_part(&o, 0, 0, 2, part_of(&b, 2), NOW), ORIGIN_BAD); /* time runs backwards */
    assert_int_equal(put(&o, 0, ORIGIN_SKIPPED_MAX + 1, 0), ORIGIN_BAD);
    d.full = true;
    assert_int_equal(put(&o, 0, 0, 2), ORIGIN_DISK);
    d.full = false;
    assert_int_equal(put(&o, 0, 0, 2), ORIGIN_TAKEN);
    for (int p = 3; p < 15; p++)
        assert_int_equal(put(&o, 0, 0, p), ORIGIN_TAKEN);
    assert_int_equal(put(&o, 0, 0, 15), ORIGIN_BAD); /* 2.56 s */
    end(&o, &d);
}

/* The same playlists are made from the lines, and from the bytes of segments that were not complete. */
static void restart(void **state)
{
    (void)state;
    struct origin o, again;
    struct disk d, other;
    struct bytes b;
    begin(&o, &d);
    announce(&o, "s1", 1, 0, V0 | A);
    feed(&o, V0 | A, 0, 2 * PARTS);
    announce(&o, "s1", 2, 600, V0 | A);
    feed(&o, V0 | A, 0, 2 * PARTS + 1);
    begin(&again, &other);
    for (struct str rest = buf_view(&d.lines); rest.n > 0;)
        assert_true(origin_read_line(&again, str_cut(&rest, '\n')));
    for (int t = 0; t < ORIGIN_TRACKS; t += ORIGIN_SOUND) {
        for (int r = 0; r < 2; r++)
            assert_true(origin_read_init(&again, r, t, init_of(&b, t)));
        assert_false(origin_read_parts(&again, t, STR("other")));
        assert_null(origin_part_bytes(&again, t, 2, 0));
        buf_str(&d.bytes[t], "half");
        assert_int_equal(origin_next(&again, t), o.tracks[t].n - 1);
        assert_int_equal(origin_read_segment(&again, t, buf_view(&d.bytes[t])), d.bytes[t].n - 4);
        assert_int_equal(origin_read_segment(&again, t, STR("")), 0);
    }
    char was[TEXT / 4];
    for (int t = 0; t < ORIGIN_TRACKS; t += ORIGIN_SOUND) {
        snprintf(was, sizeof was, "%s", list(&o, t, ORIGIN_PLAIN));
        assert_string_equal(list(&again, t, ORIGIN_PLAIN), was);
    }
    assert_int_equal(put(&again, 0, 2, 0), ORIGIN_HAD);
    assert_int_equal(put(&again, 0, 2, 1), ORIGIN_TAKEN);
    assert_int_equal(announce(&again, "s1", 1, 0, V0), ORIGIN_OLD);
    assert_true(again.until >= o.until);
    static const char *const none[] = {
        "",  "run 0 s 1 1 1 v0:1x1:1", "v0 0 0 0 1 1 1 1", "begin 7 0 0 0", "v0 99999999 1 0 1 1 1 1",
        "x", "run 2 s3 1 0 0"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_false(origin_read_line(&again, str_of(none[i])));
    assert_true(origin_read_line(&again, STR("sealed")) && !origin_read_line(&again, STR("sealed")));
    end(&again, &other);
    end(&o, &d);
}

/* A part of five pictures a second: four take 0.8 s. */
static struct str slow_part_of(struct bytes *b, int64_t ticks)
{
    b->n = 0;
    size_t at = open_box(b, "moof"), traf = open_box(b, "traf");
    PUT(b, "tfhd", 0x020008, 1, 5);
    PUT(b, "tfdt", 0, (uint32_t)ticks);
    PUT(b, "trun", 0x200, 4, 10, 20, 30, 40);
    close_box(b, traf);
    close_box(b, at);
    at = open_box(b, "mdat");
    zeroes(b, 100);
    close_box(b, at);
    return (struct str){(const char *)b->p, b->n};
}

/* While such a part is listed the target is its length. */
static void few_pictures(void **state)
{
    (void)state;
    struct origin o;
    struct disk d;
    struct bytes b;
    begin(&o, &d);
    announce(&o, "s1", 1, 0, V0);
    assert_int_equal(origin_part(&o, 0, 0, 0, slow_part_of(&b, 0), NOW), ORIGIN_TAKEN);
    assert_true(has(list(&o, 0, ORIGIN_LOW), "PART-HOLD-BACK=2.400000") &&
                has(list(&o, 0, ORIGIN_LOW), "PART-TARGET=0.800000"));
    for (int i = 1; i < 45; i++) {
        assert_int_equal(origin_part(&o, 0, i, 0, part_of(&b, 16 + i * PART), NOW), ORIGIN_TAKEN);
        assert_true(has(list(&o, 0, ORIGIN_LOW), "PART-TARGET=0.800000") ==
                    has(list(&o, 0, ORIGIN_LOW), "v0-0.0.m4s"));
    }
    assert_true(has(list(&o, 0, ORIGIN_LOW), "PART-TARGET=0.400000"));
    end(&o, &d);
}

/* The publisher's clock is set back, or an hour ahead, and a run begins for it. */
static void clocks(void **state)
{
    (void)state;
    struct origin o;
    struct disk d;
    struct bytes b;
    begin(&o, &d);
    announce(&o, "s1", 1, 5000000, V0);
    feed(&o, V0, 0, PARTS);
    announce(&o, "s1", 2, 0, V0);
    feed(&o, V0, 0, PARTS);
    assert_int_equal(o.tracks[0].n, 1); /* as if it were there */
    assert_int_equal(origin_part(&o, 0, 1, 0, part_of(&b, PARTS * PART), NOW + ORIGIN_HELD_MS + 1),
                     ORIGIN_TAKEN);
    assert_true(o.tracks[0].n == 2 && o.until < 5000000);
    int64_t ahead = o.tracks[0].segments[1].time - NOW;
    assert_true(ahead > 0 && ahead < ORIGIN_HELD_MS + 1);
    announce(&o, "s1", 3, 3600000, V0);
    feed(&o, V0, 0, 1);
    assert_true(o.tracks[0].n == 3 && o.tracks[0].segments[2].time < NOW);
    end(&o, &d);
}

static void masters(void **state)
{
    (void)state;
    struct origin o;
    struct disk d;
    struct buf out;
    begin(&o, &d);
    buf_init(&out, TEXT);
    assert_false(origin_master(&o, "live-", false, &out));
    announce(&o, "s1", 1, 0, V0 | A);
    assert_int_equal(put(&o, 0, 0, 0), ORIGIN_TAKEN);
    assert_false(origin_master(&o, "live-", false, &out));
    assert_int_equal(put(&o, ORIGIN_SOUND, 0, 0), ORIGIN_TAKEN);
    assert_true(origin_master(&o, "live-", false, &out));
    assert_true(has(out.p, "live-a.m3u8") && has(out.p, "CODECS=\"avc1.64001f,mp4a.40.2\"") &&
                !has(out.p, "INDEPENDENT"));
    assert_true(origin_has_track(&o, 0) && !origin_has_track(&o, 1));
    buf_fini(&out);
    end(&o, &d);
    begin(&o, &d); /* sound alone */
    buf_init(&out, TEXT);
    announce(&o, "s1", 1, 0, A);
    feed(&o, A, 0, PARTS + 1);
    assert_true(origin_master(&o, "", true, &out) && has(out.p, "CODECS=\"mp4a.40.2\"\na.m3u8\n"));
    buf_fini(&out);
    end(&o, &d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(playlists), cmocka_unit_test(windows), cmocka_unit_test(waiting),
        cmocka_unit_test(takeover),  cmocka_unit_test(missing), cmocka_unit_test(refusals),
        cmocka_unit_test(restart),   cmocka_unit_test(masters), cmocka_unit_test(few_pictures),
        cmocka_unit_test(clocks),
    };
    return cmocka_run_group_tests_name("origin", tests, NULL, NULL);
}
