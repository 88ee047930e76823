#include "lib/media/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/os/file.h"

enum { HEAD_MAX = 65536, PLAYLIST_MAX = 8 * 1024 * 1024, SCAN_MS = 20 * 60 * 1000, HASH_CHUNK = 1 << 18 };

/* What of an encoded length may differ: half a second, or a thousandth. */
#define LENGTH_SLACK(duration) fmax(0.5, (duration) / 1000)

bool verify_codec(const unsigned char *head, size_t n, char out[VERIFY_CODEC])
{
    for (size_t i = 0; i + 8 <= n; i++) {
        if (memcmp(head + i, "avcC", 4) == 0) {
            snprintf(out, VERIFY_CODEC, "avc1.%02x%02x%02x", head[i + 5], head[i + 6], head[i + 7]);
            return true;
        }
        if (memcmp(head + i, "esds", 4) == 0) {
            snprintf(out, VERIFY_CODEC, "mp4a.40.2");
            return true;
        }
    }
    return false;
}

int64_t verify_peak(struct str playlist)
{
    double seconds = 0, most = 0;
    while (playlist.n > 0) {
        struct str line = str_cut(&playlist, '\n');
        int64_t bytes;
        if (str_starts(line, "#EXTINF:")) {
            char text[32] = "";
            line.p += 8;
            line.n -= 8;
            struct str value = str_cut(&line, ',');
            memcpy(text, value.p, value.n < sizeof text ? value.n : sizeof text - 1);
            seconds = strtod(text, NULL);
        } else if (str_starts(line, "#EXT-X-BYTERANGE:")) {
            line.p += 17;
            line.n -= 17;
            /* a segment of a few packets at the end says nothing about the rate */
            if (str_to_i64(str_cut(&line, '@'), 0, INT64_MAX, &bytes) && seconds >= 0.5)
                most = fmax(most, (double)bytes * 8 / seconds);
        }
    }
    return (int64_t)most;
}

struct reading {
    struct probe_scan scan;
    double start,
        length; /* what the file's own tables say: packets of fragments come without their lengths */
};

/* "index,pts,…" of a packet, or "start,duration" of the stream, whose first field is no whole number. */
static void line_of(void *arg, char *line)
{
    struct reading *r = arg;
    struct probe_packet p;
    char *rest;
    if (probe_parse_packet(line, &p)) {
        if (p.index == 0)
            probe_scan_packet(&r->scan, &p);
        return;
    }
    double start = strtod(line, &rest);
    if (*rest == ',') {
        r->start = start;
        r->length = strtod(rest + 1, NULL);
    }
}

enum rc verify_read(struct cx *cx, struct media_job *job, const char *name, struct verify_track *out)
{
    struct verify_track t = {0};
    struct reading r = {0};
    struct child_argv argv;
    struct stat st;
    struct str playlist;
    unsigned char head[HEAD_MAX];
    const char *path = arena_printf(cx->arena, "%s/%s.mp4", job->out, name);
    media_tool_ffprobe(cx, job, &argv);
    child_argv_all(&argv, "-v", "error", "-show_entries",
                   "packet=stream_index,pts_time,dts_time,duration_time,flags:stream=start_time,duration",
                   "-of", "csv=p=0", NULL);
    media_tool_own_input(&argv, path);
    struct media_run run = {.out = line_of, .arg = &r, .limit_ms = SCAN_MS};
    enum rc rc = media_tool_must(cx, job, &argv, &run, "verify");
    if (rc != RC_OK)
        return rc;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, head, sizeof head);
    bool ok = n > 0 && fstat(fd, &st) == 0 && verify_codec(head, (size_t)n, t.codec);
    if (fd >= 0)
        close(fd);
    ok = ok && r.scan.packets > 0 &&
         file_read(cx, arena_printf(cx->arena, "%s/%s.m3u8", job->out, name), PLAYLIST_MAX, &playlist) ==
             RC_OK;
    if (!ok)
        return media_fail(cx, job, "verify", false, "The file %s.mp4 or its playlist is not usable.", name);
    t.packets = r.scan.packets;
    t.bytes = st.st_size;
    t.start = r.scan.start;
    t.end = r.length > 0 ? r.start + r.length : r.scan.end;
    t.average = (int64_t)((double)t.bytes * 8 / fmax(t.end - t.start, 0.1));
    t.peak = verify_peak(playlist);
    if (t.peak < t.average)
        t.peak = t.average;
    *out = t;
    return RC_OK;
}

enum rc verify_copied(struct cx *cx, struct media_job *job, const struct probe *p, const char *name,
                      const struct verify_track *t)
{
    double want = p->video.end - p->video.start, have = t->end - t->start;
    if (t->packets != p->video.frames)
        return media_fail(cx, job, "verify", false, "%s holds %lld of the source's %lld pictures.", name,
                          (long long)t->packets, (long long)p->video.frames);
    if (fabs(have - want) > 0.1)
        return media_fail(cx, job, "verify", false, "%s lasts %.2f instead of %.2f seconds.", name, have,
                          want);
    return RC_OK;
}

enum rc verify_encoded(struct cx *cx, struct media_job *job, const struct plan *plan, const char *name,
                       const struct verify_track *t, int64_t frames)
{
    double have = t->end - t->start;
    if (frames >= 0 && t->packets != frames)
        return media_fail(cx, job, "verify", false, "%s holds %lld of %lld encoded pictures.", name,
                          (long long)t->packets, (long long)frames);
    if (fabs(have - plan->duration) > LENGTH_SLACK(plan->duration))
        return media_fail(cx, job, "verify", false, "%s lasts %.2f instead of %.2f seconds.", name, have,
                          plan->duration);
    return RC_OK;
}

enum rc verify_ends(struct cx *cx, struct media_job *job, const char *name, const struct verify_track *video,
                    const struct verify_track *audio)
{
    /* Both begin with the lecture. By their lengths, not by their ends: ffprobe puts pictures later by the
     * depth of the B-frames, which at ten frames a second is more than the tolerance. */
    double pictures = video->end - video->start, sound = audio->end - audio->start;
    if (fabs(pictures - sound) > VERIFY_ENDS_APART)
        return media_fail(cx, job, "verify", false, "%s lasts %.2f seconds, its sound %.2f.", name, pictures,
                          sound);
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
        return media_fail(cx, job, "io", false, "The file %s cannot be read again: %s.", name,
                          strerror(errno));
    for (size_t i = 0; i < 32; i++) {
        hash[2 * i] = digits[digest[i] >> 4];
        hash[2 * i + 1] = digits[digest[i] & 15];
    }
    hash[VERIFY_HASH - 1] = '\0';
    *size = total;
    return RC_OK;
}
