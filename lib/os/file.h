/* Files: read whole, write so that a crash leaves the old or the new content, make folders. */
#ifndef LIB_OS_FILE_H
#define LIB_OS_FILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/base/cx.h"
#include "lib/base/str.h"

/* The whole file, NUL-terminated, in the arena. RC_NOTFOUND, RC_TOOBIG (over max bytes), RC_UNAVAIL. */
WARN_UNUSED enum rc file_read(struct cx *cx, const char *path, size_t max, struct str *out);
/* The first line without its white space: for files that hold one secret (at most 4 KiB). */
WARN_UNUSED enum rc file_read_secret(struct cx *cx, const char *path, char **out);

/* Writes a temporary file in the same folder, fsyncs it, renames it, fsyncs the folder. RC_UNAVAIL with the
 * system's reason (disk full, no permission). */
WARN_UNUSED enum rc file_write(struct cx *cx, const char *path, struct str content, mode_t mode);

/* What lies in a folder: the names that end with `suffix` ("": all) and do not begin with a dot, in byte order,
 * at most FILE_LIST_MAX. RC_NOTFOUND, RC_TOOBIG, RC_UNAVAIL. */
enum { FILE_LIST_MAX = 1000 };
WARN_UNUSED enum rc file_list(struct cx *cx, const char *path, const char *suffix, const char ***names,
                              size_t *n);

/* mkdir -p. An existing folder is fine. */
WARN_UNUSED enum rc file_mkdirs(struct cx *cx, const char *path, mode_t mode);
/* Makes a rename or a new file in that folder durable. */
WARN_UNUSED enum rc file_sync_dir(struct cx *cx, const char *path);
/* rm -rf, without following links. A missing path is fine. */
WARN_UNUSED enum rc file_remove_tree(struct cx *cx, const char *path);

/* err.key for a system call that failed with that errno: NULL unless a disk, or a quota, is full. */
const char *file_error_key(int e);
/* The last failure has that key. */
bool file_is_full(const struct cx *cx);

/* Writes all n bytes, also after EINTR and short writes. False: errno says why. */
bool file_write_all(int fd, const void *p, size_t n);

#endif
