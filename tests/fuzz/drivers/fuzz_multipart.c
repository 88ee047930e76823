/* Forms of any bytes: the first line is the Content-Type, the rest the body. Fed whole and byte by byte, the
 * events must be the same. */
#include <stdlib.h>
#include <string.h>

#include "lib/proto/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sum {
    uint64_t hash;
    int parts;
};

static void add(struct sum *s, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        s->hash = (s->hash ^ (unsigned char)p[i]) * UINT64_C(1099511628211);
}

static bool on_begin(void *arg, const struct multipart_part *part)
{
    struct sum *s = arg;
    s->parts++;
    if (strlen(part->name) > MULTIPART_MAX_NAME || strlen(part->file) > MULTIPART_MAX_FILE)
        abort();
    add(s, part->name, strlen(part->name) + 1);
    add(s, part->file, strlen(part->file) + 1);
    return true;
}

static bool on_data(void *arg, const char *p, size_t n)
{
    add(arg, p, n);
    return true;
}

static bool on_end(void *arg)
{
    add(arg, "\n", 1);
    return true;
}

static enum rc parse(struct str type, struct str body, size_t portion, struct sum *s)
{
    struct multipart m;
    const struct multipart_events events = {s, on_begin, on_data, on_end};
    enum rc rc = multipart_init(&m, type, &events);
    for (size_t at = 0; at < body.n && rc == RC_OK; at += portion)
        rc = multipart_feed(&m, body.p + at, body.n - at < portion ? body.n - at : portion);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str body = {(const char *)data, size}, type = str_cut(&body, '\n');
    struct sum whole = {0}, bytes = {0};
    enum rc a = parse(type, body, size + 1, &whole), b = parse(type, body, 1, &bytes);
    if (a != b || whole.hash != bytes.hash || whole.parts != bytes.parts || whole.parts > MULTIPART_MAX_PARTS)
        abort();
    return 0;
}
