/* Counters of a host. All processes of all programs map one small file per program
 * (run_dir/metrics/<program>) and add to it atomically, so that figures are sums over processes and do not
 * fall when one restarts. lectern-web shows the files as Prometheus text. Before metrics_open, or after it
 * failed, counting has no effect. */
#ifndef LIB_OS_METRICS_H
#define LIB_OS_METRICS_H

#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/cx.h"

enum metric {
#define COUNTER(name, help) METRIC_##name,
#define GAUGE(name, help)   METRIC_##name,
#include "lib/os/metrics.def"
#undef COUNTER
#undef GAUGE
    METRIC_COUNT
};

/* Maps run_dir/metrics/<program>, making it if need be. Call before forking or starting threads. */
WARN_UNUSED enum rc metrics_open(struct cx *cx, const char *run_dir, const char *program);

void metric_add(enum metric m, int64_t n);
void metric_set(enum metric m, int64_t n); /* gauges */

/* Appends the figures of one program (or of all: NULL) in Prometheus' text format, label program="…". A
 * figure that was never touched is left out. RC_NOTFOUND: no such program has run on this host. */
WARN_UNUSED enum rc metrics_print(struct cx *cx, const char *run_dir, const char *program, struct buf *out);

#endif
