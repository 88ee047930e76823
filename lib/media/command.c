#include "lib/media/command.h"

#include <math.h>
#include <unistd.h>

enum {
    GRAPH_MAX = 8192,
    TICKS = 90000 /* a second in the time base of encoded slides */,
    POSTER_WIDTH = 1280
};

#define SMALL (640 * 360) /* pixels */
#define STRIP 0.07        /* of the height, at the bottom */

/* Copied streams begin at time 0 of the lecture, as encoded ones do: the first packet is moved to 0 and lasts
 * until the second one. Otherwise an edit list would have to express the offset, and some players ignore edit
 * lists. Decoding times keep their distance, because the muxer shifts them by that of the first packet. */
#define PICTURES_FROM_0 "setts=pts=if(eq(N\\,0)\\,0\\,PTS):dts=if(eq(N\\,0)\\,DTS-PTS\\,DTS)"
#define PRIMING         "1024" /* samples that FFmpeg's AAC encoder puts before the first one */
#define SOUND_FROM_0    "setts=ts=if(eq(N\\,0)\\,0\\,TS)"

double command_poster_time(double duration)
{
    return fmin(duration / 2, fmax(5, duration / 10));
}

/* Height of a thumbnail; even. */
static int thumb_height(const struct plan_rung *top)
{
    int h = 2 * (int)lround((double)THUMB_WIDTH * top->height / top->width / 2);
    return h < 2 ? 2 : h;
}

void command_sheet(const struct plan *plan, struct command_sheet *out)
{
    int interval = (int)fmax(2, ceil(plan->duration / THUMBS_MAX));
    /* none for the last second, in which there may be no more pictures */
    int n = (int)fmax(1, ceil((plan->duration - 1) / interval)), columns = (int)ceil(sqrt(n));
    *out = (struct command_sheet){.interval = interval,
                                  .count = n,
                                  .columns = columns,
                                  .rows = (n + columns - 1) / columns,
                                  .width = THUMB_WIDTH,
                                  .height = thumb_height(&plan->rungs[0])};
}

static int poster_width(const struct plan *plan)
{
    return plan->rungs[0].width < POSTER_WIDTH ? plan->rungs[0].width : POSTER_WIDTH;
}

static int encoded(const struct plan *plan)
{
    return plan->n_rungs - (plan->rungs[0].copy ? 1 : 0);
}

/* From the decoder to pictures of even size, upright, at a constant rate: label [base]. */
static void graph_base(const struct probe *p, const struct plan *plan, struct buf *g)
{
    const struct plan_rung *top = &plan->rungs[0];
    const char *join = plan->deinterlace ? "yadif=deint=interlaced," : "";
    if (plan->canvas) {
        /* overlay reads the size of each picture; pad would read that of the first one only */
        buf_printf(g, "color=black:s=%dx%d:r=%d/%d[bg];", top->width, top->height, plan->fps_num,
                   plan->fps_den);
        buf_printf(
            g,
            "[0:%d]%sfps=%d/%d:start_time=0,scale=%d:%d:force_original_aspect_ratio=decrease,setsar=1[in];",
            p->video.index, join, plan->fps_num, plan->fps_den, top->width, top->height);
        buf_str(g, "[bg][in]overlay=x='(W-w)/2':y='(H-h)/2':shortest=1:format=yuv420,setsar=1");
    } else {
        buf_printf(g, "[0:%d]%sfps=%d/%d:start_time=0", p->video.index, join, plan->fps_num, plan->fps_den);
    }
    if (plan->hold > 0)
        buf_printf(g, ",tpad=stop_mode=clone:stop_duration=%.3f", plan->hold);
    if (plan->slides) {
        /* at least one picture a second is kept, so that segments can begin at the regular keyframes */
        int most = (int)lround((double)plan->fps_num / plan->fps_den) - 1;
        buf_printf(g, ",mpdecimate=max=%d", most < 1 ? 1 : most);
    }
    buf_str(g, ",split=2[base][face]");
}

/* Each rendition is scaled from the next larger one, which is half the work of scaling each from the largest.
 * The smallest picture is passed on, label [look], for the analysis. */
static void graph_rungs(const struct plan *plan, struct buf *g)
{
    int first = plan->rungs[0].copy ? 1 : 0;
    char from[16] = "base";
    for (int i = first; i < plan->n_rungs; i++) {
        const struct plan_rung *r = &plan->rungs[i];
        /* Text needs the better filter, and slides have few pictures to scale. For small pictures of a camera
         * it costs nothing and gives SSIM 0.976 instead of 0.957 with a tenth fewer bytes. */
        const char *flags = plan->slides || r->width * r->height <= SMALL ? "bicubic" : "fast_bilinear";
        buf_printf(g, ";[%s]scale=%d:%d:flags=%s,format=yuv420p,setsar=1,split=2[v%d]", from, r->width,
                   r->height, flags, i);
        snprintf(from, sizeof from, i + 1 < plan->n_rungs ? "s%d" : "look", i);
        buf_printf(g, "[%s]", from);
    }
    if (first == plan->n_rungs)
        buf_str(g, ";[base]null[look]");
}

/* Slide changes can be seen at any size. scdet's default threshold misses most of them; 1 finds each page.
 * The lowest strip is ignored: clocks, page counters and subtitles change there. */
static void graph_changes(const struct plan *plan, struct buf *g)
{
    int width = 2 * THUMB_WIDTH, height = 2 * thumb_height(&plan->rungs[0]);
    buf_printf(g, ";[look]split=2[look][slides];[slides]scale=%d:%d:flags=fast_bilinear,crop=%d:%d:0:0,",
               width, height, width, height - (int)lround(height * STRIP));
    buf_str(g, "setsar=1,scdet=t=1,metadata=print:key=lavfi.scd.time,nullsink");
}

static void graph_findings(const struct plan *plan, struct buf *g)
{
    const struct plan_rung *top = &plan->rungs[0];
    int width = poster_width(plan);
    struct command_sheet sheet;
    command_sheet(plan, &sheet);
    if (plan->view != VIEW_CAM)
        graph_changes(plan, g);
    buf_printf(g,
               ";[look]select='gte(t,selected_n*%d)*lt(selected_n,%d)',scale=%d:%d,setsar=1,tile=%dx%d,"
               "format=yuvj420p[thumbs]",
               sheet.interval, sheet.count, sheet.width, sheet.height, sheet.columns, sheet.rows);
    buf_printf(g, ";[face]select='gte(t,%.3f)*lt(selected_n,1)',scale=%d:%d,setsar=1,format=yuvj420p[poster]",
               command_poster_time(plan->duration), width,
               2 * (int)lround((double)width * top->height / top->width / 2));
}

void command_graph(const struct probe *p, const struct plan *plan, struct buf *g)
{
    graph_base(p, plan, g);
    graph_rungs(plan, g);
    graph_findings(plan, g);
}

/* CMAF segments as byte ranges of one file per rendition, playlists beside it, audio as a group of its
 * own. */
static void hls_output(const struct media_job *job, const struct plan *plan, bool all,
                       struct child_argv *argv)
{
    struct buf map;
    buf_init(&map, GRAPH_MAX);
    int n = 0, first = plan->rungs[0].copy ? 1 : 0;
    for (int i = first; all && i < plan->n_rungs; i++)
        buf_printf(&map, "v:%d,%sname:%s ", n++, plan->has_audio ? "agroup:a," : "", plan->rungs[i].name);
    if (first == 1)
        buf_printf(&map, "v:%d,%sname:%s ", n, plan->has_audio ? "agroup:a," : "", plan->rungs[0].name);
    if (plan->has_audio)
        buf_str(&map, "a:0,agroup:a,name:audio");
    child_argv_all(argv, "-map_metadata", "-1", "-map_chapters", "-1", "-max_muxing_queue_size", "8192", "-f",
                   "hls", "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4", "-hls_flags",
                   "single_file+independent_segments", NULL);
    /* Every track begins at 0 without an edit list, since some players ignore edit lists. B-frames make the
     * offsets of pictures negative; FFmpeg's default would instead shift all tracks of the view until no
     * decoding time is negative. An encoder's priming before 0 is left out. */
    child_argv_all(argv, "-avoid_negative_ts", "disabled", NULL);
    if (plan->has_audio)
        child_argv_all(argv, "-copypriorss:a", "0", NULL);
    child_argv_all(argv, "-hls_segment_options", "movflags=+negative_cts_offsets", "-hls_time", NULL);
    child_argv_printf(argv, "%d", PLAN_SEGMENT_SECONDS);
    child_argv_add(argv, "-var_stream_map");
    child_argv_printf(argv, "%.*s", (int)(map.n > 0 && map.p[map.n - 1] == ' ' ? map.n - 1 : map.n), map.p);
    child_argv_add(argv, "-hls_segment_filename");
    child_argv_printf(argv, "%s/%%v.mp4", job->out);
    child_argv_printf(argv, "%s/%%v.m3u8", job->out);
    buf_fini(&map);
}

void command_quick(struct cx *cx, const struct media_job *job, const struct probe *p, const struct plan *plan,
                   struct child_argv *argv)
{
    media_tool_ffmpeg(cx, job, argv);
    child_argv_all(argv, "-v", "error", "-progress", "pipe:1", "-stats_period", "0.5", NULL);
    media_tool_input_from(job, probe_origin(p), argv);
    child_argv_add(argv, "-map");
    child_argv_printf(argv, "0:%d", p->video.index);
    child_argv_all(argv, "-c:v", "copy", "-bsf:v", PICTURES_FROM_0, NULL);
    if (plan->has_audio) {
        child_argv_add(argv, "-map");
        child_argv_printf(argv, "0:%d", p->audio.index);
        if (plan->audio_copy) {
            /* converts ADTS (MPEG-TS) to the form of MP4; other sources pass unchanged */
            child_argv_all(argv, "-c:a", "copy", "-bsf:a", "aac_adtstoasc," SOUND_FROM_0, NULL);
        } else {
            /* the encoder's priming takes the place of the first samples */
            child_argv_add(argv, "-af");
            child_argv_printf(argv,
                              "aresample=48000:async=1:first_pts=0,apad=whole_dur=%.3f,"
                              "atrim=start_sample=" PRIMING ":end=%.3f",
                              plan->duration, plan->duration);
            child_argv_all(argv, "-c:a", "aac", "-b:a", "128k", "-ac", NULL);
            child_argv_printf(argv, "%d", plan->audio_channels);
        }
    }
    hls_output(job, plan, false, argv);
}

void command_poster(struct cx *cx, const struct media_job *job, const struct probe *p,
                    const struct plan *plan, struct child_argv *argv)
{
    media_tool_ffmpeg(cx, job, argv);
    child_argv_all(argv, "-v", "error", "-skip_frame", "nokey", "-ss", NULL);
    child_argv_printf(argv, "%.3f", command_poster_time(plan->duration));
    media_tool_input(job, argv);
    child_argv_add(argv, "-map");
    child_argv_printf(argv, "0:%d", p->video.index);
    child_argv_all(argv, "-frames:v", "1", "-vf", NULL);
    child_argv_printf(argv, "scale=%d:-2,setsar=1,format=yuvj420p", poster_width(plan));
    child_argv_all(argv, "-q:v", "3", "-update", "1", "-f", "image2", NULL);
    child_argv_printf(argv, "%s/poster.jpg", job->out);
}

static void stream_option(struct child_argv *argv, const char *option, int stream, const char *value)
{
    child_argv_printf(argv, "-%s:v:%d", option, stream);
    child_argv_add(argv, value);
}

/* Threads for the encoder of a rendition. Small pictures gain little from many threads, which cost a
 * twentieth of the whole job. */
static long threads_of(int rung)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    n = rung == 0 ? n : n / 4;
    return n < 1 ? 1 : n;
}

/* Settings of the preset veryfast that gain nothing on recordings. A fixed number of three B-frames makes
 * 1080 lines 1 to 2 % smaller than choosing the number does, at the same SSIM, also with cuts and pans. There
 * is little motion, and the small diamond finds it as well as the hexagon does. Both save 3 to 5 % of the
 * whole job. Small pictures would get worse and gain almost nothing. */
static void search(const struct plan_rung *r, int stream, struct child_argv *argv)
{
    stream_option(argv, "b_strategy", stream, "0");
    if (r->width * r->height > SMALL)
        stream_option(argv, "me_method", stream, "dia");
}

/* Each option names its stream, so that none applies to a copied stream in the same output. */
static void encoder(struct cx *cx, const struct plan *plan, int rung, int stream, struct child_argv *argv)
{
    stream_option(argv, "c", stream, "libx264");
    stream_option(argv, "threads", stream, arena_printf(cx->arena, "%ld", threads_of(rung)));
    stream_option(argv, "preset", stream, "veryfast");
    stream_option(argv, "profile", stream, "high");
    stream_option(argv, "crf", stream, arena_printf(cx->arena, "%d", plan->crf));
    /* keyframes only where they are forced: all renditions of a view are cut at the same places */
    stream_option(argv, "g", stream, "99999");
    stream_option(argv, "sc_threshold", stream, "0");
    if (plan->rungs[0].copy && !plan->slides)
        stream_option(argv, "force_key_frames", stream, "source");
    else
        stream_option(argv, "force_key_frames", stream,
                      arena_printf(cx->arena, "expr:gte(t,n_forced*%d)", PLAN_SEGMENT_SECONDS));
    if (!plan->slides) {
        stream_option(argv, "fps_mode", stream, "passthrough");
        search(&plan->rungs[rung], stream, argv);
        return;
    }
    /* Pictures are dropped. Without an explicit time base and explicit lengths the muxer would fill the gaps
     * again, or the video would end before the audio. The last picture lasts until the end of the view. No
     * B-frames: they would shift the lengths. */
    stream_option(argv, "fps_mode", stream, "vfr");
    stream_option(argv, "bf", stream, "0");
    stream_option(argv, "enc_time_base", stream, "1/90000");
    stream_option(argv, "bsf", stream,
                  arena_printf(cx->arena,
                               "setts=duration=if(gt(NEXT_PTS\\,PTS)\\,NEXT_PTS-PTS\\,max(1\\,%lld-PTS))",
                               (long long)llround(plan->duration * TICKS)));
}

/* Encoded ones first: FFmpeg's progress counts the frames of the first stream. */
static void video_streams(struct cx *cx, const struct probe *p, const struct plan *plan,
                          struct child_argv *argv)
{
    int first = plan->rungs[0].copy ? 1 : 0, stream = 0;
    for (int i = first; i < plan->n_rungs; i++) {
        child_argv_add(argv, "-map");
        child_argv_printf(argv, "[v%d]", i);
        encoder(cx, plan, i, stream++, argv);
    }
    if (first == 1) {
        child_argv_add(argv, "-map");
        child_argv_printf(argv, "0:%d", p->video.index);
        stream_option(argv, "c", stream, "copy");
        stream_option(argv, "bsf", stream, PICTURES_FROM_0);
    }
}

void command_full(struct cx *cx, const struct media_job *job, const struct probe *p, const struct plan *plan,
                  const char *audio, struct child_argv *argv)
{
    struct buf graph;
    buf_init(&graph, GRAPH_MAX);
    command_graph(p, plan, &graph);
    media_tool_ffmpeg(cx, job, argv);
    child_argv_all(argv, "-v", "level+info", "-progress", "pipe:1", "-stats_period", "0.5", NULL);
    if (plan->canvas)
        child_argv_all(argv, "-reinit_filter", "0", NULL); /* a new size must not restart the graph */
    if (encoded(plan) == 0 && plan->view == VIEW_CAM)
        child_argv_all(argv, "-skip_frame", "nokey", NULL); /* only thumbnails are wanted */
    media_tool_input_from(job, probe_origin(p), argv);
    if (audio)
        media_tool_own_input(argv, audio);
    child_argv_all(argv, "-filter_complex", arena_strdup(cx->arena, graph.p), NULL);
    buf_fini(&graph);
    video_streams(cx, p, plan, argv);
    if (audio)
        child_argv_all(argv, "-map", "1:a:0", "-c:a", "copy", NULL);
    hls_output(job, plan, true, argv);
    child_argv_all(argv, "-map", "[thumbs]", "-fps_mode", "passthrough", "-c:v", "mjpeg", "-q:v", "5",
                   "-update", "1", "-f", "image2", NULL);
    child_argv_printf(argv, "%s/thumbs.jpg", job->out);
    child_argv_all(argv, "-map", "[poster]", "-fps_mode", "passthrough", "-c:v", "mjpeg", "-q:v", "3",
                   "-update", "1", "-f", "image2", NULL);
    child_argv_printf(argv, "%s/poster.jpg", job->out);
}

void command_download(struct cx *cx, const struct media_job *job, const char *video, const char *audio,
                      struct child_argv *argv)
{
    media_tool_ffmpeg(cx, job, argv);
    child_argv_all(argv, "-v", "error", NULL);
    media_tool_own_input(argv, video);
    if (audio)
        media_tool_own_input(argv, audio);
    child_argv_all(argv, "-map", "0:v:0", NULL);
    if (audio)
        child_argv_all(argv, "-map", "1:a:0", NULL);
    child_argv_all(argv, "-c", "copy", "-movflags", "+faststart", "-f", "mp4", NULL);
    child_argv_printf(argv, "%s/download.mp4", job->out);
}
