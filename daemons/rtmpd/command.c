#include "daemons/rtmpd/command.h"

#include <unistd.h>

/* Address space of one child, as workers have it. On two processors 1080p in three rungs runs with 1 GiB (and has 100 MB
 * in memory); on more there are more threads. */
#define MEMORY_BYTES "6442450944"
/* Below this program, which must take what arrives. */
#define NICE "5"

enum {
    RATE_OVER = 6 /* a rung's largest rate is a sixth more than its usual one */,
    KEY_S = 2,
    TICKS_OF_MS = 90
};

/* When a fragment is that long (µs), the next one begins, of all tracks. No fragment is then longer than 0.4 s, or shorter
 * than 0.34 s but for the last of a segment: the target of parts, and 85 % of it, which players are promised (RFC 8216bis
 * section 4.4.3.7). It is not the sound, between two pictures, that ends them: AAC of 48 kHz has a packet at 0.363 s,
 * pictures of 25, 30, 50 and 60 a second are there before or at 0.367 s, those of 24 at 0.375 s. */
static const char *piece_us(const struct ladder *l)
{
    return l->rate > 23.5 && l->rate < 24.5 ? "370000" : "360000";
}

static void start(struct cx *cx, const struct conf *conf, struct child_argv *argv)
{
    child_argv_init(argv, cx->arena);
    child_argv_printf(argv, "%s/lectern-sandbox", conf->program_dir);
    child_argv_all(argv, "--mem", MEMORY_BYTES, "--nice", NICE, "--parent", NULL);
    child_argv_printf(argv, "%ld", (long)getpid());
    child_argv_all(argv, "--", conf->ffmpeg, "-hide_banner", "-nostdin", "-nostats", "-loglevel", "warning",
                   NULL);
}

/* An option of one track of pictures: -name:v:i value. */
static void option(struct child_argv *argv, const char *name, int i, const char *value)
{
    child_argv_printf(argv, "-%s:v:%d", name, i);
    child_argv_add(argv, value);
}

static void number(struct child_argv *argv, const char *name, int i, int64_t value)
{
    child_argv_printf(argv, "-%s:v:%d", name, i);
    child_argv_printf(argv, "%lld", (long long)value);
}

static int first_encoded(const struct ladder *l)
{
    return l->count > 0 && l->rungs[0].copied ? 1 : 0;
}

/* One decoder for all encoded rungs. */
static void graph(struct cx *cx, const struct ladder *l, struct child_argv *argv)
{
    int first = first_encoded(l);
    if (first == l->count)
        return;
    const char *fill = l->filled ? arena_printf(cx->arena, "fps=%d,", LADDER_RATE_LEAST) : "";
    char *text = arena_printf(cx->arena, "[0:v]%ssplit=%d", fill, l->count - first);
    for (int i = first; i < l->count; i++)
        text = arena_printf(cx->arena, "%s[s%d]", text, i);
    for (int i = first; i < l->count; i++)
        text = arena_printf(cx->arena, "%s;[s%d]scale=-2:%d:flags=fast_bilinear,format=yuv420p[r%d]", text, i,
                            l->rungs[i].height, i);
    child_argv_all(argv, "-filter_complex", text, NULL);
}

static void encoded(struct cx *cx, const struct ladder *l, int i, struct child_argv *argv)
{
    int64_t rate = l->rungs[i].bitrate, most = rate + rate / RATE_OVER;
    bool follows = l->rungs[0].copied;
    option(argv, "enc_time_base", i, "1:90000"); /* that of the output: setts counts in either */
    option(argv, "c", i, "libx264");
    option(argv, "preset", i, "veryfast");
    option(argv, "tune", i, "zerolatency");
    number(argv, "b", i, rate);
    number(argv, "maxrate", i, most);
    number(argv, "bufsize", i, most);
    option(argv, "sc_threshold", i, "0");
    number(argv, "g", i, 10000);
    option(argv, "force_key_frames", i,
           follows ? "source" : arena_printf(cx->arena, "expr:gte(t,n_forced*%d)", KEY_S));
    /* Tracks are written in the order of decoding, and a keyframe ends the fragments of all. So a rung is decoded as
     * long before its presentation as the top, whose B-frames need that: then their keyframes are neighbours. */
    if (follows && l->shift > 0)
        option(argv, "bsf", i,
               arena_printf(cx->arena, "setts=dts=DTS-%lld", (long long)l->shift * TICKS_OF_MS));
}

void command_live(struct cx *cx, const struct conf *conf, const struct ladder *l, struct child_argv *argv)
{
    int first = first_encoded(l);
    start(cx, conf, argv);
    /* No analysis: the headers of FLV say all. No nobuffer, which drops what was read to find the streams. Times as they
     * are, so that parts of two runs can be compared. low_delay: no frame waits in a thread of the decoder. */
    child_argv_all(argv, "-protocol_whitelist", "pipe", "-format_whitelist", "flv", "-flags", "low_delay",
                   "-probesize", "32k", "-analyzeduration", "0", "-copyts", "-f", "flv", "-i", "pipe:0",
                   NULL);
    graph(cx, l, argv);
    if (first > 0)
        child_argv_all(argv, "-map", "0:v", "-c:v:0", "copy", NULL);
    for (int i = first; i < l->count; i++) {
        child_argv_add(argv, "-map");
        child_argv_printf(argv, "[r%d]", i);
        encoded(cx, l, i, argv);
    }
    if (l->sound)
        child_argv_all(argv, "-map", "0:a", "-c:a", "copy", "-bsf:a", "aac_adtstoasc", NULL);
    /* Without passthrough encoded rungs get their keyframes elsewhere. A track that is silent for a second does not hold
     * up the others. frag_discont: the first fragment has its own time, not 0. cmaf: a picture is presented when it is
     * decoded, or by an offset of either sign, so a copied top has the times of the rungs. */
    child_argv_all(argv, "-fps_mode", "passthrough", "-video_track_timescale", "90000",
                   "-max_interleave_delta", "1000000", "-f", "mp4", "-movflags",
                   "+empty_moov+default_base_moof+separate_moof+skip_trailer+cmaf+frag_keyframe+frag_discont",
                   "-frag_duration", piece_us(l), "-flush_packets", "1", "pipe:1", NULL);
}

void command_trial(struct cx *cx, const struct conf *conf, int seconds, struct child_argv *argv)
{
    const struct ladder l = {
        .rungs = {{.height = 720, .bitrate = 1800000}, {.height = 360, .bitrate = 600000}}, .count = 2};
    start(cx, conf, argv);
    child_argv_all(argv, "-f", "lavfi", "-i", "testsrc2=s=1920x1080:r=30", "-t", NULL);
    child_argv_printf(argv, "%d", seconds);
    graph(cx, &l, argv);
    for (int i = 0; i < l.count; i++) {
        child_argv_add(argv, "-map");
        child_argv_printf(argv, "[r%d]", i);
        encoded(cx, &l, i, argv);
    }
    child_argv_all(argv, "-f", "null", "-", NULL);
}
