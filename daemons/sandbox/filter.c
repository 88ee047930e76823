/* The list was made by strace of probing, copying, encoding (libx264, AAC, mjpeg) and analysing; added are
 * similar calls that a newer C library may use instead. Names that libseccomp does not know are skipped. */
#include "daemons/sandbox/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <unistd.h>

static const char *const allowed[] = {
    /* files that are open, or that Landlock lets it open */
    "read", "write", "readv", "writev", "pread64", "pwrite64", "preadv", "pwritev", "lseek", "open", "openat",
    "close", "close_range", "fstat", "stat", "lstat", "newfstatat", "statx", "access", "faccessat",
    "faccessat2", "readlink", "readlinkat", "getdents64", "getcwd", "statfs", "fstatfs", "flock", "dup",
    "dup2", "dup3", "ftruncate", "fallocate", "fadvise64", "fsync", "fdatasync", "rename", "renameat",
    "renameat2", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir", "umask", "ioctl", "pipe", "pipe2",
    "select", "pselect6", "poll", "ppoll", "eventfd2", "epoll_create1", "epoll_ctl", "epoll_wait",
    "epoll_pwait", "copy_file_range", "sendfile",
    /* memory */
    "brk", "mmap", "munmap", "mprotect", "mremap", "madvise", "msync", "mlock", "munlock", "mincore",
    /* threads and time */
    "futex", "set_robust_list", "get_robust_list", "set_tid_address", "rseq", "sched_yield",
    "sched_getaffinity", "sched_getparam", "sched_getscheduler", "sched_get_priority_max",
    "sched_get_priority_min", "get_mempolicy", "membarrier", "nanosleep", "clock_nanosleep", "clock_gettime",
    "clock_getres", "gettimeofday", "time", "times", "getrusage", "getcpu", "alarm", "setitimer",
    "timer_create",
    /* signals */
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigtimedwait", "rt_sigsuspend", "sigaltstack",
    "restart_syscall",
    /* itself */
    "execve", "exit", "exit_group", "arch_prctl", "getpid", "getppid", "gettid", "getuid", "geteuid",
    "getgid", "getegid", "getgroups", "getpgrp", "getpgid", "getsid", "getresuid", "getresgid", "capget",
    "uname", "sysinfo", "getrlimit", "getrandom", "getpriority"};

static const char *const network_calls[] = {
    "socket",      "connect",    "sendto",     "recvfrom", "sendmsg",  "recvmsg",  "bind",      "getsockname",
    "getpeername", "setsockopt", "getsockopt", "shutdown", "sendmmsg", "recvmmsg", "socketpair"};

static int allow(scmp_filter_ctx ctx, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int nr = seccomp_syscall_resolve_name(names[i]);
        int rc = nr == __NR_SCMP_ERROR ? 0 : seccomp_rule_add(ctx, SCMP_ACT_ALLOW, nr, 0);
        if (rc < 0 && rc != -EEXIST)
            return rc;
    }
    return 0;
}

/* Allows a call for some values of one argument. */
static int allow_values(scmp_filter_ctx ctx, int call, unsigned arg, const scmp_datum_t *values, size_t n)
{
    int rc = 0;
    for (size_t i = 0; i < n && rc == 0; i++)
        rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, call, 1, SCMP_CMP(arg, SCMP_CMP_EQ, values[i]));
    return rc;
}

/* Calls that are allowed with certain arguments only. clone may make threads, but no process (which could
 * outlive the job, or be one of too many) and so no namespace. tgkill, which abort() uses, reaches threads of
 * this process only. fcntl may not name a receiver of signals (F_SETOWN). prlimit64 (setrlimit uses it, too)
 * works on the caller only, which cannot raise its hard limits. prctl may only name threads. */
static int allow_some(scmp_filter_ctx ctx)
{
    enum { PR_SET_NAME_VALUE = 15, PR_GET_NAME_VALUE = 16, PR_CAPBSET_READ_VALUE = 23 };
    const scmp_datum_t self[] = {(scmp_datum_t)getpid()}, caller[] = {0};
    const scmp_datum_t prctls[] = {PR_SET_NAME_VALUE, PR_GET_NAME_VALUE, PR_CAPBSET_READ_VALUE};
    const scmp_datum_t fcntls[] = {F_DUPFD, F_GETFD, F_SETFD,  F_GETFL,        F_SETFL,
                                   F_GETLK, F_SETLK, F_SETLKW, F_DUPFD_CLOEXEC};
    int rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                              SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
    if (rc == 0)
        rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    if (rc == 0)
        rc = allow_values(ctx, SCMP_SYS(tgkill), 0, self, 1);
    if (rc == 0)
        rc = allow_values(ctx, SCMP_SYS(prlimit64), 0, caller, 1);
    if (rc == 0)
        rc = allow_values(ctx, SCMP_SYS(fcntl), 1, fcntls, sizeof fcntls / sizeof *fcntls);
    if (rc == 0)
        rc = allow_values(ctx, SCMP_SYS(prctl), 0, prctls, sizeof prctls / sizeof *prctls);
    return rc;
}

int filter_install(bool network)
{
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (!ctx)
        return -ENOMEM;
    int rc = allow(ctx, allowed, sizeof allowed / sizeof *allowed);
    if (rc == 0)
        rc = allow_some(ctx);
    if (rc == 0 && network)
        rc = allow(ctx, network_calls, sizeof network_calls / sizeof *network_calls);
    if (rc == 0)
        rc = seccomp_load(ctx);
    seccomp_release(ctx);
    return rc;
}
