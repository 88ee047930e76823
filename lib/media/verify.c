#include "lib/media/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/os/file.h"

enum { BOX_MAX = 64 * 1024 * 1024, PLAYLIST_MAX = 8 * 1024 * 1024, HASH_CHUNK = 1 << 18 };

/* What of an encoded length may differ: half a second, or a thousandth. */
#define LENGTH_SLACK(duration) fmax(0.5, (duration) / 1000)
#define COPY_SLACK             0.1 /* seconds, of a copied length */
/* FFmpeg uses the length of the file's first picture for the last segment; where repeated pictures are
 * dropped, that may be up to a second. make.c corrects it. */
#define LISTED_SLACK 1.0
#define PEAK_LEAST   0.5 /* seconds: shorter segments, at the end, say nothing about the rate */

/* Does the range begin where the one before it ended, at *at? */
static bool follows(const struct hls_range *r, int64_t *at)
{
    bool right = r->bytes > 0 && r->at == *at;
    *at = r->at + r->bytes;
    return right;
}

bool verify_playlist(const struct hls_playlist *p, int64_t size, struct verify_list *out)
{
    struct verify_list list = {0};
    int64_t at = 0, length = 0;
    const struct hls_map *map = NULL;
    for (size_t i = 0; i < p->n; i++) {
        const struct hls_segment *s = &p->segments[i];
        double seconds = (double)s->length / HLS_SECOND;
        if (s->map && s->map != map && !follows(&s->map->range, &at))
            return false;
        map = s->map;
        if (!follows(&s->range, &at))
            return false;
        length += s->length;
        if (seconds >= PEAK_LEAST)
            list.peak = (int64_t)fmax((double)list.peak, (double)s->range.bytes * 8 / seconds);
    }
    list.seconds = (double)length / HLS_SECOND;
    *out = list;
    return at == size;
}

/* What the boxes of a file say so far. */
struct scan {
    struct mp4_track track;
    struct mp4_fragment all; /* its fragments as one */
    int64_t payload;         /* bytes that the next mdat box must hold */
};

static bool read_table(struct scan *s, bool moov, struct str body)
{
    struct mp4_fragment next;
    if (moov)
        return mp4_track_read(body, &s->track);
    if (s->track.scale == 0 || !mp4_fragment_read(&s->track, body, &next))
        return false;
    s->payload = next.payload;
    return mp4_fragment_join(&s->all, &next);
}

/* Reads one box. Tables are read; media data are only compared in length with what the tables say. */
static bool read_box(int fd, int64_t at, int64_t end, struct scan *s, struct mp4_box *box)
{
    unsigned char head[MP4_BOX_HEAD];
    ssize_t got = pread(fd, head, sizeof head, at);
    if (got <= 0 || !mp4_box_read(head, (size_t)got, box) || box->length > end - at)
        return false;
    int64_t length = box->length - box->head;
    bool moov = strcmp(box->type, "moov") == 0, moof = strcmp(box->type, "moof") == 0;
    if (strcmp(box->type, "mdat") == 0) {
        bool right = length == s->payload;
        s->payload = 0;
        return right;
    }
    if (!moov && !moof)
        return true;
    if (length > BOX_MAX || s->payload != 0)
        return false;
    char *body = mem_alloc((size_t)length + 1);
    bool ok = pread(fd, body, (size_t)length, at + box->head) == (ssize_t)length &&
              read_table(s, moov, (struct str){body, (size_t)length});
    free(body);
    return ok;
}

/* Reads all boxes; false if they do not make up the whole file. */
static bool read_boxes(int fd, int64_t size, struct scan *s)
{
    struct mp4_box box;
    for (int64_t at = 0; at < size; at += box.length)
        if (!read_box(fd, at, size, s, &box))
            return false;
    return s->payload == 0 && s->all.samples > 0;
}

static bool read_track(const char *path, struct verify_track *t, bool *edited)
{
    struct scan s = {0};
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && fstat(fd, &st) == 0 && read_boxes(fd, st.st_size, &s);
    if (fd >= 0)
        close(fd);
    if (!ok)
        return false;
    t->packets = s.all.samples;
    t->bytes = st.st_size;
    t->start = (double)s.all.from / s.track.scale;
    t->end = (double)s.all.to / s.track.scale;
    t->average = (int64_t)((double)t->bytes * 8 / fmax(t->end - t->start, 0.1));
    memcpy(t->codec, s.track.codec, sizeof t->codec);
    *edited = s.track.edited;
    return true;
}

enum rc verify_read_playlist(struct cx *cx, const struct media_job *job, const char *name,
                             struct hls_playlist *out)
{
    struct str text;
    enum rc rc = file_read(cx, arena_printf(cx->arena, "%s/%s.m3u8", job->out, name), PLAYLIST_MAX, &text);
    return rc == RC_OK ? hls_read(cx, text, out) : rc;
}

enum rc verify_read(struct cx *cx, struct media_job *job, const char *name, struct verify_track *out)
{
    struct verify_track t = {0};
    struct verify_list list;
    struct hls_playlist playlist;
    bool edited;
    if (!read_track(arena_printf(cx->arena, "%s/%s.mp4", job->out, name), &t, &edited))
        return media_fail(cx, job, FAIL_VERIFY, "The file %s.mp4 is not whole.", name);
    if (edited || fabs(t.start) > VERIFY_START_APART)
        return media_fail(cx, job, FAIL_VERIFY, "%s.mp4 does not begin with the lecture (%.3f s).", name,
                          t.start);
    if (verify_read_playlist(cx, job, name, &playlist) != RC_OK ||
        !verify_playlist(&playlist, t.bytes, &list) ||
        fabs(list.seconds - t.end) > LISTED_SLACK + LENGTH_SLACK(t.end))
        return media_fail(cx, job, FAIL_VERIFY, "The playlist of %s.mp4 does not fit it.", name);
    t.listed = list.seconds;
    t.peak = list.peak < t.average ? t.average : list.peak;
    *out = t;
    return RC_OK;
}

enum rc verify_copied(struct cx *cx, struct media_job *job, const struct probe *p, const char *name,
                      const struct verify_track *t)
{
    double want = p->video.end - probe_origin(p);
    if (t->packets != p->video.frames)
        return media_fail(cx, job, FAIL_VERIFY, "%s holds %lld of the source's %lld pictures.", name,
                          (long long)t->packets, (long long)p->video.frames);
    if (fabs(t->end - want) > COPY_SLACK)
        return media_fail(cx, job, FAIL_VERIFY, "%s lasts %.2f instead of %.2f seconds.", name, t->end, want);
    return RC_OK;
}

enum rc verify_encoded(struct cx *cx, struct media_job *job, const struct plan *plan, const char *name,
                       const struct verify_track *t, int64_t frames)
{
    if (frames >= 0 && t->packets != frames)
        return media_fail(cx, job, FAIL_VERIFY, "%s holds %lld of %lld encoded pictures.", name,
                          (long long)t->packets, (long long)frames);
    if (fabs(t->end - plan->duration) > LENGTH_SLACK(plan->duration))
        return media_fail(cx, job, FAIL_VERIFY, "%s lasts %.2f instead of %.2f seconds.", name, t->end,
                          plan->duration);
    return RC_OK;
}

enum rc verify_ends(struct cx *cx, struct media_job *job, const char *name, const struct verify_track *video,
                    const struct verify_track *audio)
{
    if (fabs(video->end - audio->end) > VERIFY_ENDS_APART)
        return media_fail(cx, job, FAIL_VERIFY, "%s ends at %.2f seconds, its sound at %.2f.", name,
                          video->end, audio->end);
    return RC_OK;
}

enum rc verify_hash(struct cx *cx, struct media_job *job, const char *name, char hash[VERIFY_HASH],
                    int64_t *size)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char digest[EVP_MAX_MD_SIZE];
    int64_t total = 0;
    ssize_t n = -1;
    char *chunk = arena_alloc(cx->arena, HASH_CHUNK);
    int fd = open(arena_printf(cx->arena, "%s/%s", job->out, name), O_RDONLY | O_CLOEXEC);
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    bool ok = fd >= 0 && md && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1;
    while (ok && (n = read(fd, chunk, HASH_CHUNK)) > 0) {
        ok = EVP_DigestUpdate(md, chunk, (size_t)n) == 1;
        total += n;
    }
    ok = ok && n == 0 && EVP_DigestFinal_ex(md, digest, NULL) == 1;
    EVP_MD_CTX_free(md);
    if (fd >= 0)
        close(fd);
    if (!ok)
        return media_fail(cx, job, FAIL_IO, "The file %s cannot be read again: %s.", name, strerror(errno));
    for (size_t i = 0; i < 32; i++) {
        hash[2 * i] = digits[digest[i] >> 4];
        hash[2 * i + 1] = digits[digest[i] & 15];
    }
    hash[VERIFY_HASH - 1] = '\0';
    *size = total;
    return RC_OK;
}
