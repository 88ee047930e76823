/* Which files the confined program may use: Landlock rules (Linux 5.13 and later, any file system). On a
 * kernel without Landlock the program can use all files that the account can; the caller decides whether that
 * is acceptable. */
#ifndef DAEMONS_SANDBOX_FILES_H
#define DAEMONS_SANDBOX_FILES_H

#include <stdbool.h>
#include <stddef.h>

enum { FILES_MAX_PATHS = 32 };

struct files {
    const char *read[FILES_MAX_PATHS]; /* files or folders that may be read */
    size_t reads;
    const char *write[FILES_MAX_PATHS]; /* folders in which files may be made, changed and removed */
    size_t writes;
};

enum files_result { FILES_OK, FILES_NO_KERNEL, FILES_FAILED };

/* Confines this process and its children for good; no_new_privs must be set. Besides the paths given, what
 * every program needs to start (libraries, /dev/null, /proc/self) may be read and executed. On FILES_FAILED
 * *what lends the path or call that failed and errno says why. */
enum files_result files_confine(const struct files *f, const char **what);

#endif
