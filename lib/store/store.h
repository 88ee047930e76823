/* Objects of a storage node in its file system. Everything lies below one root folder:
 *   spool/U.part (length = offset), spool/U.json (size, name), spool/U.full, spool/U.wish
 *   incoming/<lecture>/<job>-<attempt>/<name>      artifacts of one attempt
 *   media/<lecture>/g<N>/<view>/…                  committed, never changed afterwards
 *   node                                           the number of the store's node, as text
 * Paths are checked by name and walked folder by folder from the root without following a symbolic link. What
 * is reported as kept is on disk: data and folders are synced before a function returns RC_OK. A full disk is
 * RC_UNAVAIL of which file_is_full (lib/os/file.h) is true. Safe from several threads and processes: two writers of one upload are
 * kept apart by flock, everything else appears by rename. */
#ifndef LIB_STORE_STORE_H
#define LIB_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/base/str.h"

struct store;

enum {
    STORE_KEY_SIZE = 12,         /* characters of a lecture's or an upload's key: [a-z0-9] */
    STORE_MAX_PATH = 256,        /* bytes of a path below the root, NUL included */
    STORE_MAX_NAME = 64,         /* bytes of one component: [A-Za-z0-9._-], not starting with a dot */
    STORE_MAX_TITLE = 255,       /* bytes of a file's name as the client sent it */
    STORE_UPLOAD_LIFE_S = 86400, /* an upload without a byte for so long expires */
    STORE_SIZE_LATER = -1,       /* size of an upload that is still growing: told at its end */
    STORE_SHA256_HEX = 65        /* with NUL */
};

/* Opens root (which must exist) and makes spool, incoming and media below it. RC_UNAVAIL with the reason
 * else. */
WARN_UNUSED enum rc store_open(struct cx *cx, const char *root, struct store **out);
void store_close(struct store *s); /* NULL is fine */

/* Called between pieces of long work; true ends the work with RC_TIMEOUT. NULL: never stopped. */
typedef bool store_stopped(void *arg);

/* --- names --- */
bool store_is_key(struct str s);  /* 12 × [a-z0-9] */
bool store_is_name(struct str s); /* one path component as above */
bool store_is_path(
    struct str s); /* 1–8 such components joined by single slashes, less than STORE_MAX_PATH bytes */
bool store_is_view(struct str s);   /* CAM, PRES, COMB */
bool store_is_prefix(struct str s); /* "<lecture>/<job>-<attempt>" */

/* --- space --- */
struct store_space {
    int64_t free, total; /* bytes; free: for unprivileged writers */
};
WARN_UNUSED enum rc store_space(struct cx *cx, struct store *s, struct store_space *out);

/* --- the node, and workers on its machine --- */

/* The number that the core gave to the store's node. RC_NOTFOUND: the node has not been told yet; RC_INVALID or
 * RC_TOOBIG: the file holds something else. */
WARN_UNUSED enum rc store_node_get(struct cx *cx, struct store *s, int64_t *node);
/* Keeps it (more than 0); writes only if it is another one than before. */
WARN_UNUSED enum rc store_node_set(struct cx *cx, struct store *s, int64_t node);
/* Can files of the store be linked into the folder `dir`? Tried with the file of the number: equal devices
 * prove nothing, since a link may not cross two mounts of one file system. False also while the number is not
 * known. */
bool store_links_to(const struct store *s, const char *dir);

/* --- uploads --- */
struct store_upload {
    char id[STORE_KEY_SIZE + 1];
    const char *name;   /* as the client sent it, UTF-8; "" if none. In the arena. */
    int64_t size;       /* bytes, or STORE_SIZE_LATER */
    int64_t offset;     /* bytes that have arrived */
    int64_t expires_ms; /* STORE_UPLOAD_LIFE_S after the last byte */
    bool complete;      /* U.full is there */
};

/* Makes U.json and an empty U.part. The same id with the same size again is RC_OK and keeps the bytes that
 * have arrived; another size is RC_CONFLICT. An upload of size 0 is complete at once. With STORE_SIZE_LATER an
 * upload that is there is kept, whatever its size. *out is the state after the call. */
WARN_UNUSED enum rc store_upload_create(struct cx *cx, struct store *s, const char *id, int64_t size,
                                        const char *name, struct store_upload *out);
/* RC_NOTFOUND if there is none. If all bytes are there but the writer died before the rename, the upload is
 * completed here. */
WARN_UNUSED enum rc store_upload_stat(struct cx *cx, struct store *s, const char *id,
                                      struct store_upload *out);
/* Opens for appending at up->offset and locks. RC_CONFLICT: somebody else is writing. RC_NOTFOUND: none, or
 * complete. */
WARN_UNUSED enum rc store_upload_open(struct cx *cx, struct store *s, const char *id, struct store_upload *up,
                                      int *fd);
/* A request that waits for an upload which another one is writing asks for it by a file beside the upload: the
 * writer may be in another process. Writers look several times a second. What was asked stands until the
 * upload is opened or discarded. */
enum store_wish {
    STORE_WISH_NONE,   /* takes it back */
    STORE_WISH_SILENT, /* the writer is to end if nothing arrives any more */
    STORE_WISH_NOW     /* the writer is to end */
};
void store_upload_wish(struct store *s, const char *id, enum store_wish wish);
enum store_wish store_upload_wished(struct store *s, const char *id);
/* Syncs; if the upload has its whole length, renames it to U.full. Closes fd in any case and reads *up anew
 * from the disk. */
WARN_UNUSED enum rc store_upload_close(struct cx *cx, struct store *s, struct store_upload *up, int fd);
/* Between open and close: the upload has this size, which is told once. RC_INVALID: it had another one, or more has
 * arrived. */
WARN_UNUSED enum rc store_upload_size(struct cx *cx, struct store *s, struct store_upload *up, int64_t size);
/* store_upload_close for a form, whose size is known only at its end: the bytes that arrived are the size. The `size`
 * given to store_upload_create was the limit. */
WARN_UNUSED enum rc store_upload_finish(struct cx *cx, struct store *s, struct store_upload *up, int fd);
/* The writer is gone for good: what has arrived is the upload, of whatever size it was to be; nothing, if it never
 * began. RC_OK also if it is complete already. RC_CONFLICT: it is being written; the writer is asked to end, so try
 * again. RC_NOTFOUND: it was just completed or removed. */
WARN_UNUSED enum rc store_upload_seal(struct cx *cx, struct store *s, const char *id,
                                      struct store_upload *out);
/* Removes the upload, complete or not; for the core's orders only. RC_NOTFOUND: there is none; RC_CONFLICT:
 * it is being written. */
WARN_UNUSED enum rc store_upload_remove(struct cx *cx, struct store *s, const char *id);
/* Removes an unfinished upload; for all other callers. RC_CONFLICT also if another request has just completed
 * it. */
WARN_UNUSED enum rc store_upload_discard(struct cx *cx, struct store *s, const char *id);
/* Opens U.full for reading. */
WARN_UNUSED enum rc store_source_open(struct cx *cx, struct store *s, const char *id, int *fd, int64_t *size);

/* Makes the hard link `to` of U.full, for a program on the same machine. RC_NOTFOUND: there is no such
 * upload; RC_CONFLICT: `to` is on another file system. */
WARN_UNUSED enum rc store_source_link(struct cx *cx, struct store *s, const char *id, const char *to);

/* SHA-256 of U.full; remembered as an attribute of the file, so that it is read only once. */
WARN_UNUSED enum rc store_source_hash(struct cx *cx, struct store *s, const char *id, store_stopped *stopped,
                                      void *arg, char hex[STORE_SHA256_HEX], int64_t *size);

/* The remembered hash; false if there is none yet. */
bool store_source_hashed(struct cx *cx, struct store *s, const char *id, char hex[STORE_SHA256_HEX]);

/* The same hash, computed while the upload arrives, so that the file need not be read afterwards. It must be
 * given every byte, in order, from the first one on; by one thread at a time. */
struct store_tally;
struct store_tally *store_tally_new(void);
void store_tally_free(struct store_tally *t); /* NULL is fine */
void store_tally_add(struct store_tally *t, const void *p, size_t n);
int64_t store_tally_length(const struct store_tally *t);
/* To be called when the upload's last byte has been written to fd and fd is still locked: syncs and stores
 * the hash. If the lengths differ, no hash is stored, and whoever needs it reads the file. Frees t. */
void store_tally_note(struct store_tally *t, int fd);

/* Ids of the complete uploads, in the arena. Uploads that have all bytes but were not renamed are completed
 * first. */
WARN_UNUSED enum rc store_upload_list(struct cx *cx, struct store *s, const char *const **ids, size_t *count);
/* Removes unfinished uploads that expired before `now` (ms) and leftovers of crashes older than a day. */
WARN_UNUSED enum rc store_upload_sweep(struct cx *cx, struct store *s, int64_t now, int *removed);
/* *fd becomes readable (inotify, non-blocking) when something changes in the spool; read it empty and list
 * again. The caller closes it. */
WARN_UNUSED enum rc store_upload_watch(struct cx *cx, struct store *s, int *fd);

/* --- artifacts --- */
struct store_put; /* one object being written beside its place */

/* path: "incoming/<lecture>/<job>-<attempt>/<name>[/<name>]" (RC_INVALID else); folders are made. */
WARN_UNUSED enum rc store_put_begin(struct cx *cx, struct store *s, const char *path, struct store_put **put);
WARN_UNUSED enum rc store_put_write(struct cx *cx, struct store_put *put, const void *p, size_t n);
/* Compares the SHA-256 of what came with `sha256` (hex; RC_INVALID if it differs), then sync, rename, sync of
 * the folder. *replaced tells whether an object was there before. Frees put in any case, and the file too
 * unless RC_OK. */
WARN_UNUSED enum rc store_put_commit(struct cx *cx, struct store_put *put, const char *sha256,
                                     bool *replaced);
void store_put_abort(struct store_put *put); /* NULL is fine */

/* The same for a program on the store's machine: the finished file `from`, which nobody writes any more,
 * becomes the object by a hard link. `sha256` is its hash as the caller has just computed it. RC_CONFLICT: it
 * is on another file system; use store_put_begin. */
WARN_UNUSED enum rc store_put_link(struct cx *cx, struct store *s, const char *path, const char *from,
                                   const char *sha256);

/* Opens any object below the root for reading. RC_NOTFOUND, also for folders. */
WARN_UNUSED enum rc store_object_open(struct cx *cx, struct store *s, const char *path, int *fd,
                                      int64_t *size);

/* A descriptor of the folder "media/<lecture>/g<N>/<view>", whose files are the caller's. `make`: it is made if it is
 * not there; else RC_NOTFOUND. The caller closes it. */
WARN_UNUSED enum rc store_view_open(struct cx *cx, struct store *s, const char *path, bool make, int *fd);

/* SHA-256 of a whole file, read in pieces from its beginning. */
WARN_UNUSED enum rc store_hash(struct cx *cx, int fd, store_stopped *stopped, void *arg,
                               char hex[STORE_SHA256_HEX]);

/* --- generations --- */
struct store_file {
    const char *name; /* below the view: "v720.mp4" */
    int64_t size;
    const char *sha256; /* hex */
};
struct store_view {
    const char *view;
    const char *from; /* "<lecture>/<job>-<attempt>" below incoming */
    const struct store_file *files;
    size_t file_count;
};
struct store_generation {
    const char *lecture;
    int64_t job;
    int64_t number, base; /* base 0: none */
    const struct store_view *views;
    size_t view_count;
};

/* Makes media/<lecture>/g<number>: the named views from their prefixes, each file's size and hash checked,
 * plus hard links of every other view of g<base>. It is built as .g<number>-<job> and renamed, so it is there
 * completely or not at all. RC_OK also if the generation exists with these files; one with other files is
 * replaced, since the core has never accepted it. The hash of an object that arrived by store_put_commit is
 * read from its attribute; other files are read. RC_NOTFOUND: a file is missing; RC_CONFLICT: one differs;
 * RC_INVALID: a name breaks the rules. Removes the prefixes at the end. */
WARN_UNUSED enum rc store_generation_commit(struct cx *cx, struct store *s, const struct store_generation *g,
                                            store_stopped *stopped, void *arg);

/* Removes "media/<lecture>/g<N>", "media/<lecture>" or "incoming/<lecture>/<job>-<attempt>" with everything
 * in it, and the folder above if it is then empty. RC_OK if there is nothing; RC_INVALID for a path of
 * another form. */
WARN_UNUSED enum rc store_tree_remove(struct cx *cx, struct store *s, const char *path);
/* Removes prefixes below incoming, and unfinished generations, in which nothing has changed for `age_ms`. */
WARN_UNUSED enum rc store_tree_sweep(struct cx *cx, struct store *s, int64_t now, int64_t age_ms,
                                     int *removed);

#endif
