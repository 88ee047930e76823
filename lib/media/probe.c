#include "lib/media/probe.h"

#include <math.h>

#include "lib/base/buf.h"
#include "lib/media/side.h"
#include "lib/net/json.h"
#include "lib/os/file.h"

enum {
    STREAMS_MAX = 1024 * 1024, /* bytes of ffprobe's JSON */
    PARAMETERS_MAX = 64 * 1024 * 1024,
    LOOK_MS = 60 * 1000, /* for reading the header */
    SCAN_MS = 20 * 60 * 1000,
    STALL_MS = 120 * 1000,
    SIDE_LEAST = 16, /* pixels of a picture */
    SIDE_MAX = 8192,
    CONFIGURATIONS_MAX = 1000
};

/* The longest priming that an encoder puts before the first sound; players skip it. */
#define PRIMING 3136 /* samples: Apple's AAC has 2112 and the rest of a packet */

static void collect(void *arg, char *line)
{
    struct buf *b = arg;
    buf_str(b, line);
    buf_str(b, "\n");
}

static enum rc read_header(struct cx *cx, struct media_job *job, struct probe *p)
{
    struct buf text;
    struct child_argv argv;
    const json_t *root;
    int status;
    buf_init(&text, STREAMS_MAX);
    media_tool_ffprobe(cx, job, &argv);
    child_argv_all(&argv, "-v", "error", "-print_format", "json", "-show_format", "-show_streams", NULL);
    media_tool_input(job, &argv);
    struct media_run run = {.out = collect, .arg = &text, .limit_ms = LOOK_MS};
    enum rc rc = media_tool_run(cx, job, &argv, &run, &status);
    if (rc == RC_OK && status != 0)
        rc = media_fail(cx, job, FAIL_UNREADABLE, "This is not a video file that can be read: %s",
                        child_log_last(cx, &job->log));
    if (rc == RC_OK && (text.overflow || js_parse_object(cx, buf_view(&text), STREAMS_MAX, &root) != RC_OK ||
                        probe_parse_streams(cx, root, p) != RC_OK))
        rc = media_fail(cx, job, FAIL_UNREADABLE, "The description of the file makes no sense.");
    buf_fini(&text);
    return rc;
}

struct scans {
    const struct probe *p;
    bool clocks; /* the file may hold more than one */
    struct probe_clock clock;
    struct probe_scan video, audio;
};

static void scan_line(void *arg, char *line)
{
    struct scans *s = arg;
    struct probe_packet packet;
    if (!probe_parse_packet(line, &packet))
        return;
    bool video = packet.index == s->p->video.index;
    if (!video && !(s->p->has_audio && packet.index == s->p->audio.index))
        return;
    if (s->clocks)
        probe_clock_packet(&s->clock, video, &packet);
    probe_scan_packet(video ? &s->video : &s->audio, &packet);
}

static void set_audio(const struct probe_scan *s, struct probe *p)
{
    struct probe_audio *a = &p->audio;
    p->has_audio = p->has_audio && s->any && a->channels > 0 && a->rate > 0;
    if (!p->has_audio)
        return;
    a->frames = s->packets;
    a->start = s->start < 0 && s->start * a->rate > -PRIMING ? 0 : s->start;
    a->end = s->end;
    a->trimmed = s->hidden_last > PROBE_HIDDEN;
}

static enum rc scan_packets(struct cx *cx, struct media_job *job, struct probe *p)
{
    struct child_argv argv;
    struct scans s = {.p = p, .clocks = strncmp(p->container, "mpeg", 4) == 0, .video.keep = true};
    int status;
    media_tool_ffprobe(cx, job, &argv);
    child_argv_all(&argv, "-v", "error", "-show_entries",
                   "packet=stream_index,pts_time,dts_time,duration_time,flags", "-of", "csv=p=0", NULL);
    media_tool_input(job, &argv);
    struct media_run run = {.out = scan_line, .arg = &s, .limit_ms = SCAN_MS, .stall_ms = STALL_MS};
    enum rc rc = media_tool_run(cx, job, &argv, &run, &status);
    if (rc == RC_OK && (s.video.packets == 0 || s.video.n == 0))
        rc = media_fail(cx, job, FAIL_UNREADABLE, "The file announces a video but holds no pictures.");
    if (rc == RC_OK) {
        probe_scan_video(&s.video, &p->video);
        set_audio(&s.audio, p);
        p->duration = fmax(p->video.end, p->has_audio ? p->audio.end : p->video.end) - probe_origin(p);
        if (p->video.bitrate == 0 && p->duration > 0)
            p->video.bitrate = (int64_t)((double)p->size * 8 / p->duration) - p->audio.bitrate;
    }
    probe_scan_free(&s.video);
    probe_scan_free(&s.audio);
    return rc;
}

struct parameters {
    int stream, configurations;
};

/* Writes only the H.264 sequence parameter sets of each keyframe. If they differ, size or format change in
 * the middle, and a copied rendition would not play past that point. */
static enum rc scan_parameters(struct cx *cx, struct media_job *job, void *arg)
{
    struct parameters *found = arg;
    struct child_argv argv;
    struct str sets;
    int status;
    const char *path = arena_printf(cx->arena, "%s/parameters.h264", job->tmp);
    media_tool_ffmpeg(cx, job, &argv);
    child_argv_all(&argv, "-v", "error", NULL);
    media_tool_input(job, &argv);
    child_argv_add(&argv, "-map");
    child_argv_printf(&argv, "0:%d", found->stream);
    child_argv_all(&argv, "-c", "copy", "-bsf:v", "h264_mp4toannexb,filter_units=pass_types=7", "-f", "h264",
                   NULL);
    child_argv_printf(&argv, "file:%s", path);
    struct media_run run = {.limit_ms = SCAN_MS};
    enum rc rc = media_tool_run(cx, job, &argv, &run, &status);
    if (rc != RC_OK)
        return rc;
    /* If it cannot be determined, a change is assumed: the video is then encoded, which is always correct. */
    found->configurations = 2;
    if (status == 0 && file_read(cx, path, PARAMETERS_MAX, &sets) == RC_OK)
        found->configurations = probe_count_configurations((const unsigned char *)sets.p, sets.n);
    return RC_OK;
}

/* The header announces more than the file contains: the file was cut off on its way. Streams without an index
 * (MPEG-TS, FLV, fragments, a browser's WebM) are used as far as they go, because a recording that was
 * interrupted ends like that. */
static enum rc check_length(struct cx *cx, struct media_job *job, const struct probe *p)
{
    if (p->duration < PROBE_MIN_SECONDS)
        return media_fail(cx, job, FAIL_TOO_SHORT, "The video lasts %.1f seconds; at least %.0f are needed.",
                          p->duration, PROBE_MIN_SECONDS);
    if (p->duration > PROBE_MAX_SECONDS)
        return media_fail(cx, job, FAIL_TOO_LONG, "The video lasts %.1f hours; at most %.0f are possible.",
                          p->duration / 3600, PROBE_MAX_SECONDS / 3600);
    bool indexed = strncmp(p->container, "mov,", 4) == 0;
    if (indexed && p->claimed - p->duration > fmax(1.0, p->claimed * 0.01))
        return media_fail(cx, job, FAIL_UNREADABLE,
                          "The file ends too early: it holds %.1f of %.1f seconds. Please upload it again.",
                          p->duration, p->claimed);
    return RC_OK;
}

static void add_known(const struct media_job *job, struct probe_video *v)
{
    const struct media_pictures *k = &job->pictures;
    if (k->configurations > 1) {
        v->configurations = k->configurations < CONFIGURATIONS_MAX ? k->configurations : CONFIGURATIONS_MAX;
        if (k->width * k->height > v->width * v->height && k->width <= SIDE_MAX && k->height <= SIDE_MAX) {
            v->width = k->width;
            v->height = k->height;
        }
    }
    if (k->left_out)
        snprintf(v->left_out, sizeof v->left_out, "%s", k->left_out);
}

/* The whole file is read for packets and for parameters, at the same time, since the second reader then finds
 * it in memory. */
static enum rc scan(struct cx *cx, struct media_job *job, struct probe *p)
{
    struct media_side side;
    struct parameters found = {.stream = p->video.index, .configurations = p->video.configurations};
    bool h264 = strcmp(p->video.codec, "h264") == 0;
    if (h264)
        media_side_start(&side, job, scan_parameters, &found);
    enum rc rc = scan_packets(cx, job, p);
    enum rc beside = h264 ? media_side_join(&side, cx, job) : RC_OK;
    p->video.configurations = found.configurations;
    add_known(job, &p->video);
    return rc != RC_OK ? rc : beside;
}

enum rc probe_file(struct cx *cx, struct media_job *job, struct probe *out)
{
    struct probe p = {0};
    enum rc rc = read_header(cx, job, &p);
    media_report(job, 0.1, -1);
    if (rc == RC_OK && !p.has_video)
        rc = media_fail(cx, job, FAIL_NO_VIDEO, "The file has no video.");
    if (rc == RC_OK && (p.video.width < SIDE_LEAST || p.video.height < SIDE_LEAST ||
                        p.video.width > SIDE_MAX || p.video.height > SIDE_MAX || p.video.pixels[0] == '\0'))
        rc = media_fail(cx, job, FAIL_UNSUPPORTED,
                        "The video (%s, %dx%d) is of a kind that cannot be processed.", p.video.codec,
                        p.video.width, p.video.height);
    if (rc == RC_OK)
        rc = scan(cx, job, &p);
    media_report(job, 0.9, -1);
    if (rc == RC_OK)
        rc = check_length(cx, job, &p);
    if (rc == RC_OK)
        *out = p;
    return rc;
}
