/* One view of a live stream in memory: its origin, its files, the requests that wait for it. */
#ifndef DAEMONS_LIVED_STREAM_H
#define DAEMONS_LIVED_STREAM_H

#include "daemons/lived/lived.h"
#include "lib/live/origin.h"
#include "lib/wire/words.h"

#define STREAM_INDEX "index"

enum { STREAM_FORMS = 3 /* of playlists that grow */, STREAM_PUT = 128 };

struct waiting;

/* A playlist as it was last made. */
struct stream_list {
    uint64_t version;
    struct origin_bytes *text;
};

/* The file of the segment that a track writes; msn SIZE_MAX: none. */
struct stream_file {
    int fd;
    size_t msn;
    int64_t size;
};

struct stream {
    struct lived *d;
    struct stream *next;
    char lecture[STORE_KEY_SIZE + 1];
    int64_t generation;
    enum view_kind view;
    struct origin origin;
    int dir, index; /* folder and file */
    int disk_error; /* errno of the last write */
    struct stream_file files[ORIGIN_TRACKS];
    struct stream_list lists[ORIGIN_TRACKS][STREAM_FORMS];
    struct waiting *waiting;
    int64_t job;     /* of the ingest whose run it is; 0: not known */
    int64_t used_at; /* monotonic, ms */
};

/* "<lecture>/g<N>/<view>" at the beginning of *path, which then has what is behind it. */
struct stream_name {
    struct str lecture;
    int64_t generation;
    enum view_kind view;
};
bool stream_name_read(struct str *path, struct stream_name *out);

/* From memory, else from disk, else, with `make`, a new one. RC_NOTFOUND: there is none; RC_UNAVAIL: the disk. */
WARN_UNUSED enum rc stream_find(struct cx *cx, struct lived *d, const struct stream_name *name, bool make,
                                struct stream **out);
/* What waits is answered first. */
void stream_free(struct stream *s);
/* Those that nobody has used for a while. */
void stream_sweep(struct lived *d, int64_t now);

/* A file of the folder, written at once and synced. */
WARN_UNUSED enum rc stream_write(struct cx *cx, const struct stream *s, const char *name, struct str text);
/* Lends until the origin changes. */
struct origin_bytes *stream_list_of(struct stream *s, int track, enum origin_form form);

/* Reads index, inits and the segments that were not complete. */
WARN_UNUSED enum rc stream_load(struct cx *cx, struct stream *s);

#endif
