/* The pure half of probing: FFmpeg's texts in, figures out. */
#include <math.h>

#include "lib/base/mem.h"
#include "lib/media/probe.h"
#include "lib/net/json.h"

enum { MAX_TIMES = 12 * 3600 * 130, MAX_CONFIGURATIONS = 16 };

/* Seconds, as in FFmpeg: a larger jump, or any jump back, means that the clock has restarted. */
#define CLOCK_JUMP 10.0
#define CLOCK_BACK 0.1

static void copy_text(char out[PROBE_TEXT], const char *s)
{
    size_t n = strnlen(s, PROBE_TEXT - 1);
    memcpy(out, s, n);
    out[n] = '\0';
}

/* ffprobe writes most figures as texts. */
static double number_of(const json_t *o, const char *name)
{
    const json_t *v = json_object_get(o, name);
    if (json_is_number(v))
        return json_number_value(v);
    if (!json_is_string(v))
        return 0;
    char *end;
    double d = strtod(json_string_value(v), &end);
    return end != json_string_value(v) && *end == '\0' && isfinite(d) ? d : 0;
}

static int int_of(const json_t *o, const char *name, int max)
{
    double d = number_of(o, name);
    return d >= 0 && d <= max ? (int)d : 0;
}

static int64_t size_of(const json_t *o, const char *name)
{
    double d = number_of(o, name);
    return d > 0 && d < 1e15 ? (int64_t)d : 0;
}

static int rotation_of(const json_t *stream)
{
    double turn = 0;
    size_t i;
    const json_t *side;
    json_array_foreach(json_object_get(stream, "side_data_list"), i,
                       side) if (json_object_get(side, "rotation")) turn = -number_of(side, "rotation");
    if (turn == 0)
        turn = number_of(json_object_get(stream, "tags"), "rotate");
    if (!(fabs(turn) <= 3600))
        return 0;
    int quarter = (int)lround(turn / 90.0);
    return ((quarter % 4) + 4) % 4 * 90;
}

static void read_sar(const char *text, struct probe_video *v)
{
    struct str rest = str_of(text), num = str_cut(&rest, ':');
    int64_t a, b;
    bool ok = str_to_i64(num, 1, 10000, &a) && str_to_i64(rest, 1, 10000, &b);
    v->sar_num = ok ? (int)a : 1;
    v->sar_den = ok ? (int)b : 1;
}

static void read_video(const json_t *s, struct probe_video *v)
{
    const char *order = js_get_str(s, "field_order", "unknown");
    v->index = int_of(s, "index", MEDIA_TRACKS_MAX);
    copy_text(v->codec, js_get_str(s, "codec_name", "unknown"));
    copy_text(v->profile, js_get_str(s, "profile", ""));
    copy_text(v->pixels, js_get_str(s, "pix_fmt", ""));
    v->level = int_of(s, "level", 1000);
    v->width = int_of(s, "width", 32768);
    v->height = int_of(s, "height", 32768);
    v->rotation = rotation_of(s);
    read_sar(js_get_str(s, "sample_aspect_ratio", "1:1"), v);
    v->interlaced = strcmp(order, "progressive") != 0 && strcmp(order, "unknown") != 0;
    v->bitrate = size_of(s, "bit_rate");
    v->configurations = 1;
}

static void read_audio(const json_t *s, struct probe_audio *a)
{
    a->index = int_of(s, "index", MEDIA_TRACKS_MAX);
    copy_text(a->codec, js_get_str(s, "codec_name", "unknown"));
    copy_text(a->profile, js_get_str(s, "profile", ""));
    a->channels = int_of(s, "channels", 64);
    a->rate = int_of(s, "sample_rate", 1000000);
    a->bitrate = size_of(s, "bit_rate");
}

/* A cover picture in an audio file is no video. */
static bool is_picture(const json_t *s)
{
    const json_t *d = json_object_get(s, "disposition");
    return js_get_i64(d, "attached_pic", 0) != 0 || js_get_i64(d, "still_image", 0) != 0 ||
           js_get_i64(d, "timed_thumbnails", 0) != 0;
}

enum rc probe_parse_streams(struct cx *cx, const json_t *root, struct probe *out)
{
    struct probe p = {0};
    const json_t *format, *streams, *s;
    bool default_audio = false;
    size_t i;
    enum rc rc = js_obj(cx, root, "format", &format);
    if (rc == RC_OK)
        rc = js_arr(cx, root, "streams", &streams);
    if (rc != RC_OK)
        return rc;
    copy_text(p.container, js_get_str(format, "format_name", ""));
    p.claimed = number_of(format, "duration");
    p.size = size_of(format, "size");
    json_array_foreach(streams, i, s)
    {
        const char *type = js_get_str(s, "codec_type", "");
        bool preferred = js_get_i64(json_object_get(s, "disposition"), "default", 0) != 0;
        if (i >= MEDIA_TRACKS_MAX)
            break;
        if (strcmp(type, "video") == 0 && !p.has_video && !is_picture(s)) {
            p.has_video = true;
            read_video(s, &p.video);
        } else if (strcmp(type, "audio") == 0 && (!p.has_audio || (preferred && !default_audio))) {
            p.has_audio = true;
            default_audio = preferred;
            p.audio = (struct probe_audio){0};
            read_audio(s, &p.audio);
        }
    }
    *out = p;
    return RC_OK;
}

static double time_of(struct str field)
{
    char text[32];
    if (field.n == 0 || field.n >= sizeof text)
        return NAN;
    memcpy(text, field.p, field.n);
    text[field.n] = '\0';
    char *end;
    double d = strtod(text, &end);
    return *end == '\0' && fabs(d) < 1e9 ? d : NAN;
}

bool probe_parse_packet(const char *line, struct probe_packet *out)
{
    struct str rest = str_of(line);
    int64_t index;
    if (!str_to_i64(str_cut(&rest, ','), 0, 4096, &index))
        return false;
    out->index = (int)index;
    out->pts = time_of(str_cut(&rest, ','));
    out->dts = time_of(str_cut(&rest, ','));
    out->duration = time_of(str_cut(&rest, ','));
    out->key = rest.n > 0 && rest.p[0] == 'K';
    out->hidden = rest.n > 1 && rest.p[1] == 'D';
    return true;
}

void probe_clock_packet(struct probe_clock *c, int stream, struct probe_packet *p)
{
    double dts = (isnan(p->dts) ? p->pts : p->dts) + c->shift;
    if (isnan(dts))
        return;
    if (c->streams[stream].known) {
        double ahead = dts - c->streams[stream].next;
        if (fabs(ahead) > CLOCK_JUMP || dts + CLOCK_BACK < c->streams[stream].last) {
            c->shift -= ahead;
            dts -= ahead;
        }
    }
    c->streams[stream].known = true;
    c->streams[stream].last = dts;
    c->streams[stream].next = dts + (isnan(p->duration) ? 0 : p->duration);
    p->pts += c->shift;
    p->dts += c->shift;
}

static void scan_keys(struct probe_scan *s, const struct probe_packet *p, double pts)
{
    if (p->key) {
        if (s->any_key && pts - s->key_pts > s->gop)
            s->gop = pts - s->key_pts;
        s->key_pts = pts;
        s->any_key = true;
    } else if (!s->any_key || pts < s->key_pts) {
        s->open_gop = true; /* shown before the keyframe that precedes it: needs the group before */
    }
}

void probe_scan_packet(struct probe_scan *s, const struct probe_packet *p)
{
    double pts = isnan(p->pts) ? p->dts : p->pts;
    s->packets++;
    s->untimed = s->untimed || isnan(p->pts);
    if (isnan(pts))
        return;
    scan_keys(s, p, pts);
    double duration = isnan(p->duration) ? 0 : p->duration;
    if (p->hidden) {
        s->hidden_first = s->hidden_first || !s->any;
        s->hidden_last += s->any ? duration : 0;
        return;
    }
    if (!s->any || pts < s->start)
        s->start = pts;
    if (!s->any || pts + duration > s->end)
        s->end = pts + duration;
    s->any = true;
    if (s->keep && s->n < MAX_TIMES) {
        if (s->n == s->size) {
            s->size = s->size ? s->size * 2 : 4096;
            s->times = mem_resize(s->times, s->size * sizeof *s->times);
        }
        s->times[s->n++] = pts;
    }
}

double probe_origin(const struct probe *p)
{
    return p->has_audio ? fmin(p->video.start, p->audio.start) : p->video.start;
}

static int compare_times(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Some missing pictures do not make 25 a second 24.9. */
#define RATE_NEAR  0.015
#define RATE_LEAST 1.0 /* so that every segment holds a picture */
#define RATE_MOST  240.0

/* Slides that stay for minutes have a steady rate, too. A rate is at least one picture a second, and at most
 * what a screen shows. */
static void set_rate(struct probe_video *v, double rate)
{
    static const struct {
        int num, den;
    } usual[] = {{1, 1},  {10, 1},       {12, 1}, {15, 1}, {20, 1}, {24000, 1001}, {24, 1},
                 {25, 1}, {30000, 1001}, {30, 1}, {48, 1}, {50, 1}, {60000, 1001}, {60, 1}};
    size_t best = 0;
    rate = fmin(fmax(rate, RATE_LEAST), RATE_MOST);
    for (size_t i = 1; i < sizeof usual / sizeof *usual; i++)
        if (fabs(rate - (double)usual[i].num / usual[i].den) <
            fabs(rate - (double)usual[best].num / usual[best].den))
            best = i;
    double nearest = (double)usual[best].num / usual[best].den;
    if (fabs(rate - nearest) / nearest < RATE_NEAR) {
        v->fps_num = usual[best].num;
        v->fps_den = usual[best].den;
    } else {
        v->fps_num = (int)lround(rate * 100);
        v->fps_den = 100;
    }
}

/* Median distance of frames; steady if all but one in a hundred lie within a tenth (or the millisecond a
 * container rounds to) of it and none is missing for half a second. Where pictures are missing for longer, the rate is
 * that of the others. */
static void find_rate(struct probe_scan *s, struct probe_video *v)
{
    v->steady = false;
    v->fps_num = 25;
    v->fps_den = 1;
    if (s->n < 2)
        return;
    qsort(s->times, s->n, sizeof *s->times, compare_times);
    double *gaps = mem_array(s->n - 1, sizeof *gaps);
    for (size_t i = 0; i + 1 < s->n; i++)
        gaps[i] = s->times[i + 1] - s->times[i];
    qsort(gaps, s->n - 1, sizeof *gaps, compare_times);
    double median = gaps[(s->n - 1) / 2], slack = fmax(median / 10, 0.0015);
    double usual = 0;
    size_t odd = 0;
    for (size_t i = 0; i + 1 < s->n; i++)
        if (fabs(gaps[i] - median) > slack)
            odd++;
        else
            usual += gaps[i];
    bool regular = median > 0 && odd * 100 <= s->n;
    v->steady = regular && gaps[s->n - 2] < fmax(0.5, 1.5 * median);
    free(gaps);
    if (regular)
        set_rate(v, (double)(s->n - 1 - odd) / usual);
    else
        set_rate(v, median > 0 ? fmin(fmax(round(1 / median), 15), 60) : 25);
}

void probe_scan_video(struct probe_scan *s, struct probe_video *v)
{
    v->frames = s->packets;
    find_rate(s, v);
    /* The last frame is shown as long as the others if the container does not say. */
    if (s->n > 0 && s->end <= s->times[s->n - 1])
        s->end = s->times[s->n - 1] + (double)v->fps_den / v->fps_num;
    v->start = s->start;
    v->end = s->end;
    v->gop = s->any_key ? fmax(s->gop, s->end - s->key_pts) : s->end - s->start;
    v->open_gop = s->open_gop || !s->any_key;
    v->untimed = s->untimed;
    v->trimmed = s->hidden_first || s->hidden_last > PROBE_HIDDEN;
}

void probe_scan_free(struct probe_scan *s)
{
    free(s->times);
    s->times = NULL;
    s->n = s->size = 0;
}

int probe_count_configurations(const unsigned char *p, size_t n)
{
    struct str seen[MAX_CONFIGURATIONS];
    size_t count = 0, start = 0;
    bool inside = false;
    for (size_t i = 0; i <= n; i++) {
        bool code = i + 3 <= n && p[i] == 0 && p[i + 1] == 0 && p[i + 2] == 1;
        if (!code && i < n)
            continue;
        size_t end = i;
        while (end > start && p[end - 1] == 0)
            end--;
        if (inside && end > start && count < MAX_CONFIGURATIONS) {
            struct str unit = {(const char *)p + start, end - start};
            bool known = false;
            for (size_t k = 0; k < count && !known; k++)
                known = seen[k].n == unit.n && memcmp(seen[k].p, unit.p, unit.n) == 0;
            if (!known)
                seen[count++] = unit;
        }
        inside = true;
        start = i + 3;
        i += 2;
    }
    return (int)count;
}
