#include "lib/media/tool.h"

#include <signal.h>
#include <stdarg.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "lib/base/log.h"

/* Containers a recording may come in; playlists, scripts, images and devices are not among them. */
#define FORMATS "mov,matroska,webm,mpegts,mpeg,flv,avi,asf,mxf,ogg,mp3,aac,wav,flac"

/* Address space of one child: 4K sources with 10 bits and a frame queue per thread need about 2 GiB. */
#define MEMORY_BYTES "6442450944"

enum {
    EXIT_CONFINE = 125,
    EXIT_NORUN = 126,
    EXIT_NOTFOUND = 127,
    EXIT_TERM = 255,
    DISK_LEAST = 4 * 1024 * 1024
};

/* Where a path may begin, and what ends it. */
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

enum rc media_fail(struct cx *cx, struct media_job *job, const char *code, bool permanent, const char *fmt,
                   ...)
{
    enum rc rc = permanent ? RC_INVALID : RC_UNAVAIL;
    if (job->fail.code)
        return rc;
    va_list ap;
    va_start(ap, fmt);
    char *text = arena_vprintf(cx->arena, fmt, ap);
    va_end(ap);
    media_plain_text(text);
    job->fail.text = text;
    job->fail.code = code;
    job->fail.permanent = permanent;
    return err_set(cx, rc, NULL, NULL, "%s: %s", code, job->fail.text);
}

static void start(struct cx *cx, const struct media_job *job, struct child_argv *argv, const char *program)
{
    child_argv_init(argv, cx->arena);
    child_argv_all(argv, job->sandbox, "--mem", MEMORY_BYTES, "--write", job->out, "--write", job->tmp, NULL);
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

void media_tool_input(const struct media_job *job, struct child_argv *argv)
{
    child_argv_all(argv, "-protocol_whitelist", "file", "-format_whitelist", FORMATS, "-i", NULL);
    child_argv_printf(argv, "file:%s", job->source);
}

void media_tool_input_from(const struct media_job *job, double origin, struct child_argv *argv)
{
    /* FFmpeg by itself takes the first time stamp of any stream for 0, those nobody maps included */
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

static enum rc judge(struct cx *cx, struct media_job *job, const struct child_result *r)
{
    switch (r->end) {
    case CHILD_STOPPED:
        return media_fail(cx, job, "killed", false, "The job was stopped.");
    case CHILD_TIMEOUT:
        return media_fail(cx, job, "timeout", false, "The processing stood still for too long.");
    case CHILD_SIGNAL:
        if (r->code == SIGXCPU || r->code == SIGXFSZ)
            return media_fail(cx, job, "timeout", true, "The processing took more than it may.");
        if (r->code == SIGKILL || r->code == SIGTERM || r->code == SIGINT)
            return media_fail(cx, job, "crashed", false, "The processing was killed from outside.");
        return media_fail(cx, job, "crashed", false, "FFmpeg crashed (signal %d).", r->code);
    case CHILD_EXITED:
        break;
    }
    if (r->code == EXIT_CONFINE || r->code == EXIT_NORUN || r->code == EXIT_NOTFOUND)
        return media_fail(cx, job, "internal", false, "The worker cannot run FFmpeg in its sandbox.");
    if (r->code != 0 && (log_says(&job->log, "No space left on device") || disk_is_full(job->out)))
        return media_fail(cx, job, "disk_full", false, "The worker's disk is full.");
    if (r->code != 0 && log_says(&job->log, "Cannot allocate memory"))
        return media_fail(cx, job, "crashed", false, "FFmpeg ran out of memory.");
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
        return media_fail(cx, job, "internal", false, "The worker cannot start its sandbox.");
    job->cpu += r.cpu;
    enum rc rc = judge(cx, job, &r);
    if (rc == RC_OK)
        *status = r.code;
    return rc;
}

enum rc media_tool_must(struct cx *cx, struct media_job *job, const struct child_argv *argv,
                        const struct media_run *run, const char *code)
{
    int status;
    enum rc rc = media_tool_run(cx, job, argv, run, &status);
    if (rc == RC_OK && status != 0)
        rc = media_fail(cx, job, code, true, "FFmpeg refused: %s", child_log_last(cx, &job->log));
    return rc;
}

void media_report(struct media_job *job, double progress, double eta)
{
    if (job->progress)
        job->progress(job->progress_arg, progress < 0 ? 0 : progress > 1 ? 1 : progress, eta);
}
