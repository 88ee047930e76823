#include "daemons/lived/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "daemons/lived/waiting.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/os/file.h"
#include "lib/os/metrics.h"

enum { UNUSED_MS = 600000, FILE_MODE = 0644 };

bool stream_name_read(struct str *path, struct stream_name *out)
{
    struct stream_name n = {.lecture = str_cut(path, '/')};
    struct str generation = str_cut(path, '/'), view = str_cut(path, '/');
    if (!store_is_key(n.lecture) || generation.n < 2 || generation.p[0] != 'g' || generation.p[1] == '0' ||
        !str_to_i64((struct str){generation.p + 1, generation.n - 1}, 1, INT64_MAX, &n.generation) ||
        !wire_view_of(view, &n.view))
        return false;
    *out = n;
    return true;
}

/* --- what an origin wants written --- */

/* The file of this segment, at its end. */
static bool open_segment(struct stream *s, int track, size_t msn)
{
    struct stream_file *f = &s->files[track];
    char name[ORIGIN_FILE];
    if (f->msn == msn)
        return true;
    origin_segment_name(track, msn, name);
    int fd = openat(s->dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
    if (fd < 0)
        return false;
    if (f->fd >= 0)
        close(f->fd);
    f->fd = fd;
    f->msn = msn;
    f->size = 0;
    return true;
}

/* The last of the disk is for recordings and uploads. */
static bool has_room(const struct stream *s)
{
    struct statvfs fs;
    if (fstatvfs(s->dir, &fs) != 0)
        return false;
    if ((int64_t)fs.f_bavail * (int64_t)fs.f_frsize >= s->d->conf->store_min_free)
        return true;
    errno = ENOSPC;
    return false;
}

static bool append(void *arg, int track, size_t msn, struct str bytes)
{
    struct stream *s = arg;
    struct stream_file *f = &s->files[track];
    if (has_room(s) && open_segment(s, track, msn) && file_write_all(f->fd, bytes.p, bytes.n)) {
        f->size += (int64_t)bytes.n;
        return true;
    }
    s->disk_error = errno;
    metric_add(METRIC_lived_disk_errors_total, 1);
    LOG(ERROR, &s->d->cx, "a part could not be written", F_TEXT("lecture", s->lecture),
        F_TEXT("reason", strerror(s->disk_error)));
    if (f->msn == msn && (ftruncate(f->fd, f->size) != 0 || lseek(f->fd, f->size, SEEK_SET) < 0))
        LOG(ERROR, &s->d->cx, "a part that was not written remains in part");
    return false;
}

static void complete(void *arg, int track, size_t msn)
{
    struct stream *s = arg;
    struct stream_file *f = &s->files[track];
    char line[ORIGIN_LINE];
    origin_line_segment(&s->origin, track, msn, line);
    disk_line(s->d->disk, f->msn == msn ? f->fd : -1, s->index, str_of(line));
    if (f->msn == msn)
        *f = (struct stream_file){-1, SIZE_MAX, 0};
}

static void add_line(void *arg, struct str line)
{
    struct stream *s = arg;
    disk_line(s->d->disk, -1, s->index, line);
}

/* --- life --- */

static const char *path_of(struct cx *cx, const struct stream *s)
{
    return arena_printf(cx->arena, "media/%s/g%lld/%s", s->lecture, (long long)s->generation,
                        wire_view_name(s->view));
}

static enum rc open_files(struct cx *cx, struct stream *s, bool make)
{
    enum rc rc = store_view_open(cx, s->d->store, path_of(cx, s), make, &s->dir);
    if (rc != RC_OK)
        return rc;
    s->index = openat(s->dir, STREAM_INDEX, O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC | (make ? O_CREAT : 0),
                      FILE_MODE);
    if (s->index < 0)
        return err_set(cx, errno == ENOENT ? RC_NOTFOUND : RC_UNAVAIL, NULL, file_error_key(errno),
                       "cannot open the index of %s: %s", s->lecture, strerror(errno));
    return make && fsync(s->dir) != 0
               ? err_set(cx, RC_UNAVAIL, NULL, file_error_key(errno), "cannot sync a folder")
               : RC_OK;
}

static struct stream *make_stream(struct lived *d, const struct stream_name *name)
{
    struct stream *s = mem_alloc(sizeof *s);
    const struct origin_sink sink = {append, complete, add_line, s};
    s->d = d;
    memcpy(s->lecture, name->lecture.p, name->lecture.n);
    s->generation = name->generation;
    s->view = name->view;
    s->dir = s->index = -1;
    for (int t = 0; t < ORIGIN_TRACKS; t++)
        s->files[t] = (struct stream_file){-1, SIZE_MAX, 0};
    origin_init(&s->origin, &sink);
    return s;
}

static void count_streams(struct lived *d, int change)
{
    d->stream_count += change;
    metric_set(METRIC_lived_streams, d->stream_count);
}

enum rc stream_find(struct cx *cx, struct lived *d, const struct stream_name *name, bool make,
                    struct stream **out)
{
    struct stream *s = d->streams;
    while (s &&
           (!str_eq(name->lecture, s->lecture) || s->generation != name->generation || s->view != name->view))
        s = s->next;
    if (!s) {
        s = make_stream(d, name);
        enum rc rc = open_files(cx, s, make);
        if (rc == RC_OK)
            rc = stream_load(cx, s);
        if (rc != RC_OK) {
            stream_free(s);
            return rc;
        }
        s->next = d->streams;
        d->streams = s;
        count_streams(d, 1);
    }
    s->used_at = clock_mono();
    *out = s;
    return RC_OK;
}

void stream_free(struct stream *s)
{
    struct stream **at = &s->d->streams;
    waiting_answer_all(s);
    while (*at && *at != s)
        at = &(*at)->next;
    if (*at) {
        *at = s->next;
        count_streams(s->d, -1);
    }
    for (int t = 0; t < ORIGIN_TRACKS; t++) {
        for (int f = 0; f < STREAM_FORMS; f++)
            origin_bytes_unref(s->lists[t][f].text);
        if (s->files[t].fd >= 0)
            close(s->files[t].fd);
    }
    if (s->index >= 0)
        disk_close(s->d->disk, s->index);
    if (s->dir >= 0)
        close(s->dir);
    origin_fini(&s->origin);
    free(s);
}

void stream_sweep(struct lived *d, int64_t now)
{
    for (struct stream *s = d->streams, *next; s; s = next) {
        next = s->next;
        if (!s->waiting && now - s->used_at > UNUSED_MS)
            stream_free(s);
    }
}

/* --- files and texts --- */

enum rc stream_write(struct cx *cx, const struct stream *s, const char *name, struct str text)
{
    const char *tmp = arena_printf(cx->arena, ".%s.new", name);
    int fd = openat(s->dir, tmp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
    bool ok = fd >= 0 && file_write_all(fd, text.p, text.n) && fsync(fd) == 0 &&
              renameat(s->dir, tmp, s->dir, name) == 0 && fsync(s->dir) == 0;
    int e = errno;
    if (fd >= 0)
        close(fd);
    if (ok)
        return RC_OK;
    unlinkat(s->dir, tmp, 0);
    return err_set(cx, e == ENOENT ? RC_NOTFOUND : RC_UNAVAIL, NULL, file_error_key(e), "cannot write %s: %s",
                   name, strerror(e));
}

struct origin_bytes *stream_list_of(struct stream *s, int track, enum origin_form form)
{
    struct stream_list *l = &s->lists[track][form];
    struct buf text;
    if (l->text && l->version == s->origin.version)
        return l->text;
    buf_init(&text, LIVED_TEXT_MAX);
    origin_list(&s->origin, track, form, &text);
    origin_bytes_unref(l->text);
    *l = (struct stream_list){s->origin.version, origin_bytes_new(buf_view(&text))};
    buf_fini(&text);
    return l->text;
}
