#include "lib/media/audio.h"

#include <math.h>

#include "lib/base/mem.h"

enum { PASS_MS = 60 * 60 * 1000, MAX_WINDOWS = 13 * 3600 * 10, TRIES = 3 };

#define WINDOW       "4800" /* samples: a tenth of a second */
#define ABOVE_FLOOR  6.0    /* dB between the quietest tenth's peaks and the threshold */
#define BELOW_SPEECH 10.0   /* dB between the loudest tenth and the threshold, if there is no pause */
#define QUIETEST     -50.0  /* dBFS, limits of the threshold */
#define LOUDEST      -30.0
#define SHORTEST     "3" /* seconds of a pause worth skipping */
#define JOIN_SECONDS 0.3
#define GAIN_MOST    40.0
#define CEILING      -2.0 /* dBFS: the limiter measures samples; true peaks and the codec add to them */
#define CEILING_STEP 0.3  /* dB below what a measured overshoot asks for */

static double tail_number(const char *line, const char *name)
{
    const char *at = strstr(line, name);
    if (!at)
        return NAN;
    at += strlen(name);
    while (*at == ' ')
        at++;
    if (strncmp(at, "-inf", 4) == 0)
        return -INFINITY;
    char *end;
    double d = strtod(at, &end);
    return end == at ? NAN : d;
}

bool audio_parse_level(const char *line, struct audio_level *level, bool *in_peak)
{
    if (strstr(line, "True peak:")) {
        *in_peak = true;
        return true;
    }
    double lufs = tail_number(line, " I:"), peak = *in_peak ? tail_number(line, "Peak:") : NAN;
    if (!isnan(lufs) && strstr(line, "LUFS"))
        level->lufs = lufs <= -70 ? -INFINITY : lufs;
    else if (!isnan(peak) && strstr(line, "dBFS"))
        level->peak = peak;
    else
        return false;
    return true;
}

int audio_parse_silence(const char *line, double *at)
{
    double start = tail_number(line, "silence_start:"), end = tail_number(line, "silence_end:");
    if (!isnan(start) && isfinite(start)) {
        *at = start;
        return -1;
    }
    if (!isnan(end) && isfinite(end)) {
        *at = end;
        return 1;
    }
    return 0;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double audio_threshold(double *peaks, size_t n, double *floor)
{
    if (n == 0) {
        *floor = -INFINITY;
        return QUIETEST;
    }
    qsort(peaks, n, sizeof *peaks, compare);
    *floor = peaks[n / 10];
    double most = fmin(LOUDEST, peaks[n - 1 - n / 10] - BELOW_SPEECH);
    return fmax(fmin(*floor + ABOVE_FLOOR, most), QUIETEST);
}

size_t audio_join(struct audio_span *s, size_t n, double duration)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        struct audio_span span = {fmax(s[i].start, 0), fmin(s[i].end, duration)};
        if (span.end <= span.start)
            continue;
        if (kept > 0 && span.start - s[kept - 1].end < JOIN_SECONDS)
            s[kept - 1].end = fmax(span.end, s[kept - 1].end);
        else
            s[kept++] = span;
    }
    return kept;
}

/* What is read from the two outputs of one pass. */
struct pass {
    struct audio_level level;
    bool in_peak;
    double *peaks;
    size_t n_peaks, size;
    struct audio_span *spans;
    size_t n_spans;
    bool open; /* a pause has begun */
};

static void peak_line(void *arg, char *line)
{
    struct pass *p = arg;
    double peak = tail_number(line, "Peak_level=");
    if (isnan(peak) || p->n_peaks == MAX_WINDOWS)
        return;
    if (p->n_peaks == p->size) {
        p->size = p->size ? p->size * 2 : 4096;
        p->peaks = mem_resize(p->peaks, p->size * sizeof *p->peaks);
    }
    p->peaks[p->n_peaks++] = peak;
}

static void log_line(void *arg, char *line)
{
    struct pass *p = arg;
    double at;
    if (audio_parse_level(line, &p->level, &p->in_peak) || !p->spans)
        return;
    int what = audio_parse_silence(line, &at);
    if (what < 0 && p->n_spans < AUDIO_MAX_SILENCES) {
        p->spans[p->n_spans++] = (struct audio_span){at, INFINITY};
        p->open = true;
    } else if (what > 0 && p->open) {
        p->spans[p->n_spans - 1].end = at;
        p->open = false;
    }
}

static enum rc run(struct cx *cx, struct media_job *job, const struct child_argv *argv, struct pass *pass)
{
    struct media_run r = {.out = peak_line, .err = log_line, .arg = pass, .limit_ms = PASS_MS};
    return media_tool_must(cx, job, argv, &r, FAIL_UNREADABLE);
}

static const char *layout_of(const struct plan *plan)
{
    return plan->audio_channels == 1 ? "mono" : "stereo";
}

/* Without -vn FFmpeg would decode the video as well; without the second option it would decode some frames to
 * examine the stream. */
static void sound_input(const struct media_job *job, const struct probe *p, struct child_argv *argv)
{
    child_argv_all(argv, "-vn", "-skip_frame:v", "all", NULL);
    media_tool_input_from(job, probe_origin(p), argv);
}

/* Decodes `path` (or the source) once and measures it. */
static enum rc measure(struct cx *cx, struct media_job *job, const struct probe *p, const char *layout,
                       const char *path, struct pass *pass)
{
    struct child_argv argv;
    pass->level = (struct audio_level){-INFINITY, -INFINITY};
    media_tool_ffmpeg(cx, job, &argv);
    child_argv_all(&argv, "-v", "info", NULL);
    if (path)
        media_tool_own_input(&argv, path);
    else
        sound_input(job, p, &argv);
    child_argv_add(&argv, "-map");
    child_argv_printf(&argv, "0:%d", path ? 0 : p->audio.index);
    child_argv_add(&argv, "-af");
    const char *meter = "ebur128=peak=true:framelog=verbose";
    if (path)
        child_argv_add(&argv, meter);
    else
        child_argv_printf(&argv,
                          "aresample=48000,aformat=channel_layouts=%s,%s,asetnsamples=" WINDOW
                          ",astats=metadata=1:reset=1:measure_perchannel=none:measure_overall=Peak_level,"
                          "ametadata=print:key=lavfi.astats.Overall.Peak_level:file=pipe\\\\:1",
                          layout, meter);
    child_argv_all(&argv, "-f", "null", "-", NULL);
    return run(cx, job, &argv, pass);
}

static enum rc encode(struct cx *cx, struct media_job *job, const struct probe *p, const struct plan *plan,
                      const struct audio_result *r, double ceiling, const char *path, struct pass *pass)
{
    struct child_argv argv;
    media_tool_ffmpeg(cx, job, &argv);
    child_argv_all(&argv, "-v", "info", NULL);
    sound_input(job, p, &argv);
    child_argv_add(&argv, "-map");
    child_argv_printf(&argv, "0:%d", p->audio.index);
    child_argv_add(&argv, "-af");
    /* Gaps are filled with silence, so that the sound after a gap stays in time with the picture. Pauses are
     * detected before the gain is applied, as the threshold was. The limiter delays the sound a little;
     * `latency` compensates for that. */
    child_argv_printf(
        &argv,
        "aresample=48000:async=1:first_pts=0,aformat=channel_layouts=%s,silencedetect=noise=%.1fdB:"
        "d=" SHORTEST
        ",volume=%.2fdB,alimiter=limit=%.4f:level=0:attack=5:release=60:latency=1,apad=whole_dur=%.3f,"
        "atrim=0:%.3f",
        layout_of(plan), r->threshold, r->gain, pow(10, ceiling / 20), plan->duration, plan->duration);
    child_argv_all(&argv, "-map_metadata", "-1", "-c:a", "aac", "-b:a",
                   plan->audio_channels == 1 ? "96k" : "128k", "-f", "mp4", NULL);
    child_argv_printf(&argv, "file:%s", path);
    pass->n_spans = 0;
    pass->open = false;
    return run(cx, job, &argv, pass);
}

static bool is_level(const struct audio_level *l)
{
    return fabs(l->lufs - AUDIO_TARGET_LUFS) <= AUDIO_TOLERANCE && l->peak <= AUDIO_PEAK;
}

/* The limiter makes the sound quieter: the missing gain is added and the pass, which is cheap, is
 * repeated. */
static enum rc level_out(struct cx *cx, struct media_job *job, const struct probe *p, const struct plan *plan,
                         const char *path, struct pass *pass, struct audio_result *r)
{
    bool silent = !(r->before.lufs > AUDIO_LEAST_LUFS);
    r->gain = silent ? 0 : fmin(AUDIO_TARGET_LUFS - r->before.lufs, GAIN_MOST);
    double ceiling = CEILING;
    for (int i = 0; i < TRIES; i++) {
        struct pass check = {0};
        if (i > 0) {
            r->gain = fmin(r->gain + AUDIO_TARGET_LUFS - r->after.lufs, GAIN_MOST);
            if (r->after.peak > AUDIO_PEAK)
                ceiling -= r->after.peak - AUDIO_PEAK + CEILING_STEP;
        }
        enum rc rc = encode(cx, job, p, plan, r, ceiling, path, pass);
        if (rc == RC_OK)
            rc = measure(cx, job, p, layout_of(plan), path, &check);
        free(check.peaks);
        if (rc != RC_OK)
            return rc;
        r->after = check.level;
        if (silent || is_level(&r->after) || !isfinite(r->after.lufs))
            return RC_OK;
    }
    /* Sound that consists of peaks (a click track) cannot reach the loudness without exceeding the ceiling.
     * The limit of the peaks is the one that must hold. */
    if (r->after.peak <= AUDIO_PEAK)
        return RC_OK;
    return media_fail(cx, job, FAIL_VERIFY, "The sound could not be levelled: %.1f LUFS, peak %.1f dB.",
                      r->after.lufs, r->after.peak);
}

enum rc audio_make(struct cx *cx, struct media_job *job, const struct probe *p, const struct plan *plan,
                   const char *path, struct audio_result *out)
{
    struct pass pass = {.spans = arena_array(cx->arena, AUDIO_MAX_SILENCES, sizeof *pass.spans)};
    struct audio_result r = {0};
    enum rc rc = measure(cx, job, p, layout_of(plan), NULL, &pass);
    if (rc == RC_OK) {
        r.before = pass.level;
        r.threshold = audio_threshold(pass.peaks, pass.n_peaks, &r.floor);
        media_report(job, 0.03, -1);
        rc = level_out(cx, job, p, plan, path, &pass, &r);
    }
    free(pass.peaks);
    if (rc != RC_OK)
        return rc;
    r.silences = pass.spans;
    r.n = audio_join(pass.spans, pass.n_spans, plan->duration);
    *out = r;
    return RC_OK;
}
