/* Parsing of FFmpeg's output, and the child runner. */
#include <math.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/media/audio.h"
#include "lib/media/make.h"
#include "lib/media/probe.h"
#include "lib/media/verify.h"
#include "lib/net/json.h"
#include "tests/unit/testing.h"

static void packets(void **state)
{
    (void)state;
    struct probe_packet p;
    assert_true(probe_parse_packet("0,1.5,N/A,0.04,K_", &p));
    assert_true(p.index == 0 && p.pts == 1.5 && isnan(p.dts) && p.duration == 0.04 && p.key);
    assert_true(probe_parse_packet("3,N/A,-0.08,N/A,__", &p));
    assert_true(p.index == 3 && isnan(p.pts) && p.dts == -0.08 && !p.key && !p.hidden);
    assert_true(probe_parse_packet("0,-1.5,-1.5,0.04,KD,", &p) && p.key && p.hidden);
    static const char *const bad[] = {"", "x,1,1,1,K", "-1,1,1,1,K", ",,,,", "99999999999,1,1,1,K"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(probe_parse_packet(bad[i], &p));
    assert_true(probe_parse_packet("0,1e400,nan,zz,", &p));
    assert_true(isnan(p.pts) && isnan(p.dts) && isnan(p.duration) && !p.key);
}

/* Frames at the given times with a keyframe every `gop`. */
static struct probe_video scanned(double rate, int n, int gop, double jitter, bool leading)
{
    struct probe_scan s = {.keep = true};
    struct probe_video v = {0};
    for (int i = 0; i < n; i++) {
        struct probe_packet p = {
            .pts = i / rate + (i % 2 ? jitter : 0), .duration = 1 / rate, .key = i % gop == 0};
        p.dts = p.pts;
        probe_scan_packet(&s, &p);
        if (leading && p.key && i > 0) {
            p.key = false;
            p.pts -= 0.02;
            probe_scan_packet(&s, &p);
        }
    }
    probe_scan_video(&s, &v);
    probe_scan_free(&s);
    return v;
}

static void scanning(void **state)
{
    (void)state;
    struct probe_video v = scanned(25, 250, 50, 0, false);
    assert_true(v.steady && !v.open_gop && v.fps_num == 25 && v.fps_den == 1 && v.frames == 250);
    assert_true(fabs(v.gop - 2) < 1e-6 && fabs(v.end - 10) < 1e-6);
    v = scanned(30000.0 / 1001, 300, 60, 0.0004, false);
    assert_true(v.steady && v.fps_num == 30000 && v.fps_den == 1001);
    v = scanned(25, 250, 50, 0.015, false);
    assert_false(v.steady);
    v = scanned(25, 250, 50, 0, true);
    assert_true(v.open_gop);
    v = scanned(25, 250, 1000, 0, false);
    assert_true(fabs(v.gop - 10) < 1e-6);
    v = scanned(25, 1, 1, 0, false);
    assert_true(v.frames == 1 && !v.steady && v.fps_num > 0 && v.end > 0);
    v = scanned(0.004, 4, 1, 0, false); /* a slide every four minutes */
    assert_true(v.steady && v.fps_num == 1 && v.fps_den == 1 && fabs(v.end - 1000) < 1e-6);
    v = scanned(1e9, 4, 1, 0, false);
    assert_true(v.fps_num == 24000 && v.fps_den == 100);
    v = scanned(24.9, 250, 50, 0, false); /* 25 a second, of which one in 250 is missing */
    assert_true(v.steady && v.fps_num == 25 && v.fps_den == 1 && !v.trimmed && !v.untimed);
}

/* Recordings of a live stream with a pause between them; FLV rounds to milliseconds. */
static void pauses(void **state)
{
    static const struct {
        double rate;
        int num, den;
    } rates[] = {{25, 25, 1}, {30, 30, 1}, {30000.0 / 1001, 30000, 1001}, {60, 60, 1}, {50, 50, 1}};
    (void)state;
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
        struct probe_scan s = {.keep = true};
        struct probe_video v = {.frames = 0};
        for (int i = 0; i < 500; i++) {
            struct probe_packet p = {.key = i % 50 == 0, .duration = NAN};
            p.pts = p.dts = round((i / rates[r].rate + (i >= 200 ? 7.5 : 0)) * 1000) / 1000;
            probe_scan_packet(&s, &p);
        }
        probe_scan_video(&s, &v);
        probe_scan_free(&s);
        assert_false(v.steady);
        assert_int_equal(v.fps_num, rates[r].num);
        assert_int_equal(v.fps_den, rates[r].den);
    }
}

/* Twenty pictures of which those in [from, to) are hidden by an edit list. */
static struct probe_video hiding(int from, int to)
{
    struct probe_scan s = {.keep = true};
    struct probe_video v = {0};
    for (int i = 0; i < 20; i++) {
        struct probe_packet p = {.pts = (i - from) * 0.04, .dts = (i - from) * 0.04, .duration = 0.04};
        p.key = i == 0;
        p.hidden = i >= from && i < to;
        probe_scan_packet(&s, &p);
    }
    probe_scan_video(&s, &v);
    probe_scan_free(&s);
    return v;
}

static void edits(void **state)
{
    (void)state;
    struct probe_video v = hiding(0, 5);
    assert_true(v.trimmed && v.frames == 20 && !v.open_gop);
    assert_true(fabs(v.start - 0.2) < 1e-9 && fabs(v.end - 0.8) < 1e-9);
    v = hiding(10, 20);
    assert_true(v.trimmed && fabs(v.end - v.start - 0.4) < 1e-9);
    v = hiding(18, 20); /* a picture that rounding hides at the end does not prevent copying */
    assert_true(!v.trimmed && v.frames == 20 && fabs(v.end - v.start - 0.72) < 1e-9);
}

static void clocks(void **state)
{
    (void)state;
    /* pictures and sound of two recordings, one after the other; the clock continues, jumps an hour or
     * restarts */
    static const double second[] = {2, 3600, 0, -50};
    for (size_t k = 0; k < sizeof second / sizeof *second; k++) {
        struct probe_clock c = {0};
        double end = 0;
        for (int i = 0; i < 100; i++) {
            double at = i < 50 ? i * 0.04 : second[k] + (i - 50) * 0.04;
            struct probe_packet p = {.pts = at + 0.08, .dts = at, .duration = 0.04}, a = p;
            probe_clock_packet(&c, 1, &p);
            probe_clock_packet(&c, 0, &a);
            assert_true(fabs(p.dts - i * 0.04) < 1e-6 && fabs(a.pts - p.pts) < 1e-6);
            end = p.pts;
        }
        assert_true(fabs(end - 4.04) < 1e-6);
    }
    struct probe_clock c = {0};
    struct probe_packet none = {.pts = NAN, .dts = NAN}, gap = {.pts = 9, .dts = 9, .duration = 0.04};
    probe_clock_packet(&c, 1, &none);
    probe_clock_packet(&c, 1, &gap);
    gap.dts = gap.pts = 18; /* missing seconds stay missing */
    probe_clock_packet(&c, 1, &gap);
    assert_true(c.shift == 0 && gap.pts == 18);
}

static void streams(void **state)
{
    (void)state;
    struct cx cx;
    struct probe p;
    const json_t *o;
    cx_init(&cx);
    const char *text =
        "{\"format\":{\"format_name\":\"mov,mp4\",\"duration\":\"12.5\",\"size\":\"100\"},\"streams\":["
        "{\"index\":0,\"codec_type\":\"video\",\"codec_name\":\"mjpeg\",\"disposition\":{\"attached_pic\":1}}"
        ","
        "{\"index\":1,\"codec_type\":\"audio\",\"codec_name\":\"mp3\",\"channels\":1,\"sample_rate\":"
        "\"8000\","
        "\"disposition\":{\"default\":0}},"
        "{\"index\":2,\"codec_type\":\"video\",\"codec_name\":\"h264\",\"profile\":\"High\",\"pix_fmt\":"
        "\"yuv420p\","
        "\"width\":640,\"height\":360,\"level\":30,\"field_order\":\"tt\",\"sample_aspect_ratio\":\"0:1\","
        "\"side_data_list\":[{\"rotation\":-90}]},"
        "{\"index\":3,\"codec_type\":\"audio\",\"codec_name\":\"aac\",\"profile\":\"LC\",\"channels\":2,"
        "\"sample_rate\":\"48000\",\"disposition\":{\"default\":1}}]}";
    assert_int_equal(js_parse_object(&cx, str_of(text), 65536, &o), RC_OK);
    assert_int_equal(probe_parse_streams(&cx, o, &p), RC_OK);
    assert_true(p.has_video && p.video.index == 2 && p.video.rotation == 90 && p.video.interlaced);
    assert_true(p.video.sar_num == 1 && p.video.sar_den == 1 && p.claimed == 12.5);
    assert_true(p.has_audio && p.audio.index == 3 && p.audio.channels == 2);
    assert_int_equal(js_parse_object(&cx, STR("{\"format\":{}}"), 100, &o), RC_OK);
    assert_int_equal(probe_parse_streams(&cx, o, &p), RC_INVALID);
    text = "{\"format\":{\"duration\":\"nan\"},\"streams\":[1,null,{\"codec_type\":\"video\",\"width\":-5,"
           "\"height\":1e99,"
           "\"tags\":{\"rotate\":\"1e308\"}}]}";
    assert_int_equal(js_parse_object(&cx, str_of(text), 65536, &o), RC_OK);
    assert_int_equal(probe_parse_streams(&cx, o, &p), RC_OK);
    assert_true(p.video.width == 0 && p.video.height == 0 && p.video.rotation == 0 && p.claimed == 0);
    cx_fini(&cx);
}

static void configurations(void **state)
{
    (void)state;
    static const unsigned char same[] = {0, 0, 0, 1, 0x67, 1, 2, 0, 0, 0, 1, 0x67, 1, 2};
    static const unsigned char other[] = {0, 0, 1, 0x67, 1, 2, 0, 0, 1, 0x67, 1, 3};
    assert_int_equal(probe_count_configurations(same, sizeof same), 1);
    assert_int_equal(probe_count_configurations(other, sizeof other), 2);
    assert_int_equal(probe_count_configurations(same, 0), 0);
    assert_int_equal(probe_count_configurations(same, 3), 0);
}

static void loudness(void **state)
{
    (void)state;
    struct audio_level l = {0};
    bool in_peak = false;
    double at;
    assert_true(audio_parse_level("    I:         -23.4 LUFS", &l, &in_peak) && l.lufs == -23.4);
    assert_false(audio_parse_level("    Threshold: -33.4 LUFS", &l, &in_peak));
    assert_false(audio_parse_level("Peak level dB: -3.0", &l, &in_peak));
    assert_true(audio_parse_level("  True peak:", &l, &in_peak));
    assert_true(audio_parse_level("    Peak:       -1.5 dBFS", &l, &in_peak) && l.peak == -1.5);
    assert_true(audio_parse_level("    Peak:       -inf dBFS", &l, &in_peak) && isinf(l.peak));
    assert_true(audio_parse_level("    I:         -70.0 LUFS", &l, &in_peak) && isinf(l.lufs));
    assert_int_equal(audio_parse_silence("[silencedetect @ 0x1] silence_start: 3.25", &at), -1);
    assert_true(at == 3.25);
    assert_int_equal(
        audio_parse_silence("[silencedetect @ 0x1] silence_end: 7 | silence_duration: 3.75", &at), 1);
    assert_true(at == 7);
    assert_int_equal(audio_parse_silence("silence_start: x", &at), 0);
}

static void silences(void **state)
{
    (void)state;
    double floor, noisy[100], steady[10];
    for (int i = 0; i < 100; i++)
        noisy[i] = i < 30 ? -49.5 : -8;
    assert_true(fabs(audio_threshold(noisy, 100, &floor) + 43.5) < 1e-6 && floor == -49.5);
    for (int i = 0; i < 10; i++)
        steady[i] = -20;
    assert_true(audio_threshold(steady, 10, &floor) == -30);
    for (int i = 0; i < 10; i++)
        steady[i] = -31;
    assert_true(audio_threshold(steady, 10, &floor) == -41); /* nothing of a steady tone counts as silent */
    for (int i = 0; i < 10; i++)
        steady[i] = -INFINITY;
    assert_true(audio_threshold(steady, 10, &floor) == -50);
    assert_true(audio_threshold(NULL, 0, &floor) == -50);
    struct audio_span s[] = {{-1, 4}, {4.2, 8}, {9, 9}, {20, INFINITY}};
    assert_int_equal(audio_join(s, 4, 30), 2);
    assert_true(s[0].start == 0 && s[0].end == 8 && s[1].start == 20 && s[1].end == 30);
}

#define HEAD "#EXTM3U\n#EXT-X-TARGETDURATION:4\n"

static struct hls_playlist playlist_of(struct cx *cx, const char *text)
{
    struct hls_playlist p;
    assert_int_equal(hls_read(cx, str_of(text), &p), RC_OK);
    return p;
}

static void playlists(void **state)
{
    (void)state;
    struct cx cx;
    struct verify_list list;
    cx_init(&cx);
    struct hls_playlist p = playlist_of(&cx, HEAD "#EXT-X-MAP:URI=\"x\",BYTERANGE=\"100@0\"\n"
                                                  "#EXTINF:4.0,\n#EXT-X-BYTERANGE:1000@100\nx\n"
                                                  "#EXTINF:2.0,\n#EXT-X-BYTERANGE:900@1100\nx\n"
                                                  "#EXTINF:0.02,\n#EXT-X-BYTERANGE:9000@2000\nx\n");
    assert_true(verify_playlist(&p, 11000, &list));
    assert_true(list.peak == 3600 && fabs(list.seconds - 6.02) < 1e-9);
    assert_false(verify_playlist(&p, 11001, &list));
    static const char *const gaps[] = {
        "",
        "#EXTINF:1,\nx\n",
        "#EXTINF:1,\n#EXT-X-BYTERANGE:10@1\nx\n",
        "#EXTINF:1,\n#EXT-X-BYTERANGE:9@0\nx\n",
        "#EXT-X-MAP:URI=\"x\"\n#EXTINF:1,\n#EXT-X-BYTERANGE:10@0\nx\n",
        "#EXT-X-MAP:URI=\"x\",BYTERANGE=\"5@0\"\n#EXTINF:1,\n#EXT-X-BYTERANGE:10@0\nx\n",
        "#EXTINF:1,\n#EXT-X-BYTERANGE:5@0\nx\n#EXTINF:1,\n#EXT-X-BYTERANGE:4@6\nx\n"};
    for (size_t i = 0; i < sizeof gaps / sizeof *gaps; i++) {
        p = playlist_of(&cx, arena_printf(cx.arena, HEAD "%s", gaps[i]));
        assert_false(verify_playlist(&p, 10, &list));
    }
    p = playlist_of(&cx, HEAD "#EXTINF:4.0,\nx\n#EXTINF:2.000000,\nx\n#EXT-X-ENDLIST\n");
    make_ending(&p, 5);
    assert_true(p.segments[0].length == 4 * HLS_SECOND && p.segments[1].length == HLS_SECOND);
    make_ending(&p, 3.9);
    assert_true(p.segments[1].length == HLS_SECOND / 1000);
    cx_fini(&cx);
}

static void texts(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 65536);
    struct plan plan = {.fps_num = 25, .fps_den = 1, .audio_channels = 2};
    plan.rungs[0] = (struct plan_rung){.name = "v720", .width = 1280, .height = 720};
    struct verify_track v = {.codec = "avc1.64001f", .average = 100, .peak = 200},
                        a = {.codec = "mp4a.40.2", .average = 10, .peak = 20};
    make_master(&b, &plan, &v, 1, &a);
    assert_non_null(strstr(b.p, "BANDWIDTH=220,AVERAGE-BANDWIDTH=110,RESOLUTION=1280x720,FRAME-RATE=25.000,"
                                "CODECS=\"avc1.64001f,mp4a.40.2\",AUDIO=\"a\"\nv720.m3u8\n"));
    buf_clear(&b);
    make_master(&b, &plan, &v, 1, NULL);
    assert_null(strstr(b.p, "AUDIO"));
    buf_clear(&b);
    make_thumbs_vtt(&b, 3, 2, 160, 90, 2, 5.5);
    assert_string_equal(b.p, "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nthumbs.jpg#xywh=0,0,160,90\n"
                             "\n00:00:02.000 --> 00:00:04.000\nthumbs.jpg#xywh=160,0,160,90\n"
                             "\n00:00:04.000 --> 00:00:05.500\nthumbs.jpg#xywh=0,90,160,90\n");
    buf_fini(&b);
}

static void count_line(void *arg, char *line)
{
    int *n = arg;
    assert_true(strlen(line) < CHILD_LINE_MAX);
    ++*n;
}

static void children(void **state)
{
    (void)state;
    struct cx cx;
    struct child_log *log = mem_alloc(sizeof *log);
    struct child_result r;
    int lines = 0;
    cx_init(&cx);
    const char *many[] = {"/bin/sh", "-c",
                          "seq 1 500; head -c 200000 /dev/zero | tr '\\0' x; echo; echo why >&2; exit 3",
                          NULL};
    struct child c = {.argv = many, .out = count_line, .arg = &lines, .log = log};
    assert_int_equal(child_run(&cx, &c, &r), RC_OK);
    assert_true(r.end == CHILD_EXITED && r.code == 3);
    assert_int_equal(lines, 501); /* the overlong line is one, cut */
    assert_string_equal(child_log_last(&cx, log), "why");
    const char *noisy[] = {"/bin/sh", "-c", "seq 1 20000 >&2", NULL};
    c.argv = noisy;
    assert_int_equal(child_run(&cx, &c, &r), RC_OK);
    assert_int_equal(log->n, CHILD_LOG_SIZE);
    assert_string_equal(child_log_last(&cx, log), "20000");
    const char *slow[] = {"/bin/sleep", "60", NULL};
    c.argv = slow;
    c.limit_ms = 300;
    int64_t began = clock_mono();
    assert_int_equal(child_run(&cx, &c, &r), RC_OK);
    assert_true(r.end == CHILD_TIMEOUT && clock_mono() - began < 5000);
    atomic_bool stop = true;
    c.limit_ms = 0;
    c.stop = &stop;
    const char *stubborn[] = {"/bin/sh", "-c",
                              "trap '' TERM; exec >/dev/null 2>&1; while :; do sleep 1; done", NULL};
    c.argv = stubborn;
    began = clock_mono();
    assert_int_equal(child_run(&cx, &c, &r), RC_OK);
    assert_true(r.end == CHILD_STOPPED && clock_mono() - began < 5000);
    const char *none[] = {"/nonexistent/program", NULL};
    c.argv = none;
    assert_int_equal(child_run(&cx, &c, &r), RC_UNAVAIL);
    free(log);
    cx_fini(&cx);
}

static void plain_text(void **state)
{
    (void)state;
    static const char *const texts[][2] = {
        {"file:/var/lib/x/scratch/12-3/out/v720.mp4: No such file", "v720.mp4: No such file"},
        {"[mov,mp4,m4a @ 0x55d0c0ffee] moov atom not found", "moov atom not found"},
        {"cannot open \"/a/b c/d\": 25/1 of 3/4", "cannot open \"b c/d\": 25/1 of 3/4"},
        {"/scratch/sources/0af3.", "0af3."},
        {"Cannot write '/a/b/thumbs.vtt', /a/b/", "Cannot write 'thumbs.vtt', "},
        {"nothing [here] to / do", "nothing [here] to  do"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char text[128];
        snprintf(text, sizeof text, "%s", texts[i][0]);
        media_plain_text(text);
        assert_string_equal(text, texts[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets),    cmocka_unit_test(scanning), cmocka_unit_test(pauses),
        cmocka_unit_test(streams),    cmocka_unit_test(edits),    cmocka_unit_test(clocks),
        cmocka_unit_test(loudness),   cmocka_unit_test(silences), cmocka_unit_test(configurations),
        cmocka_unit_test(playlists),  cmocka_unit_test(texts),    cmocka_unit_test(children),
        cmocka_unit_test(plain_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
