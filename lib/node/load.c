#include "lib/node/load.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { PROC_MAX = 8192 };

static bool read_proc(const char *path, char text[PROC_MAX])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, PROC_MAX - 1) : -1;
    if (fd >= 0)
        close(fd);
    if (n < 0)
        return false;
    text[n] = '\0';
    return true;
}

/* The first line of /proc/stat: user nice system idle iowait irq softirq steal. */
static void read_cpu(struct node_load_mark *mark, struct node_load *out)
{
    char text[PROC_MAX];
    uint64_t v[8] = {0}, all = 0;
    if (!read_proc("/proc/stat", text) || sscanf(text,
                                                 "cpu %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
                                                 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64,
                                                 &v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7]) < 4)
        return;
    for (int i = 0; i < 8; i++)
        all += v[i];
    uint64_t busy = all - v[3] - v[4];
    if (all > mark->all && busy >= mark->busy && mark->all > 0)
        out->cpu = (double)(busy - mark->busy) / (double)(all - mark->all);
    if (out->cpu > 1) /* iowait sometimes decreases */
        out->cpu = 1;
    *mark = (struct node_load_mark){.busy = busy, .all = all};
}

static int64_t meminfo(const char *text, const char *name)
{
    int64_t kib = 0;
    const char *at = strstr(text, name);
    if (at && sscanf(at + strlen(name), ": %" SCNd64 " kB", &kib) != 1)
        kib = 0;
    return kib * 1024;
}

static void read_memory(struct node_load *out)
{
    char text[PROC_MAX];
    if (!read_proc("/proc/meminfo", text))
        return;
    out->memory_total = meminfo(text, "MemTotal");
    out->memory_used = out->memory_total - meminfo(text, "MemAvailable");
}

void node_load_read(const char *disk_path, struct node_load_mark *mark, struct node_load *out)
{
    char text[PROC_MAX];
    struct statvfs v;
    *out = (struct node_load){.cpus = (int)sysconf(_SC_NPROCESSORS_ONLN)};
    read_cpu(mark, out);
    read_memory(out);
    if (read_proc("/proc/uptime", text) && sscanf(text, "%" SCNd64, &out->uptime) != 1)
        out->uptime = 0;
    if (disk_path && statvfs(disk_path, &v) == 0) {
        out->disk_free = (int64_t)(v.f_bavail * v.f_frsize);
        out->disk_total = (int64_t)(v.f_blocks * v.f_frsize);
    }
}
