/* What to make of a source: a pure function of its probe and the kind of view. The same figures always give
 * the same plan, so a worker computes it again from the probe that it receives; the JSON of the plan is for
 * people and for the core. */
#ifndef LIB_MEDIA_PLAN_H
#define LIB_MEDIA_PLAN_H

#include <jansson.h>
#include <stdbool.h>

#include "lib/base/cx.h"
#include "lib/media/probe.h"
#include "lib/wire/words.h"

enum { PLAN_MAX_RUNGS = 4, PLAN_MAX_WORDS = 24, PLAN_MAX_ARGS = 2, PLAN_SEGMENT_SECONDS = 4 };

#define PLAN_MAX_GOP 6.0 /* seconds between keyframes of a stream that is copied */
#define PLAN_MAX_BITRATE                                                                                     \
    (12 * 1000000LL) /* bit/s of a stream that is copied: students' connections should carry it */

/* One reason or decision for people: a key of the catalogues (Plan.<key>) and the figures in the sentence. */
struct plan_word {
    const char *key;
    struct {
        const char *name;
        char text[PROBE_TEXT];
    } args[PLAN_MAX_ARGS];
    int n;
};

struct plan_rung {
    char name[16]; /* "v720": by its height, also the name of its files */
    int width, height;
    bool copy; /* the source's packets as they are */
};

struct plan {
    enum view_kind view;
    bool quick;      /* the video can be copied at once */
    bool audio_copy; /* the quick generation may copy the audio as well */
    bool has_audio;
    int audio_channels; /* of encoded audio: 1 or 2 */
    struct plan_rung rungs[PLAN_MAX_RUNGS];
    int n_rungs; /* largest first; at least 1 */
    int crf, nice;
    bool slides;          /* repeated pictures are dropped */
    bool deinterlace;     /* fields are joined before anything else */
    bool canvas;          /* pictures of changing size are put onto one of fixed size */
    int fps_num, fps_den; /* of encoded renditions */
    double duration;      /* of the view, seconds */
    double hold;          /* seconds for which the last picture is held, because the audio is longer */
    struct plan_word words[PLAN_MAX_WORDS];
    int n_words;
};

/* p has video, as probe_file guarantees. copy false: the source is damaged, nothing of the video is
 * copied. */
void plan_make(const struct probe *p, enum view_kind view, bool copy, struct plan *out);

/* {quick:{…}|null, full:{…}, words:[{key, args:{}}…]}; gives */
json_t *plan_to_json(const struct plan *p);

#endif
