/* The plan: one table row per kind of source. */
#include "lib/media/plan.h"

#include "lib/media/command.h"
#include "tests/unit/testing.h"

/* A source that complies with everything. */
static struct probe good(void)
{
    struct probe p = {
        .container = "mov,mp4,m4a,3gp,3g2,mj2", .duration = 600, .size = 100000000, .has_video = true};
    p.has_audio = true;
    p.video = (struct probe_video){.codec = "h264",
                                   .profile = "High",
                                   .pixels = "yuv420p",
                                   .level = 40,
                                   .width = 1920,
                                   .height = 1080,
                                   .sar_num = 1,
                                   .sar_den = 1,
                                   .fps_num = 25,
                                   .fps_den = 1,
                                   .steady = true,
                                   .gop = 2,
                                   .configurations = 1,
                                   .frames = 15000,
                                   .end = 600,
                                   .bitrate = 4000000};
    p.audio = (struct probe_audio){.index = 1,
                                   .codec = "aac",
                                   .profile = "LC",
                                   .channels = 2,
                                   .rate = 48000,
                                   .frames = 28125,
                                   .end = 600};
    return p;
}

static bool says(const struct plan *p, const char *key)
{
    for (int i = 0; i < p->n_words; i++)
        if (strcmp(p->words[i].key, key) == 0)
            return true;
    return false;
}

static void complying_top_is_copied(void **state)
{
    (void)state;
    struct probe pr = good();
    struct plan p;
    plan_make(&pr, VIEW_CAM, true, &p);
    assert_true(p.quick && p.audio_copy && p.rungs[0].copy);
    assert_int_equal(p.n_rungs, 3);
    assert_string_equal(p.rungs[0].name, "v1080");
    assert_string_equal(p.rungs[1].name, "v720");
    assert_string_equal(p.rungs[2].name, "v360");
    assert_int_equal(p.rungs[1].width, 1280);
    assert_int_equal(p.crf, 26);
    assert_int_equal(p.nice, 10);
    assert_true(says(&p, "top_copied") && says(&p, "rungs_encoded"));
    plan_make(&pr, VIEW_CAM, false, &p);
    assert_false(p.quick || p.rungs[0].copy);
    assert_true(says(&p, "reason_damaged"));
}

/* Each change of one figure forbids the copy for one stated reason. */
static void reasons_against_copying(void **state)
{
    (void)state;
    struct probe p[16];
    static const char *const key[] = {
        "reason_codec",       "reason_profile",    "reason_level",   "reason_pixels",
        "reason_interlaced",  "reason_size",       "reason_rotated", "reason_changes",
        "reason_bitrate",     "reason_open_gop",   "reason_gop",     "reason_unsteady",
        "reason_pixel_shape", "reason_late_start", "reason_untimed", "reason_trimmed"};
    for (size_t i = 0; i < 16; i++)
        p[i] = good();
    memcpy(p[0].video.codec, "hevc", 5);
    memcpy(p[1].video.profile, "High 10", 8);
    p[2].video.level = 51;
    memcpy(p[3].video.pixels, "yuv422p", 8);
    p[4].video.interlaced = true;
    p[5].video.width = 3840;
    p[5].video.height = 2160;
    p[6].video.rotation = 90;
    p[7].video.configurations = 2;
    p[8].video.bitrate = 30000000;
    p[9].video.open_gop = true;
    p[10].video.gop = 6.1;
    p[11].video.steady = false;
    p[12].video.sar_num = 4;
    p[12].video.sar_den = 3;
    p[13].video.start = 1;
    p[14].video.untimed = true;
    p[15].video.trimmed = true;
    for (size_t i = 0; i < 16; i++) {
        struct plan plan;
        plan_make(&p[i], VIEW_CAM, true, &plan);
        assert_true(says(&plan, key[i]));
        assert_false(plan.quick);
        assert_false(plan.rungs[0].copy);
        assert_true(says(&plan, "all_encoded"));
    }
}

static void ladder_sizes(void **state)
{
    (void)state;
    static const struct {
        int width, height, rotation, sar_num, sar_den;
        int heights[4]; /* ends with 0 */
        int top_width;
    } rows[] = {{3840, 2160, 0, 1, 1, {1080, 720, 360, 0}, 1920},
                {1920, 1080, 90, 1, 1, {1920, 1280, 640, 0}, 1080},
                {1280, 720, 0, 1, 1, {720, 360, 0}, 1280},
                {1280, 800, 0, 1, 1, {800, 360, 0}, 1280},
                {640, 480, 0, 1, 1, {480, 360, 0}, 640},
                {640, 360, 0, 1, 1, {360, 0}, 640},
                {400, 300, 0, 1, 1, {300, 0}, 400},
                {321, 241, 0, 1, 1, {240, 0}, 320},
                {720, 576, 0, 16, 11, {576, 360, 0}, 1046},
                {2560, 1080, 0, 1, 1, {810, 360, 0}, 1920},
                {1440, 900, 0, 1, 1, {900, 720, 360, 0}, 1440},
                {7680, 4320, 0, 1, 1, {1080, 720, 360, 0}, 1920}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct probe pr = good();
        struct plan p;
        pr.video.width = rows[i].width;
        pr.video.height = rows[i].height;
        pr.video.rotation = rows[i].rotation;
        pr.video.sar_num = rows[i].sar_num;
        pr.video.sar_den = rows[i].sar_den;
        plan_make(&pr, VIEW_CAM, false, &p);
        assert_int_equal(p.rungs[0].width, rows[i].top_width);
        for (int k = 0; k < 4; k++) {
            assert_int_equal(k < p.n_rungs ? p.rungs[k].height : 0, rows[i].heights[k]);
            if (rows[i].heights[k] == 0)
                break;
            assert_int_equal(p.rungs[k].width % 2 + p.rungs[k].height % 2, 0);
            assert_true(p.rungs[k].height <= p.rungs[0].height);
        }
    }
}

static void sound(void **state)
{
    (void)state;
    struct probe pr = good();
    struct plan p;
    pr.audio.channels = 6;
    plan_make(&pr, VIEW_CAM, true, &p);
    assert_true(p.quick && !p.audio_copy && p.audio_channels == 2 && says(&p, "audio_mixed_down"));
    pr = good();
    pr.audio.end = 599;
    plan_make(&pr, VIEW_CAM, true, &p);
    assert_true(p.quick && !p.audio_copy && says(&p, "audio_fitted"));
    pr = good();
    pr.audio.end = 610;
    plan_make(&pr, VIEW_CAM, true, &p);
    assert_true(!p.quick && p.hold > 9.9 && p.duration > 609.9 && says(&p, "reason_audio_longer"));
    pr = good();
    pr.has_audio = false;
    plan_make(&pr, VIEW_CAM, true, &p);
    assert_true(p.quick && !p.has_audio && says(&p, "no_audio"));
}

/* Of a live stream, a part whose codec cannot be read; what is left may be copied. */
static void left_out(void **state)
{
    (void)state;
    struct probe pr = good();
    struct plan p;
    memcpy(pr.video.left_out, "HEVC", 5);
    plan_make(&pr, VIEW_CAM, true, &p);
    assert_true(p.quick && says(&p, "pictures_left_out"));
}

static void views_differ(void **state)
{
    (void)state;
    struct probe pr = good();
    struct plan p;
    struct buf g;
    enum view_kind view;
    buf_init(&g, 8192);
    plan_make(&pr, VIEW_PRES, true, &p);
    assert_true(p.slides && p.crf == 26 && p.nice == 9);
    command_graph(&pr, &p, &g);
    assert_non_null(strstr(g.p, "mpdecimate=max=24"));
    assert_non_null(strstr(g.p, "scdet=t=1"));
    buf_clear(&g);
    plan_make(&pr, VIEW_CAM, true, &p);
    command_graph(&pr, &p, &g);
    assert_null(strstr(g.p, "mpdecimate"));
    assert_null(strstr(g.p, "scdet"));
    plan_make(&pr, VIEW_COMB, true, &p);
    assert_true(!p.slides && p.crf == 24 && p.nice == 8);
    assert_true(wire_view_of(STR("PRES"), &view) && view == VIEW_PRES);
    assert_false(wire_view_of(STR("pres"), &view));
    buf_fini(&g);
}

static void json_keeps_everything(void **state)
{
    (void)state;
    struct probe pr = good(), back;
    struct plan p;
    struct cx cx;
    cx_init(&cx);
    pr.video.untimed = pr.video.trimmed = pr.audio.trimmed = true;
    json_t *o = probe_to_json(&pr);
    assert_int_equal(probe_from_json(&cx, o, &back), RC_OK);
    assert_memory_equal(&pr.video, &back.video, sizeof pr.video);
    assert_memory_equal(&pr.audio, &back.audio, sizeof pr.audio);
    json_object_set_new(json_object_get(o, "video"), "width", json_integer(100000));
    assert_int_equal(probe_from_json(&cx, o, &back), RC_INVALID);
    json_decref(o);
    pr = good();
    plan_make(&pr, VIEW_CAM, true, &p);
    o = plan_to_json(&p);
    assert_int_equal(json_array_size(json_object_get(json_object_get(o, "full"), "renditions")), 3);
    assert_true(json_is_object(json_object_get(o, "quick")));
    assert_string_equal(json_string_value(json_object_get(
                            json_object_get(json_array_get(json_object_get(o, "words"), 0), "args"), "size")),
                        "1080p");
    json_decref(o);
    cx_fini(&cx);
}

static void thumbs(void **state)
{
    (void)state;
    struct command_sheet s;
    struct plan p = {.rungs = {{.width = 1920, .height = 1080}}, .duration = 1};
    command_sheet(&p, &s);
    assert_true(s.interval == 2 && s.count == 1 && s.columns == 1 && s.rows == 1 && s.height == 90);
    p.duration = 12;
    command_sheet(&p, &s);
    assert_true(s.interval == 2 && s.count == 6 && s.columns == 3 && s.rows == 2);
    p.duration = 5400;
    p.rungs[0] = (struct plan_rung){.width = 1080, .height = 1920};
    command_sheet(&p, &s);
    assert_true(s.interval == 14 && s.count == 386 && s.columns == 20 && s.rows == 20 && s.height == 284);
    p.duration = PROBE_MAX_SECONDS;
    command_sheet(&p, &s);
    assert_true(s.count <= THUMBS_MAX && s.columns * s.rows >= s.count);
    assert_true(command_poster_time(1) < 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(complying_top_is_copied),
        cmocka_unit_test(reasons_against_copying),
        cmocka_unit_test(ladder_sizes),
        cmocka_unit_test(left_out),
        cmocka_unit_test(sound),
        cmocka_unit_test(views_differ),
        cmocka_unit_test(json_keeps_everything),
        cmocka_unit_test(thumbs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
