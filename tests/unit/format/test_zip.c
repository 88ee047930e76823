/* An archive, byte for byte as Python's zipfile writes it. */
#include "lib/format/zip.h"
#include "tests/unit/testing.h"

static const char expected[] =
    "504b0304140000000000000021002639f4cb090000000900000007000000462f612e696e69313233343536373839504b"
    "03041400000000000000210000000000000000000000000008000000462f622e6a736f6e504b01021400140000000000"
    "000021002639f4cb0900000009000000070000000000000000000000000000000000462f612e696e69504b0102140014"
    "00000000000000210000000000000000000000000008000000000000000000000000002e000000462f622e6a736f6e50"
    "4b050600000000020002006b000000540000000000";

static void archive(void **state)
{
    (void)state;
    const struct zip_file files[] = {{"F/a.ini", STR("123456789")}, {"F/b.json", STR("")}};
    struct buf out, hex;
    buf_init(&out, 4096);
    buf_init(&hex, 4096);
    zip_write(&out, files, sizeof files / sizeof *files);
    for (size_t i = 0; i < out.n; i++)
        buf_printf(&hex, "%02x", (unsigned char)out.p[i]);
    assert_string_equal(hex.p, expected);
    buf_fini(&hex);
    buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(archive)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
