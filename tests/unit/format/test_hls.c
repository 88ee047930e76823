/* HLS playlists: kept texts read and written back byte by byte, and what is refused. */
#include <string.h>

#include "lib/format/hls.h"
#include "tests/unit/testing.h"

/* As FFmpeg 5.1 writes it for one file per rendition. */
static const char ranges[] = "#EXTM3U\n"
                             "#EXT-X-VERSION:7\n"
                             "#EXT-X-TARGETDURATION:4\n"
                             "#EXT-X-MEDIA-SEQUENCE:0\n"
                             "#EXT-X-PLAYLIST-TYPE:VOD\n"
                             "#EXT-X-INDEPENDENT-SEGMENTS\n"
                             "#EXT-X-MAP:URI=\"v360.mp4\",BYTERANGE=\"808@0\"\n"
                             "#EXTINF:4.000000,\n"
                             "#EXT-X-BYTERANGE:1009@808\n"
                             "v360.mp4\n"
                             "#EXTINF:3.960000,\n"
                             "#EXT-X-BYTERANGE:466@1817\n"
                             "v360.mp4\n"
                             "#EXTINF:0.000001,\n"
                             "#EXT-X-BYTERANGE:384@2283\n"
                             "v360.mp4\n"
                             "#EXT-X-ENDLIST\n";

/* One that grows: a file per segment, an encoder that was started anew on the way. */
static const char growing[] = "#EXTM3U\n"
                              "#EXT-X-VERSION:7\n"
                              "#EXT-X-TARGETDURATION:2\n"
                              "#EXT-X-MEDIA-SEQUENCE:17\n"
                              "#EXT-X-PLAYLIST-TYPE:EVENT\n"
                              "#EXT-X-INDEPENDENT-SEGMENTS\n"
                              "#EXT-X-MAP:URI=\"1/init.mp4\"\n"
                              "#EXTINF:2.000000,\n"
                              "1/17.m4s\n"
                              "#EXTINF:1.440000,\n"
                              "1/18.m4s\n"
                              "#EXT-X-MAP:URI=\"2/init.mp4\"\n"
                              "#EXTINF:2.000000,\n"
                              "2/19.m4s\n";

static enum rc read_text(struct cx *cx, const char *text, struct hls_playlist *out)
{
    return hls_read(cx, str_of(text), out);
}

static void written_back(struct cx *cx, const char *text, const char *expected)
{
    struct hls_playlist p;
    struct buf out;
    buf_init(&out, 65536);
    assert_int_equal(read_text(cx, text, &p), RC_OK);
    hls_write(&out, &p);
    assert_string_equal(out.p, expected);
    buf_fini(&out);
}

static void byte_ranges(void **state)
{
    (void)state;
    struct cx cx;
    struct hls_playlist p;
    cx_init(&cx);
    assert_int_equal(read_text(&cx, ranges, &p), RC_OK);
    assert_true(p.version == 7 && p.target == 4 && p.sequence == 0 && p.type == HLS_VOD);
    assert_true(p.independent && p.ended && p.n == 3);
    const struct hls_segment *s = p.segments;
    assert_true(str_eq(s[0].map->uri, "v360.mp4") && s[0].map->range.bytes == 808 && s[0].map->range.at == 0);
    assert_true(s[1].map == s[0].map && str_eq(s[1].uri, "v360.mp4"));
    assert_true(s[1].range.bytes == 466 && s[1].range.at == 1817);
    assert_true(s[0].length == 4 * HLS_SECOND && s[1].length == 3960000 && s[2].length == 1);
    written_back(&cx, ranges, ranges);
    cx_fini(&cx);
}

static void files(void **state)
{
    (void)state;
    struct cx cx;
    struct hls_playlist p;
    cx_init(&cx);
    assert_int_equal(read_text(&cx, growing, &p), RC_OK);
    assert_true(p.sequence == 17 && p.type == HLS_EVENT && !p.ended && p.n == 3);
    assert_true(p.segments[1].range.bytes == 0 && str_eq(p.segments[1].uri, "1/18.m4s"));
    assert_true(str_eq(p.segments[1].map->uri, "1/init.mp4") && str_eq(p.segments[2].map->uri, "2/init.mp4"));
    written_back(&cx, growing, growing);
    written_back(&cx, "#EXTM3U\n#EXT-X-TARGETDURATION:0\n",
                 "#EXTM3U\n#EXT-X-VERSION:1\n#EXT-X-TARGETDURATION:0\n#EXT-X-MEDIA-SEQUENCE:0\n");
    cx_fini(&cx);
}

/* What others write differently, and means the same. */
static void spellings(void **state)
{
    (void)state;
    struct cx cx;
    cx_init(&cx);
    written_back(&cx,
                 "#EXTM3U\r\n#EXT-X-TARGETDURATION:10\r\n\r\n# a remark\r\n#EXT-X-UNKNOWN:A=\"1\"\r\n"
                 "#EXT-X-MAP:X=1,BYTERANGE=\"10@0\",URI=\"a.mp4\",Y=\"=,\"\r\n"
                 "#EXTINF:9,A title, with a comma\r\n#EXT-X-BYTERANGE:5@10\r\na.mp4\r\n"
                 "#EXT-X-BYTERANGE:6\r\n#EXTINF:.5\r\na.mp4\r\n",
                 "#EXTM3U\n#EXT-X-VERSION:1\n#EXT-X-TARGETDURATION:10\n#EXT-X-MEDIA-SEQUENCE:0\n"
                 "#EXT-X-MAP:URI=\"a.mp4\",BYTERANGE=\"10@0\"\n"
                 "#EXTINF:9.000000,\n#EXT-X-BYTERANGE:5@10\na.mp4\n"
                 "#EXTINF:0.500000,\n#EXT-X-BYTERANGE:6@15\na.mp4\n");
    written_back(&cx, "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:0.1234569,\na b.ts",
                 "#EXTM3U\n#EXT-X-VERSION:1\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:0\n"
                 "#EXTINF:0.123456,\na b.ts\n");
    cx_fini(&cx);
}

static void refusals(void **state)
{
    (void)state;
    static const char *const heads[] = {
        "",
        "\n#EXTM3U\n#EXT-X-TARGETDURATION:4\n",
        "#EXTM3U8\n#EXT-X-TARGETDURATION:4\n",
        "\xEF\xBB\xBF#EXTM3U\n#EXT-X-TARGETDURATION:4\n",
        "#EXTM3U\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-BYTERANGE:1@0\n",
    };
    static const char *const bodies[] = {
        "a.ts\n",
        "#EXTINF:-1,\na.ts\n",
        "#EXTINF:nan,\na.ts\n",
        "#EXTINF:1e3,\na.ts\n",
        "#EXTINF:0x1,\na.ts\n",
        "#EXTINF:1.-5,\na.ts\n",
        "#EXTINF:,\na.ts\n",
        "#EXTINF:1000000,\na.ts\n",
        "#EXTINF:99999999999999999999,\na.ts\n",
        "#EXTINF:1,\n#EXTINF:1,\na.ts\n",
        "#EXTINF:1,\na\tb.ts\n",
        "#EXTINF:1,\na\rb.ts\n",
        "#EXTINF:1,\na\xFF.ts\n",
        "#EXTINF:1,\n#EXT-X-BYTERANGE:0@0\na.ts\n",
        "#EXTINF:1,\n#EXT-X-BYTERANGE:-5@0\na.ts\n",
        "#EXTINF:1,\n#EXT-X-BYTERANGE:5@-1\na.ts\n",
        "#EXTINF:1,\n#EXT-X-BYTERANGE:5@\na.ts\n",
        "#EXTINF:1,\n#EXT-X-BYTERANGE:5\na.ts\n",
        "#EXTINF:1,\n#EXT-X-BYTERANGE:9223372036854775807@9223372036854775807\na.ts\n",
        "#EXTINF:1,\na.ts\n#EXTINF:1,\n#EXT-X-BYTERANGE:5\na.ts\n",
        "#EXTINF:1,\n#EXT-X-BYTERANGE:5@0\na.ts\n#EXTINF:1,\n#EXT-X-BYTERANGE:5\nb.ts\n",
        "#EXTINF:1,\n#EXT-X-BYTERANGE:1@72057594037927935\na.ts\n#EXTINF:1,\n#EXT-X-BYTERANGE:1\na.ts\n",
        "#EXT-X-MAP:\n",
        "#EXT-X-MAP:URI=\"\"\n",
        "#EXT-X-MAP:URI=a.mp4\n",
        "#EXT-X-MAP:URI=a.mp4\",BYTERANGE=\"1@0\"\n",
        "#EXT-X-MAP:URI=\"a\n",
        "#EXT-X-MAP:URI=\"a\"b\n",
        "#EXT-X-MAP:BYTERANGE=\"1@0\"\n",
        "#EXT-X-MAP:URI=\"a\",BYTERANGE=\"1\"\n",
        "#EXT-X-MAP:URI=\"a\",BYTERANGE=\"x\"\n",
        "#EXT-X-MAP:URI=\"a\",rest\n",
        "#EXT-X-PLAYLIST-TYPE:\n",
        "#EXT-X-PLAYLIST-TYPE:LIVE\n",
        "#EXT-X-MEDIA-SEQUENCE:-1\n",
        "#EXT-X-MEDIA-SEQUENCE:9223372036854775807\n",
        "#EXT-X-VERSION:x\n",
        "#EXT-X-ENDLIST:1\n",
        "#EXT-X-INDEPENDENT-SEGMENTS:1\n",
    };
    struct cx cx;
    struct hls_playlist p = {.n = 7};
    char text[256];
    cx_init(&cx);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        assert_int_equal(read_text(&cx, heads[i], &p), RC_INVALID);
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        snprintf(text, sizeof text, "#EXTM3U\n#EXT-X-TARGETDURATION:4\n%s", bodies[i]);
        assert_int_equal(read_text(&cx, text, &p), RC_INVALID);
    }
    assert_int_equal(hls_read(&cx, (struct str){"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#\0", 34}, &p),
                     RC_INVALID);
    assert_int_equal(hls_read(&cx, (struct str){NULL, 0}, &p), RC_INVALID);
    assert_int_equal(p.n, 7); /* untouched */
    cx_fini(&cx);
}

static void too_many(void **state)
{
    (void)state;
    struct cx cx;
    struct buf b;
    struct hls_playlist p;
    cx_init(&cx);
    buf_init(&b, 4 * 1024 * 1024);
    buf_str(&b, "#EXTM3U\n#EXT-X-TARGETDURATION:4\n");
    for (int i = 0; i < HLS_SEGMENTS_MAX; i++)
        buf_str(&b, "#EXTINF:4,\na.ts\n");
    assert_int_equal(hls_read(&cx, buf_view(&b), &p), RC_OK);
    assert_int_equal(p.n, HLS_SEGMENTS_MAX);
    buf_str(&b, "#EXTINF:4,\na.ts\n");
    assert_int_equal(hls_read(&cx, buf_view(&b), &p), RC_TOOBIG);
    buf_fini(&b);
    cx_fini(&cx);
}

static void masters(void **state)
{
    (void)state;
    const struct hls_sound sound = {"a", "audio", "audio.m3u8", "mp4a.40.2", 2};
    const struct hls_variant videos[] = {
        {"v720.m3u8", "avc1.64001f", 2200000, 1100000, 1280, 720, 30000, 1001},
        {"v360.m3u8", "avc1.64001e", 700000, 500000, 640, 360, 25, 1},
    };
    struct buf out;
    buf_init(&out, 65536);
    hls_write_master(&out, true, videos, 2, &sound);
    assert_string_equal(out.p,
                        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n"
                        "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"audio\",DEFAULT=YES,AUTOSELECT=YES,"
                        "CHANNELS=\"2\",URI=\"audio.m3u8\"\n"
                        "#EXT-X-STREAM-INF:BANDWIDTH=2200000,AVERAGE-BANDWIDTH=1100000,RESOLUTION=1280x720,"
                        "FRAME-RATE=29.970,CODECS=\"avc1.64001f,mp4a.40.2\",AUDIO=\"a\"\nv720.m3u8\n"
                        "#EXT-X-STREAM-INF:BANDWIDTH=700000,AVERAGE-BANDWIDTH=500000,RESOLUTION=640x360,"
                        "FRAME-RATE=25.000,CODECS=\"avc1.64001e,mp4a.40.2\",AUDIO=\"a\"\nv360.m3u8\n");
    buf_clear(&out);
    hls_write_master(&out, true, videos, 1, NULL);
    assert_string_equal(out.p,
                        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n"
                        "#EXT-X-STREAM-INF:BANDWIDTH=2200000,AVERAGE-BANDWIDTH=1100000,RESOLUTION=1280x720,"
                        "FRAME-RATE=29.970,CODECS=\"avc1.64001f\"\nv720.m3u8\n");
    buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(byte_ranges), cmocka_unit_test(files),    cmocka_unit_test(spellings),
        cmocka_unit_test(refusals),    cmocka_unit_test(too_many), cmocka_unit_test(masters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
