/* Boxes of any bytes, as a file of ours is read again. */
#include <stdlib.h>
#include <string.h>

#include "lib/media/fragments.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fragments f = {0};
    int64_t length, payload = 0;
    char type[5];
    int head;
    for (size_t at = 0; fragments_box(data + at, size - at, type, &length, &head); at += (size_t)length) {
        if (length < head || head < 8)
            abort();
        if ((uint64_t)length > size - at)
            break;
        struct str body = {(const char *)data + at + head, (size_t)(length - head)};
        if (strcmp(type, "moov") == 0 && fragments_head(&f, body) && (f.scale == 0 || f.codec[0] == '\0'))
            abort();
        if (strcmp(type, "moof") == 0 && fragments_part(&f, body, &payload) && payload < 0)
            abort();
    }
    return 0;
}
