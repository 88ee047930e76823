#include "daemons/workerd/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/base/mem.h"

/* Two of the longest tags: what is left of one is moved to the front only when the next may not be whole. */
enum { READ_MAX = 2 * (FLV_BODY_MAX + FLV_TAG_MIN) };

struct parts {
    struct join join;
    FILE *to;
    int64_t size;
    bool headed;
    const atomic_bool *stop;
    char *bytes;    /* of the recording that is read */
    struct buf tag; /* that is written */
};

enum rc parts_open(struct cx *cx, const char *path, bool cut, const atomic_bool *stop, struct parts **out)
{
    FILE *to = fopen(path, "wbe");
    if (!to)
        return err_set(cx, RC_UNAVAIL, NULL, NULL, "%s: %s", path, strerror(errno));
    struct parts *p = mem_alloc(sizeof *p);
    *p = (struct parts){.to = to, .stop = stop, .bytes = mem_alloc(READ_MAX)};
    buf_init(&p->tag, FLV_BODY_MAX + FLV_TAG_MIN);
    join_init(&p->join, cut);
    *out = p;
    return RC_OK;
}

void parts_close(struct parts *p)
{
    if (!p)
        return;
    if (p->to)
        fclose(p->to);
    join_fini(&p->join);
    buf_fini(&p->tag);
    free(p->bytes);
    free(p);
}

/* --- reading --- */

struct recording {
    const struct parts *p;
    int fd;
    struct str rest; /* read, not yet taken */
    int64_t taken;
    bool over;
    enum rc rc; /* why it could not be read on */
};

/* Reads until `need` bytes are there, or no more come. */
static void fill(struct recording *r, size_t need)
{
    char *bytes = r->p->bytes;
    memmove(bytes, r->rest.p, r->rest.n);
    r->rest.p = bytes;
    while (r->rest.n < need && !r->over && r->rc == RC_OK) {
        ssize_t n = read(r->fd, bytes + r->rest.n, READ_MAX - r->rest.n);
        if (atomic_load(r->p->stop))
            r->rc = RC_TIMEOUT;
        else if (n < 0 && errno != EINTR)
            r->rc = RC_UNAVAIL;
        else if (n > 0)
            r->rest.n += (size_t)n;
        r->over = n == 0;
    }
}

static void take(struct recording *r, size_t n)
{
    r->rest = (struct str){r->rest.p + n, r->rest.n - n};
    r->taken += (int64_t)n;
}

static bool next_tag(struct recording *r, struct flv_tag *tag)
{
    size_t used;
    enum flv_result result = flv_tag_read(r->rest, tag, &used);
    while (result == FLV_MORE && !r->over && r->rc == RC_OK) {
        fill(r, used);
        result = flv_tag_read(r->rest, tag, &used);
    }
    if (result != FLV_OK || r->rc != RC_OK)
        return false;
    take(r, used);
    return true;
}

static enum rc open_recording(struct cx *cx, const struct parts *p, const char *path, struct recording *out)
{
    size_t used;
    struct recording r = {.p = p, .fd = open(path, O_RDONLY | O_CLOEXEC), .rest = {p->bytes, 0}};
    if (r.fd < 0)
        return err_set(cx, RC_UNAVAIL, NULL, NULL, "%s: %s", path, strerror(errno));
    fill(&r, FLV_HEAD);
    if (r.rc == RC_OK && flv_head_read(r.rest, &used) == FLV_OK)
        take(&r, used);
    else
        r.over = true; /* it ended before its first tag */
    *out = r;
    return RC_OK;
}

static enum rc close_recording(struct cx *cx, struct recording *r, const char *path)
{
    close(r->fd);
    if (r->rc == RC_OK)
        return RC_OK;
    return err_set(cx, r->rc, NULL, NULL, "%s: %s", path, r->rc == RC_TIMEOUT ? "stopped" : strerror(errno));
}

enum rc parts_look(struct cx *cx, struct parts *p, const char *recording, bool *enough)
{
    struct recording r;
    struct flv_tag tag;
    enum rc rc = open_recording(cx, p, recording, &r);
    if (rc != RC_OK)
        return rc;
    *enough = false;
    while (!*enough && next_tag(&r, &tag))
        *enough = join_look(&p->join, &tag);
    return close_recording(cx, &r, recording);
}

/* --- writing --- */

static void write_out(struct parts *p)
{
    fwrite(p->tag.p, 1, p->tag.n, p->to);
    p->size += (int64_t)p->tag.n;
    buf_clear(&p->tag);
}

static void put_all(struct parts *p, const struct join_out *out)
{
    for (size_t i = 0; i < out->n; i++) {
        flv_tag_put(&p->tag, &out->tags[i]);
        write_out(p);
    }
}

static void put_head(struct parts *p)
{
    struct join_out out;
    flv_head_put(&p->tag, p->join.kinds[JOIN_SOUND].known, p->join.kinds[JOIN_PICTURES].known);
    write_out(p);
    join_head(&p->join, &out);
    put_all(p, &out);
    p->headed = true;
}

enum rc parts_append(struct cx *cx, struct parts *p, const char *recording, int64_t begins, bool goes_on)
{
    struct recording r;
    struct join_out out;
    struct flv_tag tag;
    enum rc rc = open_recording(cx, p, recording, &r);
    if (rc != RC_OK)
        return rc;
    if (!p->headed)
        put_head(p);
    join_part(&p->join, begins, goes_on);
    while (next_tag(&r, &tag) && !ferror(p->to)) {
        join_tag(&p->join, &tag, &out);
        put_all(p, &out);
    }
    off_t size = lseek(r.fd, 0, SEEK_END);
    if (r.rc == RC_OK && size > r.taken && !ferror(p->to))
        LOG(INFO, cx, "the end of a recording is left out: its last tag is not whole",
            F_NUM("bytes", size - r.taken));
    rc = close_recording(cx, &r, recording);
    if (rc == RC_OK && ferror(p->to))
        rc = err_set(cx, RC_UNAVAIL, NULL, NULL, "the joined file cannot be written: %s", strerror(errno));
    return rc;
}

enum rc parts_end(struct cx *cx, struct parts *p)
{
    FILE *to = p->to;
    bool failed = ferror(to);
    p->to = NULL;
    if (fclose(to) != 0 || failed)
        return err_set(cx, RC_UNAVAIL, NULL, NULL, "the joined file cannot be written: %s", strerror(errno));
    return RC_OK;
}

int64_t parts_size(const struct parts *p)
{
    return p->size;
}

bool parts_pictures(const struct parts *p, struct media_pictures *out)
{
    const struct join_kind *k = &p->join.kinds[JOIN_PICTURES];
    *out = (struct media_pictures){.configurations = k->setups,
                                   .width = k->width,
                                   .height = k->height,
                                   .left_out = k->left_out ? flv_codec_name(k->other) : NULL};
    return k->known;
}
