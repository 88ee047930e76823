/* What is in a file: its streams, and what a scan of all packets says about keyframes, frame times and
 * lengths. Nothing is decoded. The file is untrusted and is read only in the sandbox. */
#ifndef LIB_MEDIA_PROBE_H
#define LIB_MEDIA_PROBE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/media/tool.h"

enum { PROBE_TEXT = 48 };

#define PROBE_MIN_SECONDS 1.0
#define PROBE_MAX_SECONDS (12.0 * 3600)
#define PROBE_HIDDEN      0.1 /* seconds that an edit list may hide at the end without counting as trimmed */

/* All times in seconds. */
struct probe_video {
    int index;                                                       /* of the stream in the file */
    char codec[PROBE_TEXT], profile[PROBE_TEXT], pixels[PROBE_TEXT]; /* FFmpeg's names; pixels: "yuv420p" */
    int level;                                                       /* H.264: 42 is 4.2; 0 unknown */
    int width, height;                                               /* as coded, before rotation */
    int rotation;         /* degrees to turn for display: 0, 90, 180, 270 */
    int sar_num, sar_den; /* shape of a pixel, 1:1 if not said */
    int fps_num, fps_den; /* nominal rate, the median frame distance */
    bool steady;          /* constant rate, within jitter */
    bool interlaced, open_gop;
    bool untimed;              /* pictures without a time of presentation */
    bool trimmed;              /* an edit list hides part of the stream */
    char left_out[PROBE_TEXT]; /* codec of pictures of a live stream that are not in the file, "": none */
    double gop;                /* longest distance between keyframes */
    int configurations; /* different H.264 parameter sets; more than 1: the picture changes on the way */
    int64_t frames;     /* packets */
    double start, end;
    int64_t bitrate;
};

struct probe_audio {
    int index;
    char codec[PROBE_TEXT], profile[PROBE_TEXT];
    int channels, rate;
    int64_t frames;
    double start, end;
    int64_t bitrate;
    bool trimmed; /* an edit list hides its end */
};

struct probe {
    char container[PROBE_TEXT];
    double duration; /* end of the longer stream, from its packets */
    double claimed;  /* what the container says, 0 nothing */
    int64_t size;
    bool has_video, has_audio;
    struct probe_video video;
    struct probe_audio audio;
};

/* Reads job->source, and adds what is known from job->pictures. Failures (job->fail): unreadable, no_video, too_short,
 * too_long, too_many_tracks, unsupported. */
WARN_UNUSED enum rc probe_file(struct cx *cx, struct media_job *job, struct probe *out);

/* The beginning of the lecture on the source's clock: the first of picture and sound. */
double probe_origin(const struct probe *p);

json_t *probe_to_json(const struct probe *p); /* gives */
/* RC_INVALID: not such an object, or figures outside what probe_file may return. */
WARN_UNUSED enum rc probe_from_json(struct cx *cx, const json_t *o, struct probe *out);

/* --- pure parts, for tests --- */

/* ffprobe's -show_format -show_streams as JSON. RC_INVALID: not that. */
WARN_UNUSED enum rc probe_parse_streams(struct cx *cx, const json_t *root, struct probe *out);

/* A line "index,pts,dts,duration,flags" of a packet. */
struct probe_packet {
    int index;
    double pts, dts, duration; /* NAN: not given */
    bool key, hidden;          /* hidden: not presented, because of an edit list */
};
bool probe_parse_packet(const char *line, struct probe_packet *out);

/* The clock of MPEG streams may restart. Begin with zeroes and feed all packets in file order: times after a
 * restart are moved to continue the times before it, by FFmpeg's rules. */
struct probe_clock {
    double shift;
    struct {
        bool known;
        double last, next;
    } streams[2];
};
void probe_clock_packet(struct probe_clock *c, int stream, struct probe_packet *p);

/* What the packets of one stream say. Feed in file order, then finish. */
struct probe_scan {
    int64_t packets;
    double start, end; /* of what is presented, as are `times` */
    double *times;     /* presentation times, heap; NULL unless `keep` */
    size_t n, size;
    bool keep;
    double key_pts, gop; /* of the last keyframe; longest distance so far */
    bool any, any_key, open_gop, untimed;
    bool hidden_first;  /* packets before the first one presented are hidden */
    double hidden_last; /* seconds hidden after it */
};
void probe_scan_packet(struct probe_scan *s, const struct probe_packet *p);
/* Sets frames, start, end, gop, open_gop, rate and steadiness. */
void probe_scan_video(struct probe_scan *s, struct probe_video *v);
void probe_scan_free(struct probe_scan *s);

/* Number of different sequence parameter sets in an Annex B stream that consists of them only. */
int probe_count_configurations(const unsigned char *p, size_t n);

#endif
