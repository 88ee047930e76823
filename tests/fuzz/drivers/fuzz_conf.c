/* lectern.conf, as any bytes. */
#include <stdlib.h>

#include "lib/os/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cx cx;
    struct conf conf = {0};
    cx_init(&cx);
    if (conf_parse(&cx, "fuzz", (struct str){(const char *)data, size}, &conf) == RC_OK) {
        if (!conf.base_url || conf.store_max_upload < 0)
            abort();
    } else if (!cx.err.detail) {
        abort(); /* an error names the line and the reason */
    }
    cx_fini(&cx);
    return 0;
}
