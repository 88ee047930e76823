/* The small texts beside the media files: master playlist and thumbnail track. */
#include <math.h>

#include "lib/format/vtt.h"
#include "lib/media/make.h"
#include "lib/media/verify.h"

#define ENDING_LEAST (HLS_SECOND / 1000) /* of the last segment */

/* The lengths of the audio are part of each variant's bandwidth. */
void make_master(struct buf *out, const struct plan *plan, const struct verify_track *videos, int n,
                 const struct verify_track *audio)
{
    struct hls_variant variants[PLAN_MAX_RUNGS];
    char uris[PLAN_MAX_RUNGS][sizeof plan->rungs[0].name + sizeof ".m3u8"];
    struct hls_sound sound = {
        .group = "a", .name = "audio", .uri = "audio.m3u8", .channels = plan->audio_channels};
    for (int i = 0; i < n; i++) {
        const struct plan_rung *r = &plan->rungs[i];
        snprintf(uris[i], sizeof uris[i], "%s.m3u8", r->name);
        variants[i] = (struct hls_variant){.uri = uris[i],
                                           .codec = videos[i].codec,
                                           .peak = videos[i].peak + (audio ? audio->peak : 0),
                                           .average = videos[i].average + (audio ? audio->average : 0),
                                           .width = r->width,
                                           .height = r->height,
                                           .fps_num = plan->fps_num,
                                           .fps_den = plan->fps_den};
    }
    if (audio)
        sound.codec = audio->codec;
    hls_write_master(out, true, variants, (size_t)n, audio ? &sound : NULL);
}

void make_ending(struct hls_playlist *p, double seconds)
{
    int64_t left = (int64_t)llround(seconds * HLS_SECOND);
    if (p->n == 0)
        return;
    for (size_t i = 0; i + 1 < p->n; i++)
        left -= p->segments[i].length;
    p->segments[p->n - 1].length = left < ENDING_LEAST ? ENDING_LEAST : left;
}

void make_thumbs_vtt(struct buf *out, int n, int columns, int width, int height, int interval,
                     double duration)
{
    char place[80];
    vtt_write_head(out);
    for (int i = 0; i < n; i++) {
        double end = i + 1 < n ? (double)(i + 1) * interval : fmax(duration, (double)i * interval + 0.001);
        snprintf(place, sizeof place, "thumbs.jpg#xywh=%d,%d,%d,%d", i % columns * width,
                 i / columns * height, width, height);
        vtt_write_cue(out,
                      &(struct vtt_cue){(int64_t)i * interval * 1000, llround(end * 1000), str_of(place)});
    }
}
