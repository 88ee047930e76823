#include "lib/os/metrics.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/os/file.h"

struct desc {
    const char *name, *type, *help;
};

static const struct desc descs[METRIC_COUNT] = {
#define COUNTER(name, help) {#name, "counter", help},
#define GAUGE(name, help)   {#name, "gauge", help},
#include "lib/os/metrics.def"
#undef COUNTER
#undef GAUGE
};

static _Atomic int64_t *the_counters; /* this program's map; NULL: not counting */

enum { FILE_BYTES = METRIC_COUNT * (int)sizeof(int64_t), PROGRAMS_MAX = 64 };

static _Atomic int64_t *map_file(const char *path, int flags, int prot)
{
    void *p = MAP_FAILED;
    int fd = open(path, flags | O_CLOEXEC, 0644);
    if (fd < 0)
        return NULL;
    if (flags == O_RDONLY ? lseek(fd, 0, SEEK_END) >= FILE_BYTES : ftruncate(fd, FILE_BYTES) == 0)
        p = mmap(NULL, FILE_BYTES, prot, MAP_SHARED, fd, 0);
    close(fd);
    return p == MAP_FAILED ? NULL : p;
}

enum rc metrics_open(struct cx *cx, const char *run_dir, const char *program)
{
    char *dir = arena_printf(cx->arena, "%s/metrics", run_dir);
    enum rc rc = file_mkdirs(cx, dir, 0755);
    if (rc != RC_OK)
        return rc;
    char *path = arena_printf(cx->arena, "%s/%s", dir, program);
    the_counters = map_file(path, O_RDWR | O_CREAT, PROT_READ | PROT_WRITE);
    if (!the_counters)
        return err_set(cx, RC_UNAVAIL, NULL, NULL, "cannot map %s: %s", path, strerror(errno));
    return RC_OK;
}

void metric_add(enum metric m, int64_t n)
{
    if (the_counters)
        atomic_fetch_add_explicit(&the_counters[m], n, memory_order_relaxed);
}

void metric_set(enum metric m, int64_t n)
{
    if (the_counters)
        atomic_store_explicit(&the_counters[m], n, memory_order_relaxed);
}

struct program {
    char *name;
    _Atomic int64_t *counters;
};

static size_t open_programs(struct cx *cx, const char *dir_path, const char *only, struct program *out)
{
    size_t n = 0;
    DIR *dir = opendir(dir_path);
    if (!dir)
        return 0;
    for (struct dirent *e; n < PROGRAMS_MAX && (e = readdir(dir));) {
        if (e->d_name[0] == '.' || (only && strcmp(only, e->d_name) != 0))
            continue;
        char *path = arena_printf(cx->arena, "%s/%s", dir_path, e->d_name);
        _Atomic int64_t *counters = map_file(path, O_RDONLY, PROT_READ);
        if (counters)
            out[n++] = (struct program){arena_strdup(cx->arena, e->d_name), counters};
    }
    closedir(dir);
    return n;
}

enum rc metrics_print(struct cx *cx, const char *run_dir, const char *program, struct buf *out)
{
    struct program programs[PROGRAMS_MAX];
    size_t n = open_programs(cx, arena_printf(cx->arena, "%s/metrics", run_dir), program, programs);
    if (program && n == 0)
        return err_set(cx, RC_NOTFOUND, NULL, NULL, "no metrics of %s", program);

    for (int m = 0; m < METRIC_COUNT; m++) {
        bool described = false;
        for (size_t i = 0; i < n; i++) {
            int64_t v = atomic_load_explicit(&programs[i].counters[m], memory_order_relaxed);
            if (v == 0)
                continue;
            if (!described)
                buf_printf(out, "# HELP lectern_%s %s\n# TYPE lectern_%s %s\n", descs[m].name, descs[m].help,
                           descs[m].name, descs[m].type);
            described = true;
            buf_printf(out, "lectern_%s{program=\"%s\"} %lld\n", descs[m].name, programs[i].name,
                       (long long)v);
        }
    }
    for (size_t i = 0; i < n; i++)
        munmap((void *)(uintptr_t)programs[i].counters, FILE_BYTES);
    return RC_OK;
}
