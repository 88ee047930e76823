/* struct probe to JSON and back: one worker sends it through the core to another. */
#include "lib/media/probe.h"
#include "lib/net/json.h"

static json_t *video_json(const struct probe_video *v)
{
    return json_pack("{s:i, s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:[ii], s:[ii], s:b, s:b, s:b, s:f, s:i, s:I, "
                     "s:f, s:f, s:I, s:b, s:b, s:s}",
                     "index", v->index, "codec", v->codec, "profile", v->profile, "pixels", v->pixels,
                     "level", v->level, "width", v->width, "height", v->height, "rotation", v->rotation,
                     "sar", v->sar_num, v->sar_den, "fps", v->fps_num, v->fps_den, "steady", (int)v->steady,
                     "interlaced", (int)v->interlaced, "open_gop", (int)v->open_gop, "gop", v->gop,
                     "configurations", v->configurations, "frames", (json_int_t)v->frames, "start", v->start,
                     "end", v->end, "bitrate", (json_int_t)v->bitrate, "untimed", (int)v->untimed, "trimmed",
                     (int)v->trimmed, "left_out", v->left_out);
}

static json_t *audio_json(const struct probe_audio *a)
{
    return json_pack("{s:i, s:s, s:s, s:i, s:i, s:I, s:f, s:f, s:I, s:b}", "index", a->index, "codec",
                     a->codec, "profile", a->profile, "channels", a->channels, "rate", a->rate, "frames",
                     (json_int_t)a->frames, "start", a->start, "end", a->end, "bitrate",
                     (json_int_t)a->bitrate, "trimmed", (int)a->trimmed);
}

json_t *probe_to_json(const struct probe *p)
{
    return json_pack("{s:s, s:f, s:I, s:o, s:o}", "container", p->container, "duration", p->duration, "size",
                     (json_int_t)p->size, "video", p->has_video ? video_json(&p->video) : json_null(),
                     "audio", p->has_audio ? audio_json(&p->audio) : json_null());
}

static enum rc get_text(struct cx *cx, const json_t *o, const char *name, char out[PROBE_TEXT])
{
    const char *s;
    enum rc rc = js_str(cx, o, name, PROBE_TEXT - 1, &s);
    if (rc == RC_OK)
        memcpy(out, s, strlen(s) + 1);
    return rc;
}

static enum rc get_int(struct cx *cx, const json_t *o, const char *name, int min, int max, int *out)
{
    int64_t n;
    enum rc rc = js_i64(cx, o, name, min, max, &n);
    if (rc == RC_OK)
        *out = (int)n;
    return rc;
}

static enum rc get_pair(struct cx *cx, const json_t *o, const char *name, int max, int *a, int *b)
{
    const json_t *list;
    enum rc rc = js_arr(cx, o, name, &list);
    if (rc != RC_OK)
        return rc;
    json_int_t x = json_integer_value(json_array_get(list, 0)),
               y = json_integer_value(json_array_get(list, 1));
    if (x < 1 || y < 1 || x > max || y > max)
        return err_set(cx, RC_INVALID, name, NULL, "not a ratio");
    *a = (int)x;
    *b = (int)y;
    return RC_OK;
}

#define TRY(call)                                                                                            \
    do {                                                                                                     \
        enum rc rc_ = (call);                                                                                \
        if (rc_ != RC_OK)                                                                                    \
            return rc_;                                                                                      \
    } while (0)

static enum rc video_from(struct cx *cx, const json_t *o, struct probe_video *v)
{
    const double longest = PROBE_MAX_SECONDS * 2 + 1e6;
    TRY(get_int(cx, o, "index", 0, 4096, &v->index));
    TRY(get_text(cx, o, "codec", v->codec));
    TRY(get_text(cx, o, "profile", v->profile));
    TRY(get_text(cx, o, "pixels", v->pixels));
    TRY(get_int(cx, o, "level", 0, 1000, &v->level));
    TRY(get_int(cx, o, "width", 16, 8192, &v->width));
    TRY(get_int(cx, o, "height", 16, 8192, &v->height));
    TRY(get_int(cx, o, "rotation", 0, 270, &v->rotation));
    TRY(get_pair(cx, o, "sar", 10000, &v->sar_num, &v->sar_den));
    TRY(get_pair(cx, o, "fps", 100000, &v->fps_num, &v->fps_den));
    TRY(js_bool(cx, o, "steady", &v->steady));
    TRY(js_bool(cx, o, "interlaced", &v->interlaced));
    TRY(js_bool(cx, o, "open_gop", &v->open_gop));
    TRY(js_opt_bool(cx, o, "untimed", &v->untimed));
    TRY(js_opt_bool(cx, o, "trimmed", &v->trimmed));
    if (json_object_get(o, "left_out"))
        TRY(get_text(cx, o, "left_out", v->left_out));
    TRY(js_f64(cx, o, "gop", 0, longest, &v->gop));
    TRY(get_int(cx, o, "configurations", 0, 1000, &v->configurations));
    TRY(js_i64(cx, o, "frames", 1, INT64_MAX, &v->frames));
    TRY(js_f64(cx, o, "start", -longest, longest, &v->start));
    TRY(js_f64(cx, o, "end", -longest, longest, &v->end));
    return js_i64(cx, o, "bitrate", INT64_MIN, INT64_MAX, &v->bitrate);
}

static enum rc audio_from(struct cx *cx, const json_t *o, struct probe_audio *a)
{
    const double longest = PROBE_MAX_SECONDS * 2 + 1e6;
    TRY(get_int(cx, o, "index", 0, 4096, &a->index));
    TRY(get_text(cx, o, "codec", a->codec));
    TRY(get_text(cx, o, "profile", a->profile));
    TRY(get_int(cx, o, "channels", 1, 64, &a->channels));
    TRY(get_int(cx, o, "rate", 1, 1000000, &a->rate));
    TRY(js_i64(cx, o, "frames", 1, INT64_MAX, &a->frames));
    TRY(js_f64(cx, o, "start", -longest, longest, &a->start));
    TRY(js_f64(cx, o, "end", -longest, longest, &a->end));
    TRY(js_opt_bool(cx, o, "trimmed", &a->trimmed));
    return js_i64(cx, o, "bitrate", 0, INT64_MAX, &a->bitrate);
}

enum rc probe_from_json(struct cx *cx, const json_t *o, struct probe *out)
{
    struct probe p = {0};
    const json_t *video, *audio = NULL;
    TRY(get_text(cx, o, "container", p.container));
    TRY(js_f64(cx, o, "duration", 0, PROBE_MAX_SECONDS * 2, &p.duration));
    TRY(js_i64(cx, o, "size", 0, INT64_MAX, &p.size));
    TRY(js_obj(cx, o, "video", &video));
    TRY(video_from(cx, video, &p.video));
    p.has_video = true;
    TRY(js_opt_obj(cx, o, "audio", &audio));
    if (audio) {
        TRY(audio_from(cx, audio, &p.audio));
        p.has_audio = true;
    }
    *out = p;
    return RC_OK;
}
