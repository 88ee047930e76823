#include "lib/web/file.h"

#include "lib/base/buf.h"
#include "lib/proto/multipart.h"

enum { MAX_FIELD = 64 * 1024 /* bytes of a field that is no file */ };

struct reading {
    struct cx *cx;
    struct web_pairs form;
    struct web_file file;
    const char *name; /* of the part that is being read */
    bool is_file, skip;
    struct buf value;
};

static bool on_begin(void *arg, const struct multipart_part *part)
{
    struct reading *r = arg;
    r->name = arena_strdup(r->cx->arena, part->name);
    r->is_file = part->is_file;
    r->skip = part->is_file && r->file.field;
    r->value.max = part->is_file ? WEB_MAX_FILE : MAX_FIELD;
    buf_clear(&r->value);
    return str_is_utf8(str_of(part->name)) && (part->is_file || r->form.n < MULTIPART_MAX_PARTS);
}

static bool on_data(void *arg, const char *p, size_t n)
{
    struct reading *r = arg;
    if (!r->skip)
        buf_add(&r->value, p, n);
    return r->is_file || !r->value.overflow;
}

/* A browser sends an empty file for a field in which nothing was chosen. */
static bool on_end(void *arg)
{
    struct reading *r = arg;
    struct str value = buf_view(&r->value);
    if (r->skip || (r->is_file && value.n == 0 && !r->value.overflow))
        return true;
    const char *copy = value.n ? str_dup(r->cx->arena, value) : "";
    if (r->is_file) {
        r->file = (struct web_file){.field = r->name, .too_big = r->value.overflow};
        if (!r->file.too_big)
            r->file.bytes = (struct str){copy, value.n};
        return true;
    }
    r->form.v[r->form.n++] = (struct web_pair){r->name, copy};
    return str_is_utf8(value);
}

enum rc web_parse_file(struct cx *cx, struct str type, struct str body, struct web_pairs *form,
                       struct web_file *file)
{
    struct multipart parser;
    struct reading r = {.cx = cx};
    const struct multipart_events events = {&r, on_begin, on_data, on_end};
    r.form.v = arena_array(cx->arena, MULTIPART_MAX_PARTS, sizeof *r.form.v);
    buf_init(&r.value, WEB_MAX_FILE);
    enum rc rc = multipart_init(&parser, type, &events);
    if (rc == RC_OK)
        rc = multipart_feed(&parser, body.p, body.n);
    buf_fini(&r.value);
    if (rc != RC_OK || !multipart_is_done(&parser))
        return err_set(cx, RC_INVALID, NULL, "bad_request", "malformed multipart/form-data");
    *form = r.form;
    *file = r.file;
    return RC_OK;
}
