/* A cue with any text is one cue in the file: one line with its times, and no empty line. */
#include <stdlib.h>
#include <string.h>

#include "lib/format/vtt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LONGEST = 6 }; /* bytes that one may become */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct vtt_cue cue = {0, 1, {(const char *)data, size}};
    struct buf out;
    size_t lines = 0;
    buf_init(&out, 64 + LONGEST * size);
    vtt_write_cue(&out, &cue);
    if (out.overflow)
        abort();
    struct str rest = buf_view(&out);
    if (str_cut(&rest, '\n').n != 0)
        abort();
    for (; rest.n > 0; lines++) {
        struct str line = str_cut(&rest, '\n');
        if (line.n == 0 || (memmem(line.p, line.n, "-->", 3) != NULL) != (lines == 0))
            abort();
    }
    if (lines == 0)
        abort();
    buf_fini(&out);
    return 0;
}
