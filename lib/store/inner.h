/* What the files of lib/store share and nobody else includes: the root, walking below it, failures. */
#ifndef LIB_STORE_INNER_H
#define LIB_STORE_INNER_H

#include <stdbool.h>
#include <sys/stat.h>

#include "lib/base/cx.h"
#include "lib/store/store.h"

struct store {
    char *root;
    int root_fd, spool_fd;
};

/* Notes errno: ENOENT and ENOTDIR are RC_NOTFOUND, the rest is RC_UNAVAIL (file_is_full tells a full
 * disk). */
enum rc inner_fail(struct cx *cx, const char *what, const char *path);

/* A descriptor of the folder `path` below the root, or -1 with errno. Links are not followed. `make`: folders
 * that are missing are made and synced into their parents. `path` has passed store_is_path, or is "". */
int inner_dir(const struct store *s, const char *path, bool make);
/* The same for the folder that holds `path`; *leaf is the last component, within path. */
int inner_parent(const struct store *s, const char *path, bool make, const char **leaf);

/* When an upload whose U.part was last written as *st says expires; ms since 1970. */
int64_t inner_expires_ms(const struct stat *st);

/* The hash that store_put_commit wrote beside the content; false if the file system kept none. */
bool inner_hash_get(int fd, char hex[STORE_SHA256_HEX]);
void inner_hash_set(int fd, const char *hex);

#endif
