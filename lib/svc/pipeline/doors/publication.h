/* The recordings of a lecture: what can be watched, what is being made, what failed. Read by pages
 * (state.json, the lecturer's lecture page) and by `lecternctl lecture show`. Only the pipeline writes it. */
#ifndef LIB_SVC_PIPELINE_DOORS_PUBLICATION_H
#define LIB_SVC_PIPELINE_DOORS_PUBLICATION_H

#include "lib/base/cx.h"
#include "lib/svc/pipeline/records/upload.h"
#include "lib/svc/state.h"

/* A sentence of the catalogues: text Plan.<key> (or Err.media_<key> for failures) with {name} replaced by
 * value. */
struct word {
    const char *key;
    const char **names;
    const char **values;
    size_t n;
};

struct publication_rendition {
    const char *name; /* "v720" */
    int width, height;
    int64_t bitrate; /* bit/s */
    int64_t frames;
    double duration; /* seconds */
    bool copied;
};

struct publication_silence {
    double start, end; /* seconds */
};

struct publication_file {
    const char *path; /* below the view's folder */
    int64_t size;
    const char *sha256;
};

/* A view that can be watched in the current generation. */
struct publication_view {
    enum view_kind kind;
    const char *
        quality; /* "quick", "full", or "live": the sealed stream, which has pictures and sound and nothing else */
    double duration; /* seconds */
    bool has_audio, has_sprite, has_download, has_poster;
    struct publication_rendition *renditions; /* highest first */
    size_t rendition_count;
    struct publication_silence *silences;
    size_t silence_count;
    double *chapters; /* seconds */
    size_t chapter_count;
    struct publication_file *files; /* only from publication_get_full */
    size_t file_count;
};

/* The newest source of a view, with its state. */
struct publication_work {
    enum view_kind view;
    const char *upload_key;
    const char *name; /* the file's name */
    int64_t size;
    int64_t created;
    /* "live" (part of a live stream, of which no source is made yet), "uploading", "probe", "quick", "full", "done", "failed",
     * "expired" */
    const char *state;
    bool waiting;      /* the step is in the queue */
    double progress;   /* 0..1 of the step */
    int eta;           /* seconds left, -1: not known */
    int attempt;       /* of the step, 1 is the first */
    bool second;       /* a node said that the recording fails everywhere, and another one is asked */
    bool again;        /* it can be processed again, see lib/svc/pipeline/flow/again.h */
    struct word *plan; /* after the probe: what is copied, what is encoded and why */
    size_t plan_count;
    const char
        *error_code; /* why it failed (or failed last, if it is tried again): Err.media_<code>; or NULL */
    const char *error_text; /* detail for maintainers, or NULL */
};

/* The live stream of a lecture as viewers see it. */
enum stream_state {
    STREAM_NONE,
    STREAM_PLANNED,     /* the lecture will begin */
    STREAM_WAITING,     /* its time has come and nobody streams, or the stream cannot be watched yet */
    STREAM_ON,          /* it can be watched */
    STREAM_INTERRUPTED, /* nobody publishes; it may go on */
    STREAM_ENDED,       /* it is over, and was within 20 minutes or can still be watched */
    STREAM_STATE_COUNT
};
const char *stream_state_name(enum stream_state s); /* "planned" …; "" for STREAM_NONE */

struct publication_stream {
    enum stream_state state; /* never STREAM_PLANNED; STREAM_WAITING only of a stream that has begun */
    int generation;          /* what can be watched of it, or will be in a moment; 0: nothing */
    int64_t began;           /* ms */
    bool sealed;
    enum view_kind views[VIEW_KIND_COUNT]; /* that can be watched */
    size_t view_count;
};

struct publication {
    int64_t lecture_id;
    const char *lecture_key;
    enum media_state media;
    int generation; /* the newest that is whole: a commit or a sealed stream; 0: nothing to watch on demand yet */
    double duration;        /* longest view, seconds */
    const char *store_url;  /* storage node without a slash at the end; "" while there is none */
    const char *error_code; /* media failed: Err.media_<code>, else NULL */
    const char *error_text;
    bool sealed; /* that is the stream */
    struct publication_stream stream;
    struct publication_view *views; /* of that generation */
    size_t view_count;
    struct publication_work *work;
    size_t work_count;
};

/* The storage nodes, which have the files of lectures. */
struct publication_store {
    int64_t node_id;
    const char *url; /* without a slash at the end; "": the core's own address */
};
WARN_UNUSED enum rc publication_stores(struct cx *cx, struct publication_store **out, size_t *n);

/* No check of rights: callers have the lecture already. A fixed number of statements. */
WARN_UNUSED enum rc publication_get(struct cx *cx, int64_t lecture_id, struct publication **out);
/* The state of the stream, or what is to come of it by the time of the lecture. Pure. A lecture of which there is anything yet does not
 * wait for a stream. */
struct lecture;
enum stream_state publication_stream_state(const struct publication *p, const struct lecture *l, int64_t now);
/* The same with every file of the manifest. */
WARN_UNUSED enum rc publication_get_full(struct cx *cx, int64_t lecture_id, struct publication **out);

#endif
