/* Small pictures: what is accepted has the size that its bytes say; everything damaged is refused. */
#include "tests/unit/testing.h"

#include <stdlib.h>
#include <string.h>

#include "lib/proto/image.h"

#define SIGNATURE  "\x89PNG\r\n\x1a\n"
#define IHDR(w, h) "\0\0\0\x0dIHDR\0\0\0" w "\0\0\0" h "\x08\x02\0\0\0crc!"
#define IDAT                                                                                                 \
    "\0\0\0\x02IDAT\x78\x9c"                                                                                 \
    "crc!"
#define IEND "\0\0\0\0IENDcrc!"

#define VP8                "VP8 \x0a\0\0\0\xf0\x02\0\x9d\x01\x2a\x20\0\x18\0"
#define VP8L               "VP8L\x06\0\0\0\x2f\x1f\xc0\x05\0\0"
#define VP8X(flags)        "VP8X\x0a\0\0\0" flags "\0\0\0\x1f\0\0\x17\0\0"
#define RIFF(size, chunks) "RIFF" size "\0\0\0WEBP" chunks

#define BYTES(text)                                                                                          \
    {                                                                                                        \
        text, sizeof text - 1                                                                                \
    }

static enum rc read(struct str bytes, struct image *image)
{
    char *copy = malloc(bytes.n ? bytes.n : 1); /* so that the sanitizer sees what is read behind the end */
    memcpy(copy, bytes.p, bytes.n);
    enum rc rc = image_read((struct str){copy, bytes.n}, image);
    free(copy);
    return rc;
}

static void pictures_have_the_size_that_they_say(void **state)
{
    (void)state;
    static const struct {
        struct str bytes;
        enum image_kind kind;
        int width, height;
    } good[] = {
        {BYTES(SIGNATURE IHDR("\x20", "\x18") IDAT IEND), IMAGE_PNG, 32, 24},
        {BYTES(SIGNATURE IHDR("\x01", "\xff") IDAT IDAT IEND), IMAGE_PNG, 1, 255},
        {BYTES(RIFF("\x16", VP8)), IMAGE_WEBP, 32, 24},
        {BYTES(RIFF("\x12", VP8L)), IMAGE_WEBP, 32, 24},
        {BYTES(RIFF("\x28", VP8X("\x10") VP8)), IMAGE_WEBP, 32, 24},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct image image = {0};
        assert_int_equal(read(good[i].bytes, &image), RC_OK);
        assert_int_equal(image.kind, good[i].kind);
        assert_int_equal(image.width, good[i].width);
        assert_int_equal(image.height, good[i].height);
        for (size_t n = 0; n < good[i].bytes.n; n++) /* cut off anywhere */
            assert_int_equal(read((struct str){good[i].bytes.p, n}, &image), RC_INVALID);
    }
}

static void anything_else_is_refused(void **state)
{
    (void)state;
    static const struct str bad[] = {
        BYTES(""),
        BYTES("GIF89a\x01\0\x01\0\0\0\0;"),
        BYTES("<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>"),
        BYTES(SIGNATURE IHDR("\x20", "\x18") IDAT IEND "<script>"),
        BYTES(SIGNATURE IHDR("\x20", "\x18") IEND),
        BYTES(SIGNATURE IHDR("\x20", "\x18") IDAT),
        BYTES(SIGNATURE IDAT IHDR("\x20", "\x18") IEND),
        BYTES(SIGNATURE IHDR("\0", "\x18") IDAT IEND),
        BYTES(SIGNATURE IHDR("\x20", "\x18") "\0\0\0\x02"
                                             "acTL\0\x02"
                                             "crc!" IDAT IEND),
        BYTES(SIGNATURE IHDR("\x20", "\x18") "\xff\xff\xff\xffIDAT\x78\x9c"
                                             "crc!" IEND),
        BYTES(SIGNATURE
              "\0\0\0\x0dIHDR\0\0\0\x20\0\0\0\x18\x03\x02\0\0\0crc!" IDAT IEND), /* 3 bits a sample */
        BYTES(RIFF("\x17", VP8)),
        BYTES(RIFF("\x16", VP8) "x"),
        BYTES(RIFF("\x28", VP8X("\x02") VP8)), /* moving */
        BYTES(RIFF("\x16", VP8X("\x10"))),     /* no picture */
        BYTES(RIFF("\x28", VP8 VP8X("\x10"))),
        BYTES(RIFF("\x28", "VP8X\x0a\0\0\0\x10\0\0\0\x20\0\0\x17\0\0" VP8)), /* the canvas is wider */
        BYTES(RIFF("\x12", "VP8L\x06\0\0\0\x2f\x1f\xc0\x05\x20\0")),         /* version 1 */
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct image image = {0};
        assert_int_equal(read(bad[i], &image), RC_INVALID);
        assert_int_equal(image.width, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_have_the_size_that_they_say),
        cmocka_unit_test(anything_else_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
