/* Playlists as FFmpeg wrote them of somebody's file, of any bytes: read, given another end, and read
 * again. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/media/make.h"
#include "lib/media/verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LARGEST = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size}, first = text, line = str_cut(&first, '\n');
    struct verify_list list;
    struct buf out;
    int64_t bytes = 0;
    double seconds = verify_seconds(line);
    if (!isfinite(seconds) || seconds < 0)
        abort();
    if (!str_to_i64(line, 0, INT64_MAX, &bytes))
        bytes = 1000;
    if (verify_playlist(text, bytes, &list) && (!isfinite(list.seconds) || list.seconds < 0 || list.peak < 0))
        abort();
    buf_init(&out, LARGEST + 2 * size);
    make_ending(&out, text, seconds);
    if (out.overflow)
        abort();
    buf_fini(&out);
    return 0;
}
