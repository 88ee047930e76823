/* Pictures of any bytes. What is accepted has a size and begins as its kind does. */
#include <stdlib.h>
#include <string.h>

#include "lib/proto/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct image image;
    struct str bytes = {(const char *)data, size};
    if (image_read(bytes, &image) != RC_OK)
        return 0;
    if (image.width < 1 || image.height < 1 ||
        memcmp(data, image.kind == IMAGE_PNG ? "\x89PNG" : "RIFF", 4) != 0)
        abort();
    return 0;
}
