/* WebVTT as it is written. */
#include "lib/format/vtt.h"
#include "tests/unit/testing.h"

static void cues(void **state)
{
    (void)state;
    const struct vtt_cue list[] = {
        {0, 2000, STR("thumbs.jpg#xywh=0,0,160,90")},
        {3599999, 3600000, STR("two\nlines")},
        {360000000, 360000001, STR("\r\n\nno empty line\r\n\r\nends\r\n")},
        {1, 2, STR("a --> b & <i>c</i>\n-->")},
        {2, 3, STR("Grüße")},
        {3, 4, STR("")},
    };
    struct buf out;
    buf_init(&out, 4096);
    vtt_write_head(&out);
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        vtt_write_cue(&out, &list[i]);
    assert_string_equal(out.p,
                        "WEBVTT\n"
                        "\n00:00:00.000 --> 00:00:02.000\nthumbs.jpg#xywh=0,0,160,90\n"
                        "\n00:59:59.999 --> 01:00:00.000\ntwo\nlines\n"
                        "\n100:00:00.000 --> 100:00:00.001\nno empty line\nends\n"
                        "\n00:00:00.001 --> 00:00:00.002\na --&gt; b &amp; &lt;i&gt;c&lt;/i&gt;\n--&gt;\n"
                        "\n00:00:00.002 --> 00:00:00.003\nGrüße\n"
                        "\n00:00:00.003 --> 00:00:00.004\n");
    buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cues)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
