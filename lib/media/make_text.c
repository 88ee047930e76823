/* The small texts beside the media files: master playlist and thumbnail track. */
#include <math.h>

#include "lib/media/make.h"
#include "lib/media/verify.h"

/* RFC 8216 section 4.3.4. The lengths of the audio are part of each variant's bandwidth. */
void make_master(struct buf *out, const struct plan *plan, const struct verify_track *videos, int n,
                 const struct verify_track *audio)
{
    buf_str(out, "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n");
    if (audio)
        buf_printf(out,
                   "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"audio\",DEFAULT=YES,AUTOSELECT=YES,"
                   "CHANNELS=\"%d\","
                   "URI=\"audio.m3u8\"\n",
                   plan->audio_channels);
    for (int i = 0; i < n; i++) {
        const struct plan_rung *r = &plan->rungs[i];
        buf_printf(
            out, "#EXT-X-STREAM-INF:BANDWIDTH=%lld,AVERAGE-BANDWIDTH=%lld,RESOLUTION=%dx%d,FRAME-RATE=%.3f,",
            (long long)(videos[i].peak + (audio ? audio->peak : 0)),
            (long long)(videos[i].average + (audio ? audio->average : 0)), r->width, r->height,
            (double)plan->fps_num / plan->fps_den);
        if (audio)
            buf_printf(out, "CODECS=\"%s,%s\",AUDIO=\"a\"\n%s.m3u8\n", videos[i].codec, audio->codec,
                       r->name);
        else
            buf_printf(out, "CODECS=\"%s\"\n%s.m3u8\n", videos[i].codec, r->name);
    }
}

void make_ending(struct buf *out, struct str playlist, double seconds)
{
    static const char name[] = "#EXTINF:";
    double length = 0;
    struct str rest = playlist, last = {NULL, 0};
    while (rest.n > 0) {
        struct str line = str_cut(&rest, '\n');
        if (!str_starts(line, name))
            continue;
        seconds -= length;
        last = line;
        str_cut(&line, ':');
        length = verify_seconds(line);
    }
    if (!last.p)
        return;
    const char *end = last.p + last.n;
    buf_printf(out, "%.*s%s%.6f,%.*s", (int)(last.p - playlist.p), playlist.p, name, fmax(seconds, 0.001),
               (int)(playlist.p + playlist.n - end), end);
}

static void cue_time(struct buf *out, double seconds)
{
    long long ms = llround(seconds * 1000);
    buf_printf(out, "%02lld:%02lld:%02lld.%03lld", ms / 3600000, ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
}

void make_thumbs_vtt(struct buf *out, int n, int columns, int width, int height, int interval,
                     double duration)
{
    buf_str(out, "WEBVTT\n");
    for (int i = 0; i < n; i++) {
        double end = i + 1 < n ? (double)(i + 1) * interval : fmax(duration, (double)i * interval + 0.001);
        buf_str(out, "\n");
        cue_time(out, (double)i * interval);
        buf_str(out, " --> ");
        cue_time(out, end);
        buf_printf(out, "\nthumbs.jpg#xywh=%d,%d,%d,%d\n", i % columns * width, i / columns * height, width,
                   height);
    }
}
