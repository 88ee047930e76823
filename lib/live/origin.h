/* What people watch of one view of a live stream, as its storage node has it: runs, tracks, segments, parts, and the
 * playlists over them. Parts come from an ingest; what they contain is read from their boxes. Pure: the owner writes
 * files and answers requests; what is to be written is told to it (struct origin_sink). One thread.
 *
 * A *run* is one life of the program that makes the renditions. Segment k of all tracks of a run covers the same time
 * and gets the same number (msn), counted from 0 over all runs. A track that a run does not have goes on in the
 * playlists with the segments of a picture that it has; a sound that it does not have, with gaps. */
#ifndef LIB_LIVE_ORIGIN_H
#define LIB_LIVE_ORIGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/str.h"
#include "lib/format/mp4.h"

enum {
    ORIGIN_TRACKS = 4, /* v0 (the largest), v1, v2, a */
    ORIGIN_SOUND = ORIGIN_TRACKS - 1,
    ORIGIN_NAME = 3,             /* bytes of a track's name, NUL included */
    ORIGIN_SESSION = 33,         /* bytes of a session's key, NUL included */
    ORIGIN_TARGET_S = 2,         /* EXT-X-TARGETDURATION */
    ORIGIN_SEGMENT_US = 2499999, /* no segment is longer: it is rounded to the target */
    ORIGIN_PART_US =
        400000, /* PART-TARGET; more while a longer part is listed: of few pictures, or dropped ones */
    ORIGIN_HOLD_BACKS = 3, /* PART-HOLD-BACK, in targets */
    ORIGIN_SKIP_US = 12000000,
    ORIGIN_LISTED_US = 6000000, /* parts are in playlists so long */
    ORIGIN_KEPT_US = 10000000,  /* … and in memory */
    ORIGIN_SEGMENTS_MAX = 65536,
    ORIGIN_RUNS_MAX = 4096,
    ORIGIN_PARTS_MAX = 128,      /* of a segment */
    ORIGIN_SKIPPED_MAX = 8,      /* segments that a run may leave out at once */
    ORIGIN_HELD_MAX = 64 << 20,  /* bytes of a run that is not yet beyond what is there */
    ORIGIN_HELD_MS = 10000,      /* after that its clock was set back: nothing of it is there */
    ORIGIN_DRIFT_MS = 10000,     /* a run whose times are so far from now gets new dates */
    ORIGIN_SIZE_MAX = 16384,     /* pixels; greater numbers are not believed */
    ORIGIN_RATE_MAX = 1000000000 /* bit/s */
};

enum origin_said {
    ORIGIN_TAKEN,
    ORIGIN_HAD,     /* it is there already */
    ORIGIN_OLD,     /* a newer run is there */
    ORIGIN_SEALED,  /* nothing is taken any more */
    ORIGIN_BAD,     /* not what it must be */
    ORIGIN_DISK,    /* the owner could not write it */
    ORIGIN_TOO_MANY /* a limit above */
};

/* Bytes that several hold; one thread. */
struct origin_bytes {
    int refs;
    size_t n;
    char p[];
};
struct origin_bytes *origin_bytes_new(struct str s);
struct origin_bytes *origin_bytes_ref(struct origin_bytes *b);
void origin_bytes_unref(struct origin_bytes *b); /* NULL is fine */

struct origin_part {
    int64_t length; /* µs */
    bool key;
    struct origin_bytes *bytes;
};

struct origin_segment {
    int run;
    int64_t k;      /* in its run */
    int64_t length; /* µs */
    int64_t bytes;
    int64_t time; /* when it was shown, ms since 1970 */
    bool there;   /* false: this track has nothing for its number */
    bool key, closed;
    struct origin_part *parts; /* those in memory; NULL: none */
    int part_count;            /* also of those that are no more in memory */
};

struct origin_track {
    struct origin_segment *segments; /* index: msn */
    size_t n, size;
    size_t kept;  /* from this one on, parts are in memory */
    int64_t peak; /* bit/s, of the segments so far */
};

/* A track of a run. */
struct origin_input {
    bool announced, ready; /* … and its init is there */
    struct mp4_track init;
    int width, height; /* as announced */
    int64_t rate;      /* … bit/s */
    int64_t k, p;      /* of the next part */
    int64_t end;       /* ticks of the track: so far it is decoded to here; -1: not known */
};

struct origin_run {
    char session[ORIGIN_SESSION];
    int64_t fence, child;
    int64_t at;       /* ms, in the time of its session: when the run begins */
    int64_t shown_at; /* ms since 1970 at which the session's time was 0 */
    bool begun;       /* its segments are counted, from first_k on as first_msn */
    int64_t first_k;
    size_t first_msn;
    struct origin_input in[ORIGIN_TRACKS];
};

/* A part of a run that has not begun. */
struct origin_held {
    int track;
    int64_t k;
    struct mp4_fragment f;
    struct origin_bytes *bytes;
};

/* What the owner does, in this order. Segment `msn` of a track gets these bytes; it is complete; lines for the index.
 * False: it could not be written, and the part is not there.
 * A segment that is complete has its line written by the owner once its bytes are on disk (origin_line_segment). */
struct origin_sink {
    bool (*append)(void *arg, int track, size_t msn, struct str bytes);
    void (*complete)(void *arg, int track, size_t msn);
    void (*line)(void *arg, struct str line);
    void *arg;
};

struct origin {
    struct origin_sink sink;
    struct origin_track tracks[ORIGIN_TRACKS];
    struct origin_run *runs;
    int run_count, run_size;
    struct origin_held *held;
    size_t held_count, held_size, held_bytes;
    int64_t until;    /* ms of the session's time: what its first track has */
    int64_t held_at;  /* ms since 1970: the first part that is held came */
    int64_t floor;    /* of the run that has not begun: what lies before this k is there already */
    uint64_t version; /* grows with every change that players see */
    bool sealed;
};

void origin_init(struct origin *o, const struct origin_sink *sink);
void origin_fini(struct origin *o);

const char *origin_track_name(int track); /* "v0" … "a" */
/* -1: none. */
int origin_track_of(struct str name);

/* --- the ingest --- */

/* What is announced of a run: session, fence, child, at; in[].announced, width, height, rate. ORIGIN_BAD: a value is
 * out of its bounds; runs of a session are ordered by (fence, child), and another session begins anew. */
enum origin_said origin_run(struct origin *o, const struct origin_run *run);
/* The current run, or NULL. */
struct origin_run *origin_current(const struct origin *o);
/* Is it the current run? TAKEN: yes. OLD: it was. BAD: it was not announced. */
enum origin_said origin_find(const struct origin *o, int64_t fence, int64_t child);

/* Of the current run. The init's own file is written by the owner (origin_init_name) when it is TAKEN. */
enum origin_said origin_track_init(struct origin *o, int track, struct str bytes);
/* now: ms since 1970. */
enum origin_said origin_part(struct origin *o, int track, int64_t k, int64_t p, struct str bytes,
                             int64_t now);
/* The run is over: its last segments are complete. */
void origin_end(struct origin *o);
/* The stream is. */
void origin_seal(struct origin *o);

/* --- players --- */

/* Is there something to show: a part of every track of the first run? */
bool origin_is_shown(const struct origin *o);
/* The part is there, or the segment is complete (part -1), or what was asked for will never be. */
bool origin_has(const struct origin *o, int track, int64_t msn, int64_t part);
/* So far in the future that nobody could know of it. */
bool origin_is_far(const struct origin *o, int track, int64_t msn, int64_t part);
/* Lends; NULL: not (or no more) in memory. */
struct origin_bytes *origin_part_bytes(const struct origin *o, int track, int64_t msn, int64_t part);
/* Will that part never come? */
bool origin_is_over(const struct origin *o, int track, int64_t msn, int64_t part);

/* Names of files and addresses, relative to the view's folder. */
enum { ORIGIN_FILE = 48 };
void origin_init_name(int track, int run, char out[ORIGIN_FILE]);
void origin_segment_name(int track, size_t msn, char out[ORIGIN_FILE]);

/* Forms of a playlist: for players with low latency (also without what they have already), for others, and of the
 * whole recording. */
enum origin_form { ORIGIN_LOW, ORIGIN_LOW_SKIP, ORIGIN_PLAIN, ORIGIN_VOD };
void origin_list(const struct origin *o, int track, enum origin_form form, struct buf *out);
/* prefix: of the names of its playlists, "live-". False: there is nothing to show yet. */
bool origin_master(const struct origin *o, const char *prefix, bool independent, struct buf *out);
/* A playlist of this track can be had. */
bool origin_has_track(const struct origin *o, int track);
/* Every segment of pictures begins with a keyframe. */
bool origin_is_independent(const struct origin *o);
/* µs. */
int64_t origin_length(const struct origin *o);

/* --- the index: what is left of it after a restart --- */

enum { ORIGIN_LINE = 256 };
void origin_line_segment(const struct origin *o, int track, size_t msn, char out[ORIGIN_LINE]);
/* One line without its end; of a fresh origin, in order. False: it is none, and what follows is not to be read. */
bool origin_read_line(struct origin *o, struct str line);
/* The init of a run that was read, from its file. */
bool origin_read_init(struct origin *o, int run, int track, struct str bytes);
/* The parts of the last complete segment whose parts are not in memory (number `kept` - 1), from its file. False: it
 * has other bytes. */
bool origin_read_parts(struct origin *o, int track, struct str bytes);
/* The number of the track's next segment, which has no line but may have a file; SIZE_MAX: the run has none. */
size_t origin_next(const struct origin *o, int track);
/* That segment from its file. Returns how many bytes are whole parts; what is behind them is to be cut off. */
size_t origin_read_segment(struct origin *o, int track, struct str bytes);

#endif
