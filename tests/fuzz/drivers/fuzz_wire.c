/* Any bytes as every message of lib/wire: what is read must be written again within its limits, and read as
 * the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/net/json.h"
#include "lib/wire/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BYTES_MAX = 4 * 1024 * 1024 };

static void back_and_forth(struct cx *cx, const struct wire_message *m, const json_t *o)
{
    const char *odd = NULL;
    void *first = arena_alloc(cx->arena, m->size), *second = arena_alloc(cx->arena, m->size);
    if (wire_read(cx, m, o, first, &odd) != RC_OK) {
        err_clear(cx);
        return;
    }
    const json_t *written = wire_write(cx, m, first);
    odd = NULL;
    if (wire_read(cx, m, written, second, &odd) != RC_OK || odd)
        abort();
    struct str a = js_text(cx, written), b = js_text(cx, wire_write(cx, m, second));
    if (a.n != b.n || memcmp(a.p, b.p, a.n) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cx cx;
    const json_t *o;
    cx_init(&cx);
    if (js_parse(&cx, (struct str){(const char *)data, size}, BYTES_MAX, &o) == RC_OK)
        for (size_t i = 0; wire_messages[i]; i++)
            back_and_forth(&cx, wire_messages[i], o);
    cx_fini(&cx);
    return 0;
}
