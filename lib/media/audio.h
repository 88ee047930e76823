/* Sound of a view: measured, levelled to -18 LUFS with peaks under -1 dBTP, adjusted to the video's length;
 * its pauses are found relative to the recording's own noise. All passes read the audio stream only. */
#ifndef LIB_MEDIA_AUDIO_H
#define LIB_MEDIA_AUDIO_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/cx.h"
#include "lib/media/plan.h"
#include "lib/media/tool.h"

#define AUDIO_TARGET_LUFS -18.0
#define AUDIO_TOLERANCE   1.0   /* LU */
#define AUDIO_PEAK        -1.0  /* dBTP, at most */
#define AUDIO_LEAST_LUFS  -60.0 /* below this there is only noise: it is left as it is */

enum { AUDIO_MAX_SILENCES = 4096 };

struct audio_span {
    double start, end; /* seconds */
};

struct audio_level {
    double lufs, peak; /* integrated; true peak in dBTP; -INFINITY: digital silence */
};

struct audio_result {
    struct audio_level before, after;
    double gain;                 /* dB applied */
    double floor;                /* dBFS: peaks of the quietest tenth */
    double threshold;            /* dBFS under which it counts as silent */
    struct audio_span *silences; /* in the arena */
    size_t n;
};

/* Writes `path` (an .m4a with AAC-LC, 48 kHz) of length plan->duration. Fails with code verify if the level
 * is not reached. */
WARN_UNUSED enum rc audio_make(struct cx *cx, struct media_job *job, const struct probe *p,
                               const struct plan *plan, const char *path, struct audio_result *out);

/* --- pure parts, for tests --- */

/* Reads a line of FFmpeg's log. True if it was a line about the level. */
bool audio_parse_level(const char *line, struct audio_level *level, bool *in_peak);
/* -1 start, 1 end, 0 neither. */
int audio_parse_silence(const char *line, double *at);
/* Peaks (dBFS) of equal windows → threshold; *floor gets the 10th percentile. n may be 0. Reorders peaks. */
double audio_threshold(double *peaks, size_t n, double *floor);
/* Joins spans less than 0.3 s apart, cuts them to 0..duration; returns how many are left. */
size_t audio_join(struct audio_span *s, size_t n, double duration);

#endif
