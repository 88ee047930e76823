#include "lib/media/make.h"

#include <dirent.h>
#include <math.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/media/audio.h"
#include "lib/media/command.h"
#include "lib/media/side.h"
#include "lib/media/verify.h"
#include "lib/os/file.h"

enum {
    TEXT_MAX = 1024 * 1024,
    MAX_CHAPTERS = 1000,
    MAX_FILES = 64,
    STALL_MS = 180 * 1000,
    STEP_MS = 30 * 60 * 1000
};

#define LISTED_APART     0.01 /* seconds by which a playlist's end may differ from its file's */
#define CHAPTER_DISTANCE 3.0  /* seconds: slide changes closer than that are one */
#define DOWNLOAD_HEIGHT  720  /* shorter side of what a student downloads, at most */

/* What FFmpeg reports during the encode. */
struct encode {
    struct media_job *job;
    double duration;
    double from, to; /* its part of the job's progress */
    int64_t started, frames;
    double chapters[MAX_CHAPTERS];
    size_t n_chapters;
    int64_t damage; /* decoder errors */
};

static void progress_line(void *arg, char *line)
{
    struct encode *e = arg;
    int64_t n;
    if (strncmp(line, "frame=", 6) == 0 && str_to_i64(str_trim(str_of(line + 6)), 0, INT64_MAX, &n))
        e->frames = n;
    if (strncmp(line, "out_time_us=", 12) != 0 || !str_to_i64(str_of(line + 12), 0, INT64_MAX, &n))
        return;
    double part = fmin((double)n / 1e6 / e->duration, 1), spent = (double)(clock_mono() - e->started) / 1000;
    media_report(e->job, e->from + part * (e->to - e->from), part > 0.02 ? spent / part - spent : -1);
}

static void error_line(void *arg, char *line)
{
    struct encode *e = arg;
    const char *at = strstr(line, "lavfi.scd.time=");
    if (at) {
        double t = strtod(at + 15, NULL);
        if (e->n_chapters < MAX_CHAPTERS &&
            (e->n_chapters == 0 || t - e->chapters[e->n_chapters - 1] >= CHAPTER_DISTANCE))
            e->chapters[e->n_chapters++] = t;
        return;
    }
    if (strstr(line, "[error]") && (strstr(line, "rror while decoding") || strstr(line, "[h264 @")))
        e->damage++;
}

static enum rc write_text(struct cx *cx, struct media_job *job, const char *name, const struct buf *text)
{
    if (text->overflow ||
        file_write(cx, arena_printf(cx->arena, "%s/%s", job->out, name), buf_view(text), 0644) != RC_OK)
        return media_fail(cx, job, FAIL_DISK_FULL, "The file %s cannot be written.", name);
    return RC_OK;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_listed(const json_t *files, const char *name)
{
    for (size_t i = 0; i < json_array_size(files); i++)
        if (strcmp(json_string_value(json_object_get(json_array_get(files, i), "name")), name) == 0)
            return true;
    return false;
}

/* A finished file of job->out: adds {name, size, sha256} to the list and delivers it. */
static enum rc add_file(struct cx *cx, struct media_job *job, const char *name, json_t *files)
{
    char hash[VERIFY_HASH];
    int64_t size;
    if (is_listed(files, name))
        return RC_OK;
    enum rc rc = verify_hash(cx, job, name, hash, &size);
    if (rc != RC_OK)
        return rc;
    json_array_append_new(
        files, json_pack("{s:s, s:I, s:s}", "name", name, "size", (json_int_t)size, "sha256", hash));
    return job->deliver ? job->deliver(job->deliver_arg, name, hash) : RC_OK;
}

/* Everything in job->out that is not in the list yet, sorted. */
static enum rc list_files(struct cx *cx, struct media_job *job, json_t *files)
{
    const char *names[MAX_FILES];
    size_t n = 0;
    enum rc rc = RC_OK;
    DIR *d = opendir(job->out);
    if (!d)
        return media_fail(cx, job, FAIL_IO, "The folder of results cannot be read.");
    for (struct dirent *e; n < MAX_FILES && (e = readdir(d)) != NULL;)
        if (e->d_name[0] != '.')
            names[n++] = arena_strdup(cx->arena, e->d_name);
    closedir(d);
    qsort(names, n, sizeof *names, by_name);
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        rc = add_file(cx, job, names[i], files);
    return rc;
}

/* Playlists and files of the finished renditions are read again, judged and written down. */
struct result {
    struct verify_track videos[PLAN_MAX_RUNGS], audio;
    int n; /* renditions, from the top */
    int64_t frames;
};

/* A playlist that ends elsewhere than its file would give the player's seek bar the wrong length. */
static enum rc mend_playlist(struct cx *cx, struct media_job *job, const char *name,
                             const struct verify_track *t)
{
    struct buf text;
    struct hls_playlist playlist;
    const char *file = arena_printf(cx->arena, "%s.m3u8", name);
    if (fabs(t->listed - t->end) < LISTED_APART)
        return RC_OK;
    if (verify_read_playlist(cx, job, name, &playlist) != RC_OK)
        return media_fail(cx, job, FAIL_IO, "The file %s cannot be read again.", file);
    make_ending(&playlist, t->end);
    buf_init(&text, TEXT_MAX);
    hls_write(&text, &playlist);
    enum rc rc = write_text(cx, job, file, &text);
    buf_fini(&text);
    return rc;
}

static enum rc verify_all(struct cx *cx, struct media_job *job, const struct probe *p,
                          const struct plan *plan, struct result *r)
{
    enum rc rc = RC_OK;
    if (plan->has_audio)
        rc = verify_read(cx, job, "audio", &r->audio);
    for (int i = 0; i < r->n && rc == RC_OK; i++) {
        const struct plan_rung *g = &plan->rungs[i];
        rc = verify_read(cx, job, g->name, &r->videos[i]);
        if (rc == RC_OK && g->copy)
            rc = verify_copied(cx, job, p, g->name, &r->videos[i]);
        else if (rc == RC_OK)
            rc = verify_encoded(cx, job, plan, g->name, &r->videos[i], r->frames);
        if (rc == RC_OK && plan->has_audio)
            rc = verify_ends(cx, job, g->name, &r->videos[i], &r->audio);
        if (rc == RC_OK)
            rc = mend_playlist(cx, job, g->name, &r->videos[i]);
    }
    return rc;
}

static json_t *renditions_json(const struct plan *plan, const struct result *r)
{
    json_t *list = json_array();
    for (int i = 0; i < r->n; i++) {
        const struct plan_rung *g = &plan->rungs[i];
        const struct verify_track *t = &r->videos[i];
        json_array_append_new(list,
                              json_pack("{s:s, s:i, s:i, s:I, s:I, s:f, s:b, s:s}", "name", g->name, "width",
                                        g->width, "height", g->height, "bitrate", (json_int_t)t->average,
                                        "frames", (json_int_t)t->packets, "duration", t->end - t->start,
                                        "copied", (int)g->copy, "codec", t->codec));
    }
    return list;
}

/* What both generations have in common: master playlist, files with hashes, figures. `files`: what is listed
 * already. */
static enum rc finish(struct cx *cx, struct media_job *job, const struct plan *plan, const struct result *r,
                      json_t *files, json_t **out)
{
    struct buf text;
    const struct verify_track *audio = plan->has_audio ? &r->audio : NULL;
    buf_init(&text, TEXT_MAX);
    make_master(&text, plan, r->videos, r->n, audio);
    enum rc rc = write_text(cx, job, "master.m3u8", &text);
    buf_fini(&text);
    if (rc == RC_OK)
        rc = list_files(cx, job, files);
    if (rc == RC_OK)
        *out = json_pack("{s:O, s:f, s:o, s:o, s:[], s:[], s:n, s:n}", "files", files, "duration",
                         plan->duration, "renditions", renditions_json(plan, r), "audio",
                         audio ? json_pack("{s:s, s:i, s:I, s:f}", "name", "audio", "channels",
                                           plan->audio_channels, "bitrate", (json_int_t)audio->average,
                                           "duration", audio->end - audio->start)
                               : json_null(),
                         "silences", "chapters", "loudness", "sprite");
    return rc;
}

enum rc make_probe(struct cx *cx, struct media_job *job, enum view_kind view, json_t **out)
{
    struct probe p;
    struct plan plan;
    enum rc rc = probe_file(cx, job, &p);
    if (rc != RC_OK)
        return rc;
    plan_make(&p, view, true, &plan);
    *out = json_pack("{s:o, s:o}", "probe", probe_to_json(&p), "plan", plan_to_json(&plan));
    return RC_OK;
}

struct checking {
    const struct probe *p;
    const struct plan *plan;
    struct result *r;
};

static enum rc check_step(struct cx *cx, struct media_job *job, void *arg)
{
    const struct checking *c = arg;
    return verify_all(cx, job, c->p, c->plan, c->r);
}

/* The copies are read again and checked. Hashing and delivering them go on at the same time; if the check
 * fails, the job fails. */
static enum rc check_copies(struct cx *cx, struct media_job *job, const struct checking *c, json_t *files)
{
    struct media_side side;
    struct checking copy = *c;
    media_side_start(&side, job, check_step, &copy);
    enum rc rc = add_file(cx, job, arena_printf(cx->arena, "%s.mp4", c->plan->rungs[0].name), files);
    if (rc == RC_OK && c->plan->has_audio)
        rc = add_file(cx, job, "audio.mp4", files);
    enum rc checked = media_side_join(&side, cx, job);
    return checked != RC_OK ? checked : rc;
}

static enum rc copy_streams(struct cx *cx, struct media_job *job, const struct probe *p,
                            const struct plan *plan)
{
    struct child_argv argv;
    struct encode e = {
        .job = job, .duration = plan->duration, .from = 0, .to = 0.6, .started = clock_mono(), .frames = -1};
    struct media_run run = {.out = progress_line, .arg = &e, .stall_ms = STALL_MS};
    struct media_run step = {.limit_ms = STEP_MS};
    int status; /* a failure is ignored: the lecture can be watched without a poster */
    command_quick(cx, job, p, plan, &argv);
    enum rc rc = media_tool_must(cx, job, &argv, &run, FAIL_UNREADABLE);
    if (rc != RC_OK)
        return rc;
    command_poster(cx, job, p, plan, &argv);
    return media_tool_run(cx, job, &argv, &step, &status);
}

enum rc make_quick(struct cx *cx, struct media_job *job, const struct probe *p, const struct plan *plan,
                   json_t **out)
{
    struct result r = {.n = 1};
    job->seconds = plan->duration;
    struct checking checking = {p, plan, &r};
    if (!plan->quick)
        return media_fail(cx, job, FAIL_UNSUPPORTED, "Nothing of this source can be copied.");
    json_t *files = json_array();
    enum rc rc = copy_streams(cx, job, p, plan);
    if (rc == RC_OK)
        rc = check_copies(cx, job, &checking, files);
    media_report(job, 0.95, -1);
    if (rc == RC_OK)
        rc = finish(cx, job, plan, &r, files, out);
    json_decref(files);
    return rc;
}

/* thumbs.vtt beside thumbs.jpg; *json gets {file, track, columns, rows, width, height, interval, count}. */
static enum rc make_sprite(struct cx *cx, struct media_job *job, const struct plan *plan, json_t **json)
{
    struct buf text;
    struct command_sheet s;
    command_sheet(plan, &s);
    if (access(arena_printf(cx->arena, "%s/thumbs.jpg", job->out), R_OK) != 0)
        return media_fail(cx, job, FAIL_VERIFY, "There are no thumbnails.");
    buf_init(&text, TEXT_MAX);
    make_thumbs_vtt(&text, s.count, s.columns, s.width, s.height, s.interval, plan->duration);
    enum rc rc = write_text(cx, job, "thumbs.vtt", &text);
    buf_fini(&text);
    if (rc == RC_OK)
        *json = json_pack("{s:s, s:s, s:i, s:i, s:i, s:i, s:i, s:i}", "file", "thumbs.jpg", "track",
                          "thumbs.vtt", "columns", s.columns, "rows", s.rows, "width", s.width, "height",
                          s.height, "interval", s.interval, "count", s.count);
    return rc;
}

/* The best rendition a download should have: 720 lines or less, else the smallest there is. */
static const char *download_source(const struct plan *plan)
{
    for (int i = 0; i < plan->n_rungs; i++) {
        const struct plan_rung *r = &plan->rungs[i];
        if ((r->width < r->height ? r->width : r->height) <= DOWNLOAD_HEIGHT)
            return r->name;
    }
    return plan->rungs[plan->n_rungs - 1].name;
}

static enum rc make_download(struct cx *cx, struct media_job *job, const struct plan *plan, const char *audio)
{
    struct child_argv argv;
    struct media_run step = {.limit_ms = STEP_MS};
    command_download(cx, job, arena_printf(cx->arena, "%s/%s.mp4", job->out, download_source(plan)), audio,
                     &argv);
    return media_tool_must(cx, job, &argv, &step, FAIL_VERIFY);
}

/* FFmpeg writes "-inf" where JSON has no number. */
static json_t *level_json(double v)
{
    return isfinite(v) ? json_real(v) : json_null();
}

static void add_findings(json_t *out, const struct encode *e, const struct audio_result *a, json_t *sprite)
{
    json_t *chapters = json_object_get(out, "chapters"), *silences = json_object_get(out, "silences");
    for (size_t i = 0; i < e->n_chapters; i++)
        json_array_append_new(chapters, json_real(e->chapters[i]));
    json_object_set_new(out, "sprite", sprite);
    if (!a)
        return;
    for (size_t i = 0; i < a->n; i++)
        json_array_append_new(silences, json_pack("[f, f]", a->silences[i].start, a->silences[i].end));
    json_object_set_new(out, "loudness",
                        json_pack("{s:o, s:o, s:o, s:o, s:f, s:o, s:f}", "before", level_json(a->before.lufs),
                                  "before_peak", level_json(a->before.peak), "after",
                                  level_json(a->after.lufs), "after_peak", level_json(a->after.peak), "gain",
                                  a->gain, "floor", level_json(a->floor), "threshold", a->threshold));
}

/* One encode. *damaged is set if the decoder complained. */
static enum rc encode_all(struct cx *cx, struct media_job *job, const struct probe *p,
                          const struct plan *plan, const char *audio, struct encode *e)
{
    struct child_argv argv;
    int status;
    *e = (struct encode){.job = job,
                         .duration = plan->duration,
                         .from = 0.08,
                         .to = 0.92,
                         .started = clock_mono(),
                         .frames = -1};
    command_full(cx, job, p, plan, audio, &argv);
    struct media_run run = {.out = progress_line, .err = error_line, .arg = e, .stall_ms = STALL_MS};
    enum rc rc = media_tool_run(cx, job, &argv, &run, &status);
    if (rc == RC_OK && status != 0)
        rc = media_fail(cx, job, FAIL_UNREADABLE, "The video cannot be decoded: %s",
                        child_log_last(cx, &job->log));
    return rc;
}

static void remove_results(struct cx *cx, const struct media_job *job, const struct plan *plan)
{
    for (int i = 0; i < plan->n_rungs; i++) {
        unlink(arena_printf(cx->arena, "%s/%s.mp4", job->out, plan->rungs[i].name));
        unlink(arena_printf(cx->arena, "%s/%s.m3u8", job->out, plan->rungs[i].name));
    }
}

static enum rc make_full_once(struct cx *cx, struct media_job *job, const struct probe *p,
                              const struct plan *plan, const struct audio_result *sound, const char *audio,
                              bool *damaged, json_t **out)
{
    struct result r = {.n = plan->n_rungs};
    struct encode *e = arena_alloc(cx->arena, sizeof *e);
    json_t *sprite = NULL;
    enum rc rc = encode_all(cx, job, p, plan, audio, e);
    if (rc != RC_OK)
        return rc;
    if (e->damage > 0 && plan->rungs[0].copy) {
        *damaged = true;
        return RC_OK;
    }
    /* The count is that of the first encoded rendition; all of them come from the same pictures. */
    r.frames = plan->n_rungs > 1 || !plan->rungs[0].copy ? e->frames : -1;
    rc = verify_all(cx, job, p, plan, &r);
    if (rc == RC_OK)
        rc = make_sprite(cx, job, plan, &sprite);
    if (rc == RC_OK)
        rc = make_download(cx, job, plan, audio);
    media_report(job, 0.97, -1);
    json_t *files = json_array();
    if (rc == RC_OK)
        rc = finish(cx, job, plan, &r, files, out);
    json_decref(files);
    if (rc == RC_OK)
        add_findings(*out, e, sound, sprite);
    else
        json_decref(sprite);
    return rc;
}

enum rc make_full(struct cx *cx, struct media_job *job, const struct probe *p, const struct plan *plan,
                  json_t **out)
{
    struct audio_result sound;
    struct plan repaired;
    bool damaged = false;
    enum rc rc = RC_OK;
    const char *audio = NULL;
    job->seconds = plan->duration;
    if (plan->has_audio) {
        audio = arena_printf(cx->arena, "%s/audio.m4a", job->tmp);
        rc = audio_make(cx, job, p, plan, audio, &sound);
    }
    media_report(job, 0.08, -1);
    if (rc == RC_OK)
        rc = make_full_once(cx, job, p, plan, audio ? &sound : NULL, audio, &damaged, out);
    if (rc != RC_OK || !damaged)
        return rc;
    /* Copied packets would pass the damage on to browsers, which stop there; FFmpeg's decoder conceals it. */
    remove_results(cx, job, plan);
    plan_make(p, plan->view, false, &repaired);
    return make_full_once(cx, job, p, &repaired, audio ? &sound : NULL, audio, &damaged, out);
}
