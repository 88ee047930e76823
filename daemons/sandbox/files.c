/* Landlock by raw system calls: Debian 12's C library has no wrappers for it. */
#include "daemons/sandbox/files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Rights by the version of the kernel's interface that brought them; the header of Debian 12 ends at
 * version 2. */
#define RIGHT_REFER    (1ULL << 13) /* 2 */
#define RIGHT_TRUNCATE (1ULL << 14) /* 3 */

#define RIGHTS_FILE                                                                                          \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE)
#define RIGHTS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define RIGHTS_RUN  (RIGHTS_READ | LANDLOCK_ACCESS_FS_EXECUTE)
#define RIGHTS_WRITE                                                                                         \
    (RIGHTS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |                             \
     LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR)
#define RIGHTS_ALL_V1                                                                                        \
    (RIGHTS_WRITE | LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR |                              \
     LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |           \
     LANDLOCK_ACCESS_FS_MAKE_SYM)

static const char *const system_run[] = {"/usr", "/lib", "/lib64", "/bin"};
static const char *const system_read[] = {"/etc/alternatives", "/etc/ld.so.cache", "/dev/urandom",
                                          "/dev/zero",         "/proc/self",       "/sys/devices/system/cpu",
                                          "/proc/cpuinfo"};

/* `optional`: it is no error if the path does not exist. */
static bool allow(int ruleset, const char *path, uint64_t rights, bool optional)
{
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return optional && errno == ENOENT;
    struct stat st;
    bool ok = fstat(fd, &st) == 0;
    if (ok && !S_ISDIR(st.st_mode))
        rights &= RIGHTS_FILE | RIGHT_TRUNCATE; /* the kernel refuses rights of folders for a file */
    struct landlock_path_beneath_attr rule = {.allowed_access = rights, .parent_fd = fd};
    ok = ok && syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
    int saved = errno;
    close(fd);
    errno = saved;
    return ok;
}

static bool allow_all(int ruleset, const char *const *paths, size_t n, uint64_t rights, bool optional,
                      const char **what)
{
    for (size_t i = 0; i < n; i++) {
        *what = paths[i];
        if (!allow(ruleset, paths[i], rights, optional))
            return false;
    }
    return true;
}

enum files_result files_confine(const struct files *f, const char **what)
{
    static const char *const null_device[] = {"/dev/null"};
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 1)
        return FILES_NO_KERNEL;
    uint64_t handled = RIGHTS_ALL_V1, write_rights = RIGHTS_WRITE;
    if (abi >= 2) {
        handled |= RIGHT_REFER;
        write_rights |= RIGHT_REFER;
    }
    if (abi >= 3) {
        handled |= RIGHT_TRUNCATE;
        write_rights |= RIGHT_TRUNCATE;
    }
    struct landlock_ruleset_attr attr = {.handled_access_fs = handled};
    *what = "landlock_create_ruleset";
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
    if (ruleset < 0)
        return FILES_FAILED;
    bool ok =
        allow_all(ruleset, system_run, sizeof system_run / sizeof *system_run, RIGHTS_RUN, true, what) &&
        allow_all(ruleset, system_read, sizeof system_read / sizeof *system_read, RIGHTS_READ, true, what) &&
        allow_all(ruleset, null_device, 1, write_rights, true, what) &&
        allow_all(ruleset, f->read, f->reads, RIGHTS_READ, false, what) &&
        allow_all(ruleset, f->write, f->writes, write_rights, false, what);
    if (ok) {
        *what = "landlock_restrict_self";
        ok = syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    }
    int saved = errno;
    close(ruleset);
    errno = saved;
    return ok ? FILES_OK : FILES_FAILED;
}
