/* Load figures of this machine for the heartbeat, from /proc and statvfs. */
#ifndef LIB_NODE_LOAD_H
#define LIB_NODE_LOAD_H

#include <stdint.h>

#include "lib/base/cx.h"

struct node_load {
    double cpu;                        /* 0..1 of all cores, since the last call */
    int64_t memory_used, memory_total; /* bytes; used: total less available */
    int64_t disk_free, disk_total;     /* bytes, of the path given */
    int64_t uptime;                    /* seconds of the machine */
    int cpus;
};

/* The counters at the last call; zeroed at first. */
struct node_load_mark {
    uint64_t busy, all;
};

/* Figures that cannot be read are 0. */
void node_load_read(const char *disk_path, struct node_load_mark *mark, struct node_load *out);

#endif
