#include "lib/media/plan.h"

#include <math.h>
#include <stdarg.h>

/* Starting points, found by measuring: camera pictures tolerate more compression than slides, whose text must
 * stay legible. */
static const struct {
    int crf, nice;
} views[VIEW_KIND_COUNT] = {[VIEW_CAM] = {26, 10}, [VIEW_PRES] = {20, 9}, [VIEW_COMB] = {24, 8}};

static const int ladder[] = {1080, 720, 360}; /* shorter side */

/* x264 gives more bits to pictures that last longer. Where repeated pictures are dropped, a CRF six steps
 * higher still looks better than the starting point at a constant rate (SSIM 0.9992 against 0.9988) with
 * fewer bytes. */
#define SLIDES_CRF     6
#define STEP_LEAST     0.8  /* at most this part of the size of the rendition above */
#define ENDS_APART     0.15 /* seconds copied audio and video may end apart: under VERIFY_ENDS_APART */
#define STARTS_APART   0.1
#define HOLD_LEAST     2.0 /* seconds: if the audio is longer by this or more, the last picture is held */
#define BOX_LONG       1920
#define BOX_SHORT      1080
#define BOX_CODED      1088 /* 1080 lines are coded as 1088 */
#define MAX_H264_LEVEL 42

/* say(p, "key", "name", "text", …, NULL) */
__attribute__((sentinel)) static void say(struct plan *p, const char *key, ...)
{
    if (p->n_words == PLAN_MAX_WORDS)
        return;
    struct plan_word *w = &p->words[p->n_words++];
    *w = (struct plan_word){.key = key};
    va_list ap;
    va_start(ap, key);
    for (const char *name; w->n < PLAN_MAX_ARGS && (name = va_arg(ap, const char *)) != NULL; w->n++) {
        w->args[w->n].name = name;
        snprintf(w->args[w->n].text, PROBE_TEXT, "%s", va_arg(ap, const char *));
    }
    va_end(ap);
}

static const char *figure(char text[PROBE_TEXT], double value, int digits)
{
    snprintf(text, PROBE_TEXT, "%.*f", digits, value);
    return text;
}

static int even(double x)
{
    int n = 2 * (int)floor(x / 2 + 1e-6);
    return n < 2 ? 2 : n;
}

static int shorter(int width, int height)
{
    return width < height ? width : height;
}

/* Size as shown: square pixels, rotated, at most 1080p in either orientation, even. */
static void shown_size(const struct probe_video *v, int *width, int *height)
{
    double w = (double)v->width * v->sar_num / v->sar_den, h = v->height;
    if (v->rotation % 180 != 0) {
        double t = w;
        w = h;
        h = t;
    }
    double longest = w > h ? BOX_LONG : BOX_SHORT, lowest = w > h ? BOX_SHORT : BOX_LONG;
    double factor = fmin(1, fmin(longest / w, lowest / h));
    *width = even(w * factor);
    *height = even(h * factor);
}

static bool is_one_of(const char *s, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(s, *list) == 0)
            return true;
    return false;
}

/* Reasons in the codec itself. */
static void judge_coding(struct plan *p, const struct probe_video *v)
{
    static const char *const profiles[] = {"Constrained Baseline", "Baseline", "Main", "High", NULL};
    static const char *const pixels[] = {"yuv420p", "yuvj420p", NULL};
    char text[PROBE_TEXT];
    if (strcmp(v->codec, "h264") != 0)
        say(p, "reason_codec", "codec", v->codec, NULL);
    else if (!is_one_of(v->profile, profiles))
        say(p, "reason_profile", "profile", v->profile, NULL);
    else if (v->level > MAX_H264_LEVEL)
        say(p, "reason_level", "level", figure(text, v->level / 10.0, 1), NULL);
    if (!is_one_of(v->pixels, pixels))
        say(p, "reason_pixels", "pixels", v->pixels, NULL);
    if (v->interlaced)
        say(p, "reason_interlaced", NULL);
}

static void judge_picture(struct plan *p, const struct probe_video *v)
{
    char a[PROBE_TEXT], b[PROBE_TEXT];
    int longer = v->width > v->height ? v->width : v->height;
    if (longer > BOX_LONG || shorter(v->width, v->height) > BOX_CODED)
        say(p, "reason_size", "width", figure(a, v->width, 0), "height", figure(b, v->height, 0), NULL);
    if (v->width % 2 != 0 || v->height % 2 != 0)
        say(p, "reason_odd_size", "width", figure(a, v->width, 0), "height", figure(b, v->height, 0), NULL);
    if (v->rotation != 0)
        say(p, "reason_rotated", "degrees", figure(a, v->rotation, 0), NULL);
    if (v->sar_num != v->sar_den)
        say(p, "reason_pixel_shape", NULL);
    if (v->configurations > 1)
        say(p, "reason_changes", NULL);
    if (v->bitrate > PLAN_MAX_BITRATE)
        say(p, "reason_bitrate", "mbit", figure(a, (double)v->bitrate / 1e6, 1), NULL);
}

static void judge_time(struct plan *p, const struct probe *pr, double origin)
{
    char text[PROBE_TEXT];
    const struct probe_video *v = &pr->video;
    if (v->open_gop)
        say(p, "reason_open_gop", NULL);
    else if (v->gop > PLAN_MAX_GOP)
        say(p, "reason_gop", "seconds", figure(text, v->gop, 1), NULL);
    if (v->untimed)
        say(p, "reason_untimed", NULL);
    else if (!v->steady)
        say(p, "reason_unsteady", NULL);
    if (v->trimmed)
        say(p, "reason_trimmed", NULL);
    if (v->start - origin > STARTS_APART)
        say(p, "reason_late_start", "seconds", figure(text, v->start - origin, 1), NULL);
    if (p->hold > 0)
        say(p, "reason_audio_longer", "seconds", figure(text, p->hold, 1), NULL);
}

static void add_rung(struct plan *p, int width, int height, bool copy)
{
    struct plan_rung *r = &p->rungs[p->n_rungs++];
    *r = (struct plan_rung){.width = width, .height = height, .copy = copy};
    snprintf(r->name, sizeof r->name, "v%d", height);
}

static void make_ladder(struct plan *p, const struct probe_video *v, bool copy)
{
    int width = v->width, height = v->height;
    if (!copy)
        shown_size(v, &width, &height);
    add_rung(p, width, height, copy);
    double last = shorter(width, height);
    for (size_t i = 0; i < sizeof ladder / sizeof *ladder; i++) {
        if (ladder[i] > last * STEP_LEAST || p->n_rungs == PLAN_MAX_RUNGS)
            continue;
        double factor = (double)ladder[i] / shorter(width, height);
        add_rung(p, even(width * factor + 0.5), even(height * factor + 0.5), false);
        last = ladder[i];
    }
}

static void say_ladder(struct plan *p)
{
    char names[PROBE_TEXT] = "", top[PROBE_TEXT];
    size_t n = 0;
    snprintf(top, sizeof top, "%dp", shorter(p->rungs[0].width, p->rungs[0].height));
    for (int i = 0; i < p->n_rungs; i++)
        if (!p->rungs[i].copy)
            n += (size_t)snprintf(names + n, sizeof names - n, "%s%dp", n > 0 ? ", " : "",
                                  shorter(p->rungs[i].width, p->rungs[i].height));
    if (p->rungs[0].copy)
        say(p, "top_copied", "size", top, NULL);
    if (n > 0)
        say(p, p->rungs[0].copy ? "rungs_encoded" : "all_encoded", "sizes", names, NULL);
}

static void plan_audio(struct plan *p, const struct probe *pr, double origin)
{
    const struct probe_audio *a = &pr->audio;
    char text[PROBE_TEXT];
    if (!pr->has_audio) {
        say(p, "no_audio", NULL);
        return;
    }
    p->has_audio = true;
    p->audio_channels = a->channels == 1 ? 1 : 2;
    bool coding = strcmp(a->codec, "aac") == 0 && strcmp(a->profile, "LC") == 0 && a->channels <= 2;
    bool aligned = fabs(a->end - pr->video.end) <= ENDS_APART && a->start - origin <= STARTS_APART;
    p->audio_copy = coding && aligned && !a->trimmed;
    if (a->channels > 2)
        say(p, "audio_mixed_down", "channels", figure(text, a->channels, 0), NULL);
    else if (!coding)
        say(p, "audio_recoded", "codec", a->codec, NULL);
    if (fabs(a->end - pr->video.end) > ENDS_APART && p->hold <= 0)
        say(p, "audio_fitted", "seconds", figure(text, fabs(a->end - pr->video.end), 1), NULL);
    say(p, "audio_levelled", NULL);
}

void plan_make(const struct probe *pr, enum view_kind view, bool copy, struct plan *out)
{
    const struct probe_video *v = &pr->video;
    struct plan p = {.view = view, .crf = views[view].crf, .nice = views[view].nice};
    double origin = probe_origin(pr);
    if (pr->has_audio && pr->audio.end - v->end > HOLD_LEAST)
        p.hold = pr->audio.end - v->end;
    p.duration = v->end - origin + p.hold;
    judge_coding(&p, v);
    judge_picture(&p, v);
    judge_time(&p, pr, origin);
    if (!copy)
        say(&p, "reason_damaged", NULL);
    p.quick = p.n_words == 0;
    make_ladder(&p, v, p.quick);
    say_ladder(&p);
    if (v->left_out[0])
        say(&p, "pictures_left_out", "codec", v->left_out, NULL);
    p.slides = view == VIEW_PRES;
    p.deinterlace = v->interlaced;
    /* Recorders of browsers change the size in a way that a scan of packets does not find. */
    p.canvas = v->configurations > 1 || strcmp(v->codec, "vp8") == 0 || strcmp(v->codec, "vp9") == 0 ||
               strcmp(v->codec, "av1") == 0;
    p.fps_num = v->fps_num;
    p.fps_den = v->fps_den;
    if ((double)p.fps_num / p.fps_den > 60) {
        p.fps_num = 60;
        p.fps_den = 1;
    }
    if (p.slides) {
        p.crf += SLIDES_CRF;
        say(&p, "slides_still", NULL);
    }
    plan_audio(&p, pr, origin);
    *out = p;
}

static json_t *rungs_json(const struct plan *p)
{
    json_t *list = json_array();
    for (int i = 0; i < p->n_rungs; i++)
        json_array_append_new(list, json_pack("{s:s, s:i, s:i, s:b}", "name", p->rungs[i].name, "width",
                                              p->rungs[i].width, "height", p->rungs[i].height, "copied",
                                              (int)p->rungs[i].copy));
    return list;
}

static json_t *words_json(const struct plan *p)
{
    json_t *list = json_array();
    for (int i = 0; i < p->n_words; i++) {
        json_t *args = json_object();
        for (int k = 0; k < p->words[i].n; k++)
            json_object_set_new(args, p->words[i].args[k].name, json_string(p->words[i].args[k].text));
        json_array_append_new(list, json_pack("{s:s, s:o}", "key", p->words[i].key, "args", args));
    }
    return list;
}

json_t *plan_to_json(const struct plan *p)
{
    const char *audio = !p->has_audio ? "none" : p->audio_copy ? "copied" : "encoded";
    json_t *quick = json_null();
    if (p->quick)
        quick = json_pack("{s:s, s:i, s:i, s:s, s:f}", "name", p->rungs[0].name, "width", p->rungs[0].width,
                          "height", p->rungs[0].height, "audio", audio, "duration", p->duration);
    json_t *full = json_pack("{s:o, s:i, s:b, s:b, s:b, s:[ii], s:f, s:f, s:s}", "renditions", rungs_json(p),
                             "crf", p->crf, "slides", (int)p->slides, "deinterlace", (int)p->deinterlace,
                             "canvas", (int)p->canvas, "fps", p->fps_num, p->fps_den, "duration", p->duration,
                             "hold", p->hold, "audio", p->has_audio ? "encoded" : "none");
    return json_pack("{s:o, s:o, s:o}", "quick", quick, "full", full, "words", words_json(p));
}
