/* FLV: files cut anywhere, what tags say, and the codecs' own records. */
#include "tests/unit/testing.h"

#include <stdlib.h>
#include <string.h>

#include "lib/proto/codec.h"
#include "lib/proto/flv.h"

static void files(void **state)
{
    (void)state;
    const struct flv_tag tags[] = {
        {FLV_DATA, 0, STR("meta")}, {FLV_VIDEO, 0xfffffe, STR("picture")}, {FLV_AUDIO, 0xfedcba98, STR("")}};
    struct buf b;
    buf_init(&b, 1000);
    flv_head_put(&b, true, true);
    for (size_t i = 0; i < 3; i++)
        flv_tag_put(&b, &tags[i]);
    for (size_t n = 0; n <= b.n; n++) {
        char *cut = malloc(n + 1); /* as long as it is, so that reading behind the end is seen */
        memcpy(cut, b.p, n);
        struct str rest = {cut, n};
        size_t used = 0, whole = 0, ends[] = {FLV_HEAD, FLV_HEAD + 15 + 4, FLV_HEAD + 30 + 11, b.n};
        enum flv_result result = flv_head_read(rest, &used);
        struct flv_tag t;
        while (result == FLV_OK) {
            rest = (struct str){rest.p + used, rest.n - used};
            result = flv_tag_read(rest, &t, &used);
            if (result == FLV_OK) {
                assert_true(t.type == tags[whole].type && t.time == tags[whole].time);
                assert_memory_equal(t.body.p, tags[whole].body.p, t.body.n);
                assert_int_equal(t.body.n, tags[whole++].body.n);
            }
        }
        assert_int_equal(result, FLV_MORE);
        assert_true(n < ends[0] ? whole == 0 : n >= ends[whole] && (whole == 3 || n < ends[whole + 1]));
        if (n >= FLV_HEAD) /* what it wants is more than what it has, and not more than the tag */
            assert_true(used > rest.n && used <= 15 + 7);
        free(cut);
    }
    buf_fini(&b);
}

static void damaged(void **state)
{
    (void)state;
    const struct str heads[] = {STR("FLV\2\5\0\0\0\x09\0\0\0\0"), STR("XLV\1\5\0\0\0\x09\0\0\0\0"),
                                STR("FLV\1\5\0\0\0\x08\0\0\0\0"), STR("FLV\1\5\xff\0\0\x09\0\0\0\0")};
    const struct str tags[] = {
        STR("\x08\0\0\1\0\0\0\0\0\0\0x\0\0\0\x0b"), /* back pointer */
        STR("\x07\0\0\1\0\0\0\0\0\0\0x\0\0\0\x0c"), /* type */
        STR("\x28\0\0\1\0\0\0\0\0\0\0x\0\0\0\x0c"), /* encrypted */
        STR("\x08\0\0\1\0\0\0\0\0\0\1x\0\0\0\x0c"), /* stream */
        STR("\x08\xff\xff\xff\0\0\0\0\0\0\0"),      /* 16 MiB */
    };
    size_t used;
    struct flv_tag t;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        assert_int_equal(flv_head_read(heads[i], &used), FLV_BAD);
    assert_int_equal(flv_head_read(STR("FLV\1\5\0\0\0\x0bxx\0\0\0\0"), &used), FLV_OK); /* longer */
    assert_int_equal(used, 15);
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        assert_int_equal(flv_tag_read(tags[i], &t, &used), FLV_BAD);
    assert_int_equal(flv_tag_read(STR("\x08\0\0\1\0\0\0\0\0\0\0x\0\0\0\x0c"), &t, &used), FLV_OK);
}

static void packets(void **state)
{
    (void)state;
    const struct {
        enum flv_type type;
        struct str body;
        enum flv_codec codec;
        enum flv_kind kind;
        bool key;
        int shift;
        const char *data;
    } right[] = {
        {FLV_VIDEO, STR("\x17\0\0\0\0z"), FLV_CODEC_AVC, FLV_KIND_SETUP, true, 0, "z"},
        {FLV_VIDEO, STR("\x17\1\0\0\x50z"), FLV_CODEC_AVC, FLV_KIND_FRAMES, true, 80, "z"},
        {FLV_VIDEO, STR("\x27\1\xff\xff\xfe"), FLV_CODEC_AVC, FLV_KIND_FRAMES, false, -2, ""},
        {FLV_VIDEO, STR("\x27\2\0\0\0"), FLV_CODEC_AVC, FLV_KIND_END, false, 0, ""},
        {FLV_VIDEO, STR("\x57\0"), FLV_CODEC_OTHER, FLV_KIND_INFO, false, 0, "\x57"}, /* seek command */
        {FLV_VIDEO, STR("\x12x"), FLV_CODEC_OTHER, FLV_KIND_FRAMES, true, 0, "\x12x"},
        {FLV_VIDEO, STR("\x90hvc1z"), FLV_CODEC_HEVC, FLV_KIND_SETUP, true, 0, "z"},
        {FLV_VIDEO, STR("\x91hvc1\0\0\x28z"), FLV_CODEC_HEVC, FLV_KIND_FRAMES, true, 40, "z"},
        {FLV_VIDEO,
         STR("\xa1"
             "avc1\xff\xff\xffz"),
         FLV_CODEC_AVC, FLV_KIND_FRAMES, false, -1, "z"},
        {FLV_VIDEO, STR("\xa3hvc1z"), FLV_CODEC_HEVC, FLV_KIND_FRAMES, false, 0, "z"},
        {FLV_VIDEO,
         STR("\xa1"
             "av01z"),
         FLV_CODEC_AV1, FLV_KIND_FRAMES, false, 0, "z"},
        {FLV_VIDEO, STR("\x91vp09z"), FLV_CODEC_VP9, FLV_KIND_FRAMES, true, 0, "z"},
        {FLV_VIDEO, STR("\x92hvc1"), FLV_CODEC_HEVC, FLV_KIND_END, true, 0, ""},
        {FLV_VIDEO, STR("\x94hvc1\2\0"), FLV_CODEC_HEVC, FLV_KIND_INFO, true, 0, "\2"},
        {FLV_VIDEO, STR("\x91vvc1z"), FLV_CODEC_OTHER, FLV_KIND_FRAMES, true, 0, "\x91vvc1z"},
        {FLV_VIDEO, STR("\x96\x01hvc1"), FLV_CODEC_OTHER, FLV_KIND_MULTI, true, 0, "\x96\x01hvc1"},
        {FLV_VIDEO, STR("\x97\2abc\x01hvc1\0\0\0z"), FLV_CODEC_HEVC, FLV_KIND_FRAMES, true, 0,
         "z"}, /* ModEx */
        {FLV_AUDIO, STR("\xaf\0z"), FLV_CODEC_AAC, FLV_KIND_SETUP, true, 0, "z"},
        {FLV_AUDIO, STR("\xaf\1z"), FLV_CODEC_AAC, FLV_KIND_FRAMES, true, 0, "z"},
        {FLV_AUDIO, STR("\x2f\1z"), FLV_CODEC_MP3, FLV_KIND_FRAMES, true, 0, "\1z"},
        {FLV_AUDIO, STR("\xb2x"), FLV_CODEC_OTHER, FLV_KIND_FRAMES, true, 0, "\xb2x"}, /* Speex */
        {FLV_AUDIO, STR("\x90Opusz"), FLV_CODEC_OPUS, FLV_KIND_SETUP, true, 0, "z"},
        {FLV_AUDIO, STR("\x91mp4az"), FLV_CODEC_AAC, FLV_KIND_FRAMES, true, 0, "z"},
        {FLV_AUDIO, STR("\x92mp4a"), FLV_CODEC_AAC, FLV_KIND_END, true, 0, ""},
        {FLV_AUDIO, STR("\x95\0mp4a"), FLV_CODEC_OTHER, FLV_KIND_MULTI, true, 0, "\x95"},
    };
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        struct flv_packet p;
        assert_true(flv_packet_read(right[i].type, right[i].body, &p));
        assert_true(p.codec == right[i].codec && p.kind == right[i].kind && p.key == right[i].key);
        assert_int_equal(p.shift, right[i].shift);
        assert_memory_equal(p.data.p, right[i].data, strlen(right[i].data));
        assert_true(flv_codec_name(p.codec)[0] != '\0');
    }
    const struct str bad[] = {STR(""),           STR("\x17"),
                              STR("\x17\1\0\0"), STR("\x17\3\0\0\0"),
                              STR("\x90hvc"),    STR("\x91hvc1\0\0"),
                              STR("\x98hvc1"),   STR("\x97\5abc"),
                              STR("\x97\xff\0"), STR("\x97\0a\7\0a\7\0a\7\0a\7\0a\7\0a\1hvc1\0\0\0")};
    struct flv_packet p;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(flv_packet_read(FLV_VIDEO, bad[i], &p));
    assert_false(flv_audio_read(STR(""), &p) || flv_audio_read(STR("\xaf"), &p));
    assert_false(flv_audio_read(STR("\xaf\2"), &p) || flv_audio_read(STR("\x93mp4a"), &p));
    assert_false(flv_packet_read(FLV_DATA, STR("\xaf\1D"), &p));
}

static void metadata(void **state)
{
    (void)state;
    const struct str set =
        STR("\2\0\x0d@setDataFrame\2\0\x0aonMetaData\x08\0\0\0\1\0\1w\0\0\0\0\0\0\0\0\0\0\0\x09");
    struct amf0_value v, w;
    struct str stored = flv_data_strip(set);
    assert_int_equal(stored.n, set.n - 16);
    assert_true(flv_data_strip(stored).n == stored.n && flv_data_strip(STR("")).n == 0);
    assert_true(flv_metadata_read(set, &v) && amf0_find(&v, "w", &w) && w.type == AMF0_NUMBER);
    assert_true(flv_metadata_read(stored, &v));
    assert_false(flv_metadata_read(STR("\2\0\x0aonMetaData"), &v));
    assert_false(flv_metadata_read(STR("\2\0\x0aonMetaData\5"), &v));
    assert_false(flv_metadata_read(STR("\2\0\x06onText\3\0\0\x09"), &v));
    assert_false(flv_metadata_read(STR("\2\0\x0aonMetaData\3\0\1a"), &v));
}

/* Records as x264 and FFmpeg's AAC write them. */
static void codecs(void **state)
{
    (void)state;
    const struct {
        const char *name;
        int width, height;
        struct str record;
    } right[] = {
        {"avc1.64001f", 1280, 720,
         STR("\x01\x64\x00\x1f\xff\xe1\x00\x1a\x67\x64\x00\x1f\xac\xd9\x40\x50\x05\xbb\x01\x10\x00\x00\x03"
             "\x00"
             "\x10\x00\x00\x03\x03\x20\xf1\x83\x19\x60")},
        {"avc1.640028", 1920, 1080, /* 1088 rows, cropped */
         STR("\x01\x64\x00\x28\xff\xe1\x00\x1b\x67\x64\x00\x28\xac\xd9\x40\x78\x02\x27\xe5\xc0\x44\x00\x00"
             "\x03"
             "\x00\x04\x00\x00\x03\x00\xc8\x3c\x60\xc6\x58")},
        {"avc1.42c015", 426, 240, /* baseline, cropped columns */
         STR("\x01\x42\xc0\x15\xff\xe1\x00\x19\x67\x42\xc0\x15\xd9\x01\xb1\xfe\x4f\x01\x10\x00\x00\x03\x00"
             "\x10"
             "\x00\x00\x03\x03\x20\xf1\x62\xe4\x80")},
        {"avc1.64001e", 720, 576, /* interlaced */
         STR("\x01\x64\x00\x1e\xff\xe1\x00\x18\x67\x64\x00\x1e\xac\xd9\x40\xb4\x24\xd8\x08\x80\x00\x00\x03"
             "\x00"
             "\x80\x00\x00\x19\x0f\x8a\x14\xcb")},
        {"avc1.f40028", 1918, 1078, /* 4:4:4 */
         STR("\x01\xf4\x00\x28\xff\xe1\x00\x1c\x67\xf4\x00\x28\x91\x9b\x28\x0f\x00\x44\xf7\x17\x80\x88\x00"
             "\x00"
             "\x03\x00\x08\x00\x00\x03\x01\x90\x78\xc1\x8c\xb0")},
        {"avc1.7a001f", 1000, 502, /* 4:2:2 */
         STR("\x01\x7a\x00\x1f\xff\xe1\x00\x1b\x67\x7a\x00\x1f\xbc\xd9\x40\xfc\x10\x79\x62\xf0\x11\x00\x00"
             "\x03"
             "\x00\x01\x00\x00\x03\x00\x32\x0f\x18\x31\x96")},
        {"avc1.64001f", 640, 480, /* made by hand: scaling lists, picture order of type 1 */
         STR("\x01\x64\x00\x1f\xff\xe1\x00\x46\x67\x64\x00\x1f\xad\xff\xff\xff\xff\xff\xff\xf0\x8c\x23\x08"
             "\xda"
             "\x69\xa6\x9a\x69\xa6\x9a\x69\xa6\x9a\x69\xa6\x9a\x69\xa6\x9a\x69\xa6\x9a\x69\xa6\x9a\x69\xa6"
             "\xad"
             "\x34\xd3\x4d\x34\xd3\x4d\x34\xd3\x4d\x34\xd3\x4d\x34\xd3\x4d\x34\xd3\x4d\x34\xd3\x4d\x34\xd3"
             "\x54"
             "\xda\x65\x02\x80\xf6\x40")},
        {"avc1.42001e", 640, 480, /* made by hand: an emulation prevention byte before the size */
         STR("\x01\x42\x00\x1e\xff\xe1\x00\x11\x67\x42\x00\x1e\xd0\x00\x00\x03\x02\x00\x00\x03\x01\x94\x0a"
             "\x03\xd9")},
    };
    struct codec_picture p;
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        assert_true(codec_avc_read(right[i].record, &p));
        assert_string_equal(p.name, right[i].name);
        assert_int_equal(p.width, right[i].width);
        assert_int_equal(p.height, right[i].height);
        for (size_t n = 0; n < right[i].record.n; n++) {
            char *cut = malloc(n + 1);
            memcpy(cut, right[i].record.p, n);
            assert_false(codec_avc_read((struct str){cut, n}, &p));
            free(cut);
        }
    }
}

static void odd_codecs(void **state)
{
    (void)state;
    struct codec_picture p;
    assert_true(codec_avc_read(STR("\x01\x42\xc0\x1e\xff\xe1\x00\x04\x67\x42\xc0\x1e"), &p));
    assert_string_equal(p.name, "avc1.42c01e");
    assert_true(p.width == 0 && p.height == 0); /* the set ends before its size */
    assert_false(codec_avc_read(STR("\x00\x42\xc0\x1e\xff\xe1\x00\x04\x67\x42\xc0\x1e"), &p));
    assert_false(codec_avc_read(STR("\x01\x42\xc0\x1e\xff\xe0\x00\x04\x67\x42\xc0\x1e"), &p));
    assert_false(codec_avc_read(STR("\x01\x42\xc0\x1e\xff\xe1\x00\x04\x68\x42\xc0\x1e"), &p));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files),    cmocka_unit_test(damaged), cmocka_unit_test(packets),
        cmocka_unit_test(metadata), cmocka_unit_test(codecs),  cmocka_unit_test(odd_codecs),
    };
    return cmocka_run_group_tests_name("flv", tests, NULL, NULL);
}
