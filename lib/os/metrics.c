#include "lib/os/metrics.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/os/daemon.h"
#include "lib/os/file.h"

enum { FORMAT_SIZE = 16, NAME_SIZE = 56, SLOTS = 255, PROGRAMS_MAX = 64, US_PER_S = 1000000 };

struct desc {
    const char *name, *type, *help;
    int64_t scale; /* what is counted for 1 of what is shown */
};

static const struct desc descs[METRIC_COUNT] = {
#define COUNTER(name, help) {#name, "counter", help, 1},
#define SECONDS(name, help) {#name, "counter", help, US_PER_S},
#define GAUGE(name, help)   {#name, "gauge", help, 1},
#include "lib/os/metrics.def"
#undef COUNTER
#undef SECONDS
#undef GAUGE
};

/* --- the file: names with their values --- */

/* A name is written once and never moves, so whoever has found it may add to its value for good. */
struct slot {
    char name[NAME_SIZE];
    _Atomic int64_t value;
};

struct file {
    char format[FORMAT_SIZE];
    _Atomic uint32_t used; /* slots that have a name */
    char spare[NAME_SIZE + 8 - FORMAT_SIZE - 4];
    struct slot slot[SLOTS];
};

static const char format[FORMAT_SIZE] = "lectern figures";

#define COUNTER(name, help) _Static_assert(sizeof #name <= NAME_SIZE, "the name " #name " is too long");
#define SECONDS(name, help) COUNTER(name, help)
#define GAUGE(name, help)   COUNTER(name, help)
#include "lib/os/metrics.def"
#undef COUNTER
#undef SECONDS
#undef GAUGE
_Static_assert((int)METRIC_COUNT <= (int)SLOTS / 2, "a version that renames everything has no room");
_Static_assert(sizeof(struct file) == (SLOTS + 1) * sizeof(struct slot), "the layout has no holes");

static _Atomic int64_t *the_values[METRIC_COUNT]; /* in this program's file; NULL: not counting */

/* Maps a whole file of this layout; NULL for any other. */
static struct file *map_file(int fd, int prot)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || st.st_size != (off_t)sizeof(struct file))
        return NULL;
    struct file *f = mmap(NULL, sizeof *f, prot, MAP_SHARED, fd, 0);
    if (f == MAP_FAILED)
        return NULL;
    if (memcmp(f->format, format, sizeof format) == 0)
        return f;
    munmap(f, sizeof *f);
    return NULL;
}

static struct slot *find_slot(struct file *f, const char *name)
{
    uint32_t used = atomic_load_explicit(&f->used, memory_order_acquire);
    for (uint32_t i = 0; i < used && i < SLOTS; i++)
        if (strncmp(f->slot[i].name, name, NAME_SIZE) == 0)
            return &f->slot[i];
    return NULL;
}

/* Under the lock. NULL: there is no room. */
static struct slot *add_slot(struct file *f, const char *name)
{
    uint32_t used = atomic_load_explicit(&f->used, memory_order_relaxed);
    if (used >= SLOTS)
        return NULL;
    struct slot *s = &f->slot[used];
    memcpy(s->name, name, strlen(name) + 1);
    atomic_store_explicit(&f->used, used + 1, memory_order_release);
    return s;
}

/* --- opening, one process at a time --- */

/* Finds or adds every figure of this version. False: there is no room. */
static bool take_slots(struct file *f)
{
    for (int m = 0; m < METRIC_COUNT; m++) {
        struct slot *s = find_slot(f, descs[m].name);
        if (!s)
            s = add_slot(f, descs[m].name);
        if (!s)
            return false;
        the_values[m] = &s->value;
    }
    return true;
}

/* Every process keeps a shared lock on the file as long as it lives, whoever inherits the descriptor too: who gets
 * an exclusive one is the first, and what the gauges say is from processes that are gone. */
static void begin_gauges(int fd)
{
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        for (int m = 0; m < METRIC_COUNT; m++)
            if (strcmp(descs[m].type, "gauge") == 0)
                atomic_store_explicit(the_values[m], 0, memory_order_relaxed);
    flock(fd, LOCK_SH);
}

/* Opens or makes the file. *f is NULL if it is of another layout. */
static int open_file(const char *path, struct file **f)
{
    struct stat st;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0)
        return -1;
    if (fstat(fd, &st) != 0 || (st.st_size == 0 && (ftruncate(fd, (off_t)sizeof **f) != 0 ||
                                                    pwrite(fd, format, sizeof format, 0) != sizeof format))) {
        close(fd);
        return -1;
    }
    *f = map_file(fd, PROT_READ | PROT_WRITE);
    return fd;
}

/* A file of another layout, or without room for our names, makes room for a new one. Who has the old one mapped
 * goes on counting there and harms nobody. */
static bool open_figures(const char *path)
{
    struct file *f = NULL;
    for (int tries = 0; tries < 2; tries++) {
        int fd = open_file(path, &f);
        if (fd < 0)
            return false;
        if (f && take_slots(f)) {
            begin_gauges(fd);
            return true;
        }
        if (f)
            munmap(f, sizeof *f);
        close(fd);
        if (unlink(path) != 0)
            return false;
    }
    return false;
}

enum rc metrics_open(struct cx *cx, const char *run_dir, const char *program)
{
    char *dir = arena_printf(cx->arena, "%s/metrics", run_dir);
    if (daemon_trial())
        return RC_OK;
    enum rc rc = file_mkdirs(cx, dir, 0755);
    if (rc != RC_OK)
        return rc;
    char *path = arena_printf(cx->arena, "%s/%s", dir, program);
    int lock = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock < 0 || flock(lock, LOCK_EX) != 0 || !open_figures(path)) {
        rc = err_set(cx, RC_UNAVAIL, NULL, NULL, "cannot map %s: %s", path, strerror(errno));
        memset(the_values, 0, sizeof the_values);
    }
    if (lock >= 0)
        close(lock);
    return rc;
}

void metric_add(enum metric m, int64_t n)
{
    if (the_values[m])
        atomic_fetch_add_explicit(the_values[m], n, memory_order_relaxed);
}

void metric_set(enum metric m, int64_t n)
{
    if (the_values[m])
        atomic_store_explicit(the_values[m], n, memory_order_relaxed);
}

/* --- showing --- */

struct program {
    char *name;
    struct file *file;
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
        int fd = openat(dirfd(dir), e->d_name, O_RDONLY | O_CLOEXEC);
        struct file *file = fd < 0 ? NULL : map_file(fd, PROT_READ);
        if (file)
            out[n++] = (struct program){arena_strdup(cx->arena, e->d_name), file};
        if (fd >= 0)
            close(fd);
    }
    closedir(dir);
    return n;
}

static void print_value(struct buf *out, int64_t v, int64_t scale)
{
    if (scale == 1)
        buf_printf(out, "%lld\n", (long long)v);
    else
        buf_printf(out, "%lld.%06lld\n", (long long)(v / scale), (long long)(v % scale));
}

/* One figure of all programs that have counted it. */
static void print_figure(struct buf *out, const struct desc *d, const struct program *programs, size_t n)
{
    bool described = false;
    for (size_t i = 0; i < n; i++) {
        struct slot *s = find_slot(programs[i].file, d->name);
        int64_t v = s ? atomic_load_explicit(&s->value, memory_order_relaxed) : 0;
        if (v == 0)
            continue;
        if (!described)
            buf_printf(out, "# HELP lectern_%s %s\n# TYPE lectern_%s %s\n", d->name, d->help, d->name,
                       d->type);
        described = true;
        buf_printf(out, "lectern_%s{program=\"%s\"} ", d->name, programs[i].name);
        print_value(out, v, d->scale);
    }
}

enum rc metrics_print(struct cx *cx, const char *run_dir, const char *program, struct buf *out)
{
    struct program programs[PROGRAMS_MAX];
    size_t n = open_programs(cx, arena_printf(cx->arena, "%s/metrics", run_dir), program, programs);
    if (program && n == 0)
        return err_set(cx, RC_NOTFOUND, NULL, NULL, "no metrics of %s", program);
    for (int m = 0; m < METRIC_COUNT; m++)
        print_figure(out, &descs[m], programs, n);
    for (size_t i = 0; i < n; i++)
        munmap(programs[i].file, sizeof *programs[i].file);
    return RC_OK;
}

void metrics_list(struct buf *out)
{
    for (int m = 0; m < METRIC_COUNT; m++)
        buf_printf(out, "lectern_%s %s %s\n", descs[m].name, descs[m].type, descs[m].help);
}
