/* lectern-sandbox: runs one program that handles foreign bytes (FFmpeg) with as little as it needs.
 *
 *   lectern-sandbox [--read PATH]… [--write DIR]… [--cpu S] [--mem BYTES] [--fsize BYTES] [--nice N] [--net]
 *                   [--parent PID] -- argv…
 *
 * A process of its own for two reasons: what it gives up (files, network, privileges) cannot be taken back,
 * and a caller with threads must not run code between fork and exec. It becomes the program: same pid, same
 * exit status, with an environment of its own: that of a worker may hold secrets, and FFmpeg takes orders
 * from some variables. It exits 125 when it cannot confine, 126/127 as shells do when the program cannot be
 * run. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "daemons/sandbox/files.h"
#include "daemons/sandbox/filter.h"
#include "lib/base/str.h"

enum { EXIT_CONFINE = 125, EXIT_NORUN = 126, EXIT_NOTFOUND = 127 };

struct options {
    struct files files;
    int64_t cpu, memory, file_size, nice; /* 0: no limit */
    int64_t parent;                       /* 0: whoever it is */
    bool network;
    char **argv;
};

_Noreturn static void fail(const char *what, int error)
{
    fprintf(stderr, "lectern-sandbox: %s: %s\n", what, strerror(error));
    _exit(EXIT_CONFINE);
}

static int64_t number(const char *name, const char *text, int64_t max)
{
    int64_t n;
    if (!str_to_i64(str_of(text), 0, max, &n))
        fail(name, EINVAL);
    return n;
}

static void add(const char **list, size_t *n, const char *path)
{
    if (*n == FILES_MAX_PATHS)
        fail("too many paths", E2BIG);
    list[(*n)++] = path;
}

static void options_read(int argc, char **argv, struct options *o)
{
    static const struct option known[] = {
        {"read", 1, NULL, 'r'},    {"write", 1, NULL, 'w'}, {"cpu", 1, NULL, 'c'}, {"mem", 1, NULL, 'm'},
        {"fsize", 1, NULL, 'f'},   {"nice", 1, NULL, 'n'},  {"net", 0, NULL, 'N'}, {"parent", 1, NULL, 'p'},
        {"version", 0, NULL, 'V'}, {NULL, 0, NULL, 0}};
    int c;
    while ((c = getopt_long(argc, argv, "+V", known, NULL)) != -1) {
        switch (c) {
        case 'r':
            add(o->files.read, &o->files.reads, optarg);
            break;
        case 'w':
            add(o->files.write, &o->files.writes, optarg);
            break;
        case 'c':
            o->cpu = number("--cpu", optarg, 30L * 24 * 3600);
            break;
        case 'm':
            o->memory = number("--mem", optarg, INT64_MAX);
            break;
        case 'f':
            o->file_size = number("--fsize", optarg, INT64_MAX);
            break;
        case 'n':
            o->nice = number("--nice", optarg, 19);
            break;
        case 'N':
            o->network = true;
            break;
        case 'p':
            o->parent = number("--parent", optarg, INT32_MAX);
            break;
        case 'V':
            puts("lectern-sandbox " PACKAGE_VERSION);
            exit(0);
        default:
            fail("usage: [--read PATH]… [--write DIR]… [--cpu S] [--mem BYTES] [--fsize BYTES] [--nice N] "
                 "[--net] [--parent PID] -- argv…",
                 EINVAL);
        }
    }
    o->argv = argv + optind;
    if (!o->argv[0])
        fail("no program given", EINVAL);
}

/* Seconds of CPU time from SIGXCPU, which announces the limit, to SIGKILL. */
enum { CPU_GRACE_S = 5 };

static void limit(int which, int64_t value, const char *name)
{
    int64_t grace = which == RLIMIT_CPU ? CPU_GRACE_S : 0;
    struct rlimit r = {.rlim_cur = (rlim_t)value, .rlim_max = (rlim_t)(value + grace)};
    if (value > 0 && setrlimit(which, &r) != 0)
        fail(name, errno);
}

/* The process is killed when its parent dies; it has a process group of its own, so that one signal reaches
 * all that it starts; it inherits no descriptors but 0–2. */
static void detach(int64_t parent)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        fail("PR_SET_PDEATHSIG", errno);
    if (parent > 0 && getppid() != parent) /* it died before prctl, so nothing would end this process */
        fail("--parent", ESRCH);
    if (setsid() < 0 && getpgrp() != getpid())
        setpgid(0, 0);
    if (syscall(SYS_close_range, 3U, ~0U, 0U) != 0)
        for (int fd = 3; fd < 1024; fd++)
            close(fd);
}

int main(int argc, char **argv)
{
    struct options o = {0};
    options_read(argc, argv, &o);
    detach(o.parent);
    limit(RLIMIT_CPU, o.cpu, "--cpu");
    limit(RLIMIT_FSIZE, o.file_size, "--fsize");
    const struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0)
        fail("RLIMIT_CORE", errno);
    /* a process that is nicer already stays so: only root may lower the number */
    if (o.nice > getpriority(PRIO_PROCESS, 0) && setpriority(PRIO_PROCESS, 0, (int)o.nice) != 0)
        fail("--nice", errno);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        fail("PR_SET_NO_NEW_PRIVS", errno);
    const char *what = "";
    switch (files_confine(&o.files, &what)) {
    case FILES_OK:
        break;
    case FILES_NO_KERNEL:
        fprintf(stderr, "lectern-sandbox: this kernel has no Landlock: files are not confined\n");
        break;
    case FILES_FAILED:
        fail(what, errno);
    }
    int rc = filter_install(o.network);
    if (rc < 0)
        fail("seccomp", -rc);
    limit(RLIMIT_AS, o.memory, "--mem"); /* last: a build with sanitizers cannot run any further under it */
    static char path[] = "PATH=/usr/bin:/bin", locale[] = "LC_ALL=C.UTF-8";
    char *const environment[] = {path, locale, NULL};
    execve(o.argv[0], o.argv, environment);
    fprintf(stderr, "lectern-sandbox: %s: %s\n", o.argv[0], strerror(errno));
    return errno == ENOENT ? EXIT_NOTFOUND : EXIT_NORUN;
}
