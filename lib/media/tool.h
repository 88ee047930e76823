/* ffmpeg and ffprobe in the sandbox: what every step of a media job shares. A step may read the job's input
 * and its two folders, write to the two folders, and has no network. Formats and protocols are allow-listed
 * before each input. Memory, CPU time, file size and the number of tracks have limits; the step limits the
 * time. */
#ifndef LIB_MEDIA_TOOL_H
#define LIB_MEDIA_TOOL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/media/child.h"
#include "lib/wire/words.h"

/* Tracks of a source, of any kind. FFmpeg reads ahead for each of them before it says what is in a file, so their
 * number costs time and memory (900 of H.264: 43 s). */
enum { MEDIA_TRACKS_MAX = 128 };

/* progress 0..1 and the seconds still to go (-1: unknown). */
typedef void media_progress(void *arg, double progress, double eta);

/* A file of job->out is finished: it may be taken away while the rest of the job continues (which may still
 * fail). The job fails if the call fails. */
typedef enum rc media_deliver(void *arg, const char *name, const char *sha256);

/* What the caller knows of the pictures of a source that it joined from recordings, since FFmpeg's filters do not see
 * that an FLV announces other parameter sets on the way. All 0: nothing. */
struct media_pictures {
    int configurations;   /* how many different parameter sets it has */
    int width, height;    /* of the largest of them; 0: not known */
    const char *left_out; /* codec of pictures that could not be joined, NULL: none */
};

/* One media job. The caller owns it and all texts; one thread uses it. */
struct media_job {
    const char *sandbox, *ffmpeg, *ffprobe; /* absolute paths */
    const char *source;                     /* absolute path of the input */
    const char *out;                        /* folder for artifacts, absolute, exists, empty */
    const char *tmp;                        /* folder for intermediate files, absolute, exists, empty */
    int nice;
    struct media_pictures pictures;
    double seconds;              /* how long the recording is; 0: not known yet */
    int64_t file_most, cpu_most; /* of one run: bytes of a file, seconds of CPU; 0: what `source` and
                                  * `seconds` let expect, many times over */
    const atomic_bool *stop;
    media_progress *progress; /* or NULL */
    void *progress_arg;
    media_deliver *deliver; /* or NULL: everything stands in the outputs at the end */
    void *deliver_arg;
    struct child_log log;
    double cpu; /* seconds used by children so far */
    /* Why it failed; text is NULL while it has not. */
    struct {
        enum failure why;
        const char *text; /* one sentence, in the arena */
        bool permanent;   /* the same input fails again anywhere */
    } fail;
};

/* Makes a message of FFmpeg readable, in place: of each path only the file's name stays, "[mov @ 0x55…]" is
 * removed. */
void media_plain_text(char *text);

/* Notes the failure (the first one counts; its text becomes plain), permanent if it is so by nature, and
 * returns RC_INVALID if it is permanent, else RC_UNAVAIL. */
WARN_UNUSED enum rc media_fail(struct cx *cx, struct media_job *job, enum failure why, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* The same for one that is permanent this time, whatever its nature. */
WARN_UNUSED enum rc media_fail_for_good(struct cx *cx, struct media_job *job, enum failure why,
                                        const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Starts an argument list: sandbox, its options, "--", program, and the options every run has. */
void media_tool_ffmpeg(struct cx *cx, const struct media_job *job, struct child_argv *argv);
void media_tool_ffprobe(struct cx *cx, const struct media_job *job, struct child_argv *argv);
/* The allow-lists and "-i file:PATH": for the foreign input, and for files that an earlier step made. */
void media_tool_input(const struct media_job *job, struct child_argv *argv);
/* The same for FFmpeg, with `origin` (seconds of the source's clock) as time 0. */
void media_tool_input_from(const struct media_job *job, double origin, struct child_argv *argv);
void media_tool_own_input(struct child_argv *argv, const char *path);

struct media_run {
    child_line *out, *err;
    void *arg;
    int64_t limit_ms, stall_ms;
};

/* Runs the program and decides what its end means: signals, time-outs, limits, a full disk and a missing
 * program are failures with codes of their own. An exit status other than 0 is left to the caller in *status,
 * since only the step knows its meaning. */
WARN_UNUSED enum rc media_tool_run(struct cx *cx, struct media_job *job, const struct child_argv *argv,
                                   const struct media_run *run, int *status);
/* The same; a status other than 0 is the permanent failure `why` with the log's last line. */
WARN_UNUSED enum rc media_tool_must(struct cx *cx, struct media_job *job, const struct child_argv *argv,
                                    const struct media_run *run, enum failure why);

void media_report(struct media_job *job, double progress, double eta);

#endif
