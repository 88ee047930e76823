/* AMF0 of any bytes: walked to the ends; what was read can be read again in the same way. */
#include <stdlib.h>
#include <string.h>

#include "lib/proto/amf0.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool right)
{
    if (!right)
        abort();
}

/* Walks what is inside a value; `depth` containers are around it. */
static void walk(const struct amf0_value *v, int depth)
{
    struct amf0 in = amf0_of(v->inside);
    struct amf0_value w, found;
    struct str name;
    check(depth <= AMF0_DEPTH_MAX);
    if (v->type == AMF0_OBJECT)
        while (amf0_next_member(&in, &name, &w))
            walk(&w, depth + 1);
    else if (v->type == AMF0_ARRAY)
        while (amf0_next(&in, &w))
            walk(&w, depth + 1);
    check(!amf0_is_bad(&in)); /* it was checked when the container was read */
    amf0_find(v, "app", &found);
    check(v->text.n == 0 || memchr(v->text.p, v->text.p[0], v->text.n) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct amf0 a = amf0_of((struct str){(const char *)data, size});
    struct amf0_value v;
    int n = 0;
    for (; amf0_next(&a, &v); n++)
        walk(&v, 0);
    check(n <= AMF0_VALUES_MAX && a.in.n <= size && !amf0_next(&a, &v));
    return 0;
}
