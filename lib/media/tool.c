#include "lib/media/tool.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "lib/base/log.h"

/* Containers that a recording may have. Playlists, scripts, images and devices are excluded. */
#define FORMATS "mov,matroska,webm,mpegts,mpeg,flv,avi,asf,mxf,ogg,mp3,aac,wav,flac"

/* Address space of one child: 4K sources with 10 bits and a frame queue per thread need about 2 GiB. */
#define MEMORY_BYTES "6442450944"

/* The size limit of a file: a gigabyte, plus 128 Mbit/s of the recording's length, plus four times its
 * source. No rendition, sound or copy comes near that. In addition 64 MiB of the disk stay free for
 * others. */
#define FILE_BASE       ((int64_t)1 << 30)
#define FILE_PER_SECOND ((int64_t)16 << 20)
#define FILE_PER_SOURCE 4
#define DISK_ROOM       ((int64_t)64 << 20)
#define DISK_PIECE      ((int64_t)1 << 20) /* at least this much may be written: 0 would mean no limit */

/* The limit of CPU time: an hour, plus a hundred times the recording's length (three to four were measured
 * for 1080p with all renditions), plus reading the source at a megabyte a second. */
#define CPU_BASE         3600
#define CPU_PER_SECOND   100
#define CPU_SOURCE_BYTES 1000000
#define CPU_MOST         (30 * 24 * 3600) /* what lectern-sandbox takes */

enum {
    EXIT_CONFINE = 125,
    EXIT_NORUN = 126,
    EXIT_NOTFOUND = 127,
    EXIT_TERM = 255, /* of FFmpeg, which ends by itself after SIGTERM and SIGINT */
    DISK_LEAST = 4 * 1024 * 1024
};

/* True where a path may begin. */
static bool opens_path(const char *text, const char *at)
{
    return *at == '/' && (at == text || strchr(" \t\"'`([=:,", at[-1]));
}

static size_t path_length(const char *at)
{
    size_t n = strcspn(at, " \t\n\"'`)],;");
    while (n > 1 && (at[n - 1] == ':' || at[n - 1] == '.'))
        n--;
    return n;
}

void media_plain_text(char *text)
{
    char *to = text;
    for (const char *at = text; *at;) {
        const char *mark = *at == '[' ? strchr(at, ']') : NULL;
        const char *address = mark ? strstr(at, " @ 0x") : NULL;
        if (address && address < mark) {
            at = mark + 1;
            at += *at == ' ';
            continue;
        }
        if (!opens_path(text, at)) {
            *to++ = *at++;
            continue;
        }
        if (to - text >= 5 && memcmp(to - 5, "file:", 5) == 0)
            to -= 5;
        const char *end = at + path_length(at), *name = end;
        while (name > at && name[-1] != '/')
            name--;
        while (name < end)
            *to++ = *name++;
        at = end;
    }
    *to = '\0';
}

static enum rc note(struct cx *cx, struct media_job *job, enum failure why, bool permanent, const char *fmt,
                    va_list ap)
{
    enum rc rc = permanent ? RC_INVALID : RC_UNAVAIL;
    if (job->fail.text)
        return rc;
    char *text = arena_vprintf(cx->arena, fmt, ap);
    media_plain_text(text);
    job->fail.text = text;
    job->fail.why = why;
    job->fail.permanent = permanent;
    return err_set(cx, rc, NULL, NULL, "%s: %s", wire_failure_name(why), text);
}

enum rc media_fail(struct cx *cx, struct media_job *job, enum failure why, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    enum rc rc = note(cx, job, why, wire_failure(why)->permanent, fmt, ap);
    va_end(ap);
    return rc;
}

enum rc media_fail_for_good(struct cx *cx, struct media_job *job, enum failure why, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    enum rc rc = note(cx, job, why, true, fmt, ap);
    va_end(ap);
    return rc;
}

static int64_t source_size(const struct media_job *job)
{
    struct stat st;
    return job->source && stat(job->source, &st) == 0 ? (int64_t)st.st_size : 0;
}

/* Bytes that may still be written to the disk of the job's results. */
static int64_t disk_room(const struct media_job *job)
{
    struct statvfs s;
    if (statvfs(job->out, &s) != 0)
        return INT64_MAX;
    int64_t left = (int64_t)(s.f_bavail * s.f_frsize) - DISK_ROOM;
    return left > DISK_PIECE ? left : DISK_PIECE;
}

static int64_t file_most(const struct media_job *job)
{
    int64_t most = FILE_BASE + (int64_t)(job->seconds * FILE_PER_SECOND) + FILE_PER_SOURCE * source_size(job);
    int64_t room = disk_room(job);
    if (job->file_most)
        most = job->file_most;
    return room < most ? room : most;
}

static int64_t cpu_most(const struct media_job *job)
{
    int64_t most = CPU_BASE + (int64_t)(job->seconds * CPU_PER_SECOND) + source_size(job) / CPU_SOURCE_BYTES;
    if (job->cpu_most)
        most = job->cpu_most;
    return most < CPU_MOST ? most : CPU_MOST;
}

static void start(struct cx *cx, const struct media_job *job, struct child_argv *argv, const char *program)
{
    child_argv_init(argv, cx->arena);
    child_argv_all(argv, job->sandbox, "--mem", MEMORY_BYTES, "--write", job->out, "--write", job->tmp, NULL);
    child_argv_add(argv, "--fsize");
    child_argv_printf(argv, "%lld", (long long)file_most(job));
    child_argv_add(argv, "--cpu");
    child_argv_printf(argv, "%lld", (long long)cpu_most(job));
    child_argv_add(argv, "--parent");
    child_argv_printf(argv, "%ld", (long)getpid());
    if (job->source)
        child_argv_all(argv, "--read", job->source, NULL);
    if (job->nice > 0) {
        child_argv_add(argv, "--nice");
        child_argv_printf(argv, "%d", job->nice);
    }
    child_argv_all(argv, "--", program, "-hide_banner", NULL);
}

void media_tool_ffmpeg(struct cx *cx, const struct media_job *job, struct child_argv *argv)
{
    start(cx, job, argv, job->ffmpeg);
    child_argv_all(argv, "-nostdin", "-nostats", "-y", NULL);
}

void media_tool_ffprobe(struct cx *cx, const struct media_job *job, struct child_argv *argv)
{
    start(cx, job, argv, job->ffprobe);
}

static bool is_flv(const char *path)
{
    char head[3] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool yes = fd >= 0 && read(fd, head, sizeof head) == sizeof head && memcmp(head, "FLV", sizeof head) == 0;
    if (fd >= 0)
        close(fd);
    return yes;
}

void media_tool_input(const struct media_job *job, struct child_argv *argv)
{
    /* a recording that was interrupted ends within a packet: without that one, nothing of it is damaged. In other
     * formats FFmpeg also calls packets corrupt that it can decode. */
    if (is_flv(job->source))
        child_argv_all(argv, "-fflags", "+discardcorrupt", NULL);
    child_argv_all(argv, "-protocol_whitelist", "file", "-format_whitelist", FORMATS, "-max_streams", NULL);
    child_argv_printf(argv, "%d", MEDIA_TRACKS_MAX);
    child_argv_add(argv, "-i");
    child_argv_printf(argv, "file:%s", job->source);
}

void media_tool_input_from(const struct media_job *job, double origin, struct child_argv *argv)
{
    /* by default FFmpeg takes the first time stamp of any stream as 0, also of streams that are not used */
    child_argv_all(argv, "-seek_timestamp", "1", "-itsoffset", NULL);
    child_argv_printf(argv, "%.6f", 0 - origin);
    media_tool_input(job, argv);
}

void media_tool_own_input(struct child_argv *argv, const char *path)
{
    child_argv_all(argv, "-protocol_whitelist", "file", "-i", NULL);
    child_argv_printf(argv, "file:%s", path);
}

static bool disk_is_full(const char *path)
{
    struct statvfs s;
    return statvfs(path, &s) == 0 && (uint64_t)s.f_bavail * s.f_frsize < DISK_LEAST;
}

static bool log_says(const struct child_log *log, const char *words)
{
    return memmem(log->text, log->n, words, strlen(words)) != NULL;
}

/* FFmpeg ends by itself after SIGXCPU; other programs are killed. */
static bool cpu_is_over(const struct media_job *job, const struct child_result *r)
{
    return (r->end == CHILD_SIGNAL || (r->end == CHILD_EXITED && r->code != 0)) &&
           r->cpu >= (double)cpu_most(job);
}

static enum rc file_is_too_large(struct cx *cx, struct media_job *job)
{
    if (disk_room(job) <= DISK_PIECE)
        return media_fail(cx, job, FAIL_DISK_FULL, "The worker's disk has too little room left.");
    return media_fail(cx, job, FAIL_TOO_LARGE,
                      "The processing wrote far more than a recording of this length needs.");
}

static enum rc was_killed(struct cx *cx, struct media_job *job)
{
    return media_fail(cx, job, FAIL_CRASHED, "The processing was killed from outside.");
}

static enum rc judge(struct cx *cx, struct media_job *job, const struct child_result *r)
{
    if (cpu_is_over(job, r))
        return media_fail_for_good(
            cx, job, FAIL_TIMEOUT,
            "The processing used far more computing time than a recording of this length needs.");
    switch (r->end) {
    case CHILD_STOPPED:
        return media_fail(cx, job, FAIL_KILLED, "The job was stopped.");
    case CHILD_TIMEOUT:
        return media_fail(cx, job, FAIL_TIMEOUT, "The processing stood still for too long.");
    case CHILD_SIGNAL:
        if (r->code == SIGXFSZ)
            return file_is_too_large(cx, job);
        if (r->code == SIGKILL || r->code == SIGTERM || r->code == SIGINT)
            return was_killed(cx, job);
        return media_fail(cx, job, FAIL_CRASHED, "FFmpeg crashed (signal %d).", r->code);
    case CHILD_EXITED:
        break;
    }
    if (r->code == EXIT_TERM)
        return was_killed(cx, job);
    if (r->code == EXIT_CONFINE || r->code == EXIT_NORUN || r->code == EXIT_NOTFOUND)
        return media_fail(cx, job, FAIL_INTERNAL, "The worker cannot run FFmpeg in its sandbox.");
    if (r->code != 0 && (log_says(&job->log, "No space left on device") || disk_is_full(job->out)))
        return media_fail(cx, job, FAIL_DISK_FULL, "The worker's disk is full.");
    /* of most containers FFmpeg reports a lack of memory then, of MPEG-TS it reads the first tracks */
    if (log_says(&job->log, "exceeds max_streams"))
        return media_fail(cx, job, FAIL_TOO_MANY_TRACKS, "The file has more than %d tracks.",
                          MEDIA_TRACKS_MAX);
    if (r->code != 0 && log_says(&job->log, "Cannot allocate memory"))
        return media_fail(cx, job, FAIL_CRASHED, "FFmpeg ran out of memory.");
    return RC_OK;
}

enum rc media_tool_run(struct cx *cx, struct media_job *job, const struct child_argv *argv,
                       const struct media_run *run, int *status)
{
    struct child c = {.argv = argv->v,
                      .out = run->out,
                      .err = run->err,
                      .arg = run->arg,
                      .log = &job->log,
                      .stop = job->stop,
                      .limit_ms = run->limit_ms,
                      .stall_ms = run->stall_ms};
    struct child_result r;
    if (child_run(cx, &c, &r) != RC_OK)
        return media_fail(cx, job, FAIL_INTERNAL, "The worker cannot start its sandbox.");
    job->cpu += r.cpu;
    enum rc rc = judge(cx, job, &r);
    if (rc == RC_OK)
        *status = r.code;
    return rc;
}

enum rc media_tool_must(struct cx *cx, struct media_job *job, const struct child_argv *argv,
                        const struct media_run *run, enum failure why)
{
    int status;
    enum rc rc = media_tool_run(cx, job, argv, run, &status);
    if (rc == RC_OK && status != 0)
        rc = media_fail_for_good(cx, job, why, "FFmpeg refused: %s", child_log_last(cx, &job->log));
    return rc;
}

void media_report(struct media_job *job, double progress, double eta)
{
    if (job->progress)
        job->progress(job->progress_arg, progress < 0 ? 0 : progress > 1 ? 1 : progress, eta);
}
