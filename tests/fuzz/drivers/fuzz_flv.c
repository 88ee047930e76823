/* FLV files of any bytes, and each tag's body as a decoder would look at it. */
#include <stdlib.h>
#include <string.h>

#include "lib/proto/codec.h"
#include "lib/proto/flv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool right)
{
    if (!right)
        abort();
}

static bool inside(struct str part, struct str whole)
{
    return part.n == 0 || (part.p >= whole.p && part.n <= whole.n && part.p + part.n <= whole.p + whole.n);
}

static void try_body(struct str body)
{
    struct flv_packet p;
    struct codec_picture picture;
    struct amf0_value v;
    for (enum flv_type type = FLV_AUDIO; type <= FLV_VIDEO; type++)
        if (flv_packet_read(type, body, &p)) {
            check(inside(p.data, body) && p.codec < FLV_CODEC_COUNT && p.shift >= -0x800000 &&
                  p.shift < 0x800000);
            if (codec_avc_read(p.data, &picture))
                check(picture.width >= 0 && picture.width <= CODEC_SIDE_MAX &&
                      picture.height <= CODEC_SIDE_MAX && (picture.width > 0) == (picture.height > 0));
        }
    check(inside(flv_data_strip(body), body));
    if (flv_metadata_read(body, &v))
        check(inside(v.inside, body));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = {(const char *)data, size};
    struct flv_tag tag;
    size_t used = 0;
    struct buf b;
    try_body(rest);
    if (flv_head_read(rest, &used) != FLV_OK)
        return 0;
    for (;;) {
        check(used <= rest.n);
        rest = (struct str){rest.p + used, rest.n - used};
        enum flv_result result = flv_tag_read(rest, &tag, &used);
        check(result != FLV_MORE || used > rest.n);
        if (result != FLV_OK)
            return 0;
        try_body(tag.body);
        buf_init(&b, size);
        flv_tag_put(&b, &tag); /* the same but for the reserved bits of its type */
        check(b.n == used && memcmp(b.p + 1, rest.p + 1, used - 1) == 0);
        buf_fini(&b);
    }
}
