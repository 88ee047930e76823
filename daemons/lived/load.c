/* A stream as it is found on disk after a restart. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemons/lived/stream.h"
#include "lib/base/log.h"

enum { SEGMENT_MAX = 8 * LIVED_BODY_MAX };

/* The whole file, in the arena. RC_NOTFOUND; RC_TOOBIG; RC_UNAVAIL. */
static enum rc read_file(struct cx *cx, int fd, size_t max, struct str *out)
{
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0)
        return err_set(cx, errno == ENOENT ? RC_NOTFOUND : RC_UNAVAIL, NULL, NULL, "cannot open: %s",
                       strerror(errno));
    if (st.st_size < 0 || (uint64_t)st.st_size > max)
        return err_set(cx, RC_TOOBIG, NULL, NULL, "a file of %lld bytes", (long long)st.st_size);
    char *p = arena_alloc(cx->arena, (size_t)st.st_size + 1);
    size_t n = 0;
    while (n < (size_t)st.st_size) {
        ssize_t got = pread(fd, p + n, (size_t)st.st_size - n, (off_t)n);
        if (got < 0 && errno != EINTR)
            return err_set(cx, RC_UNAVAIL, NULL, NULL, "cannot read: %s", strerror(errno));
        if (got == 0)
            break;
        n += got > 0 ? (size_t)got : 0;
    }
    *out = (struct str){p, n};
    return RC_OK;
}

static enum rc read_named(struct cx *cx, const struct stream *s, const char *name, size_t max,
                          struct str *out)
{
    int fd = openat(s->dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    enum rc rc = read_file(cx, fd, max, out);
    if (fd >= 0)
        close(fd);
    return rc;
}

/* What is behind the last whole line, or is no line of ours, is cut off. */
static enum rc read_index(struct cx *cx, struct stream *s)
{
    struct str text;
    enum rc rc = read_file(cx, s->index, LIVED_TEXT_MAX, &text);
    if (rc != RC_OK)
        return rc;
    struct str rest = text;
    while (memchr(rest.p, '\n', rest.n)) {
        struct str after = rest;
        if (!origin_read_line(&s->origin, str_cut(&after, '\n')))
            break;
        rest = after;
    }
    if (rest.n > 0) {
        LOG(WARN, cx, "the end of an index cannot be read", F_TEXT("lecture", s->lecture),
            F_NUM("bytes", rest.n));
        if (ftruncate(s->index, (off_t)(text.n - rest.n)) != 0)
            return err_set(cx, RC_UNAVAIL, NULL, NULL, "cannot cut the index: %s", strerror(errno));
    }
    return RC_OK;
}

static enum rc read_inits(struct cx *cx, struct stream *s)
{
    char name[ORIGIN_FILE];
    struct str bytes;
    for (int r = 0; r < s->origin.run_count; r++)
        for (int t = 0; t < ORIGIN_TRACKS; t++) {
            origin_init_name(t, r, name);
            if (!s->origin.runs[r].in[t].announced)
                continue;
            enum rc rc = read_named(cx, s, name, LIVED_INIT_MAX, &bytes);
            if (rc == RC_UNAVAIL)
                return rc;
            if (rc != RC_OK || !origin_read_init(&s->origin, r, t, bytes))
                err_clear(cx); /* it was announced and never came */
        }
    return RC_OK;
}

/* Players may still ask for the parts of the last complete segments. */
static enum rc read_recent(struct cx *cx, struct stream *s, int track)
{
    const struct origin_track *t = &s->origin.tracks[track];
    char name[ORIGIN_FILE];
    struct str bytes;
    int64_t length = 0;
    while (t->kept > 0 && length < ORIGIN_KEPT_US && !s->origin.sealed) {
        const struct origin_segment *last = &t->segments[t->kept - 1];
        origin_segment_name(track, t->kept - 1, name);
        enum rc rc = read_named(cx, s, name, SEGMENT_MAX, &bytes);
        if (rc == RC_UNAVAIL)
            return rc;
        err_clear(cx);
        if (rc != RC_OK || !origin_read_parts(&s->origin, track, bytes))
            break;
        length += last->length;
    }
    return RC_OK;
}

/* The segments of a track that have no line: all but the last are complete. */
static enum rc read_tail(struct cx *cx, struct stream *s, int track)
{
    char name[ORIGIN_FILE];
    struct str bytes;
    for (;;) {
        size_t msn = origin_next(&s->origin, track);
        if (msn >= ORIGIN_SEGMENTS_MAX)
            return RC_OK;
        origin_segment_name(track, msn, name);
        int fd = openat(s->dir, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
        enum rc rc = read_file(cx, fd, SEGMENT_MAX, &bytes);
        if (rc != RC_OK) {
            err_clear(cx);
            if (fd >= 0)
                close(fd);
            return rc == RC_UNAVAIL ? rc : RC_OK;
        }
        size_t whole = origin_read_segment(&s->origin, track, bytes);
        if (whole == 0 || ftruncate(fd, (off_t)whole) != 0 || lseek(fd, 0, SEEK_END) < 0) {
            close(fd);
            return RC_OK;
        }
        s->files[track] = (struct stream_file){fd, msn, (int64_t)whole};
    }
}

enum rc stream_load(struct cx *cx, struct stream *s)
{
    enum rc rc = read_index(cx, s);
    if (rc == RC_OK)
        rc = read_inits(cx, s);
    for (int t = 0; t < ORIGIN_TRACKS && rc == RC_OK; t++)
        rc = read_recent(cx, s, t);
    for (int t = 0; t < ORIGIN_TRACKS && rc == RC_OK; t++)
        rc = read_tail(cx, s, t);
    return rc;
}
