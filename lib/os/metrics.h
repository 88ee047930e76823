/* Counters of a host. All processes of a program map one small file (run_dir/metrics/<program>) and add to it
 * atomically, so that figures are sums over processes and do not fall when one restarts. The file has the
 * names of its figures: another version of the program finds those it knows, adds the others and leaves the
 * rest alone, also while both run. lectern-web shows the files as Prometheus text. Before metrics_open, or after
 * it failed, counting has no effect. */
#ifndef LIB_OS_METRICS_H
#define LIB_OS_METRICS_H

#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/cx.h"

enum metric {
#define COUNTER(name, help) METRIC_##name,
#define SECONDS(name, help) METRIC_##name,
#define GAUGE(name, help)   METRIC_##name,
#include "lib/os/metrics.def"
#undef COUNTER
#undef SECONDS
#undef GAUGE
    METRIC_COUNT
};

/* Maps run_dir/metrics/<program>, making it if need be; "web" stands for lectern-web. Once in a process, before
 * it forks or starts threads. Counters go on from where they were; gauges begin at 0, unless another process
 * of this program is alive. RC_UNAVAIL: the file cannot be made or mapped. */
WARN_UNUSED enum rc metrics_open(struct cx *cx, const char *run_dir, const char *program);

void metric_add(enum metric m, int64_t n); /* SECONDS: microseconds */
void metric_set(enum metric m, int64_t n); /* gauges */

/* Appends the figures of one program (or of all: NULL) in Prometheus' text format, label program="…". Those
 * that are 0, and those that this version does not know, are left out. RC_NOTFOUND: no such program has run
 * on this host. */
WARN_UNUSED enum rc metrics_print(struct cx *cx, const char *run_dir, const char *program, struct buf *out);

/* Appends a line `name type help` for every figure there is, touched or not. */
void metrics_list(struct buf *out);

#endif
