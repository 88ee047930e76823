/* The counters as another version of a program has them: lib/os/metrics.c with the list in tests/unit/os/next. For
 * test_metrics. Usage: next_version RUN_DIR PROGRAM COUNT; counts, then prints what it sees. */
#include <stdlib.h>

#include <stdio.h>

#include "lib/base/str.h"
#include "lib/os/metrics.h"

int main(int argc, char **argv)
{
    struct cx cx;
    struct buf out;
    int64_t n = 0;
    if (argc != 4 || !str_to_i64(str_of(argv[3]), 0, 1000000, &n))
        return 2;
    cx_init(&cx);
    buf_init(&out, 100000);
    if (metrics_open(&cx, argv[1], argv[2]) != RC_OK)
        return 1;
    for (int64_t i = 0; i < n; i++) {
        metric_add(METRIC_web_pages_total, 2);
        metric_add(METRIC_web_requests_total, 1);
    }
    if (metrics_print(&cx, argv[1], argv[2], &out) != RC_OK)
        return 1;
    fwrite(out.p, 1, out.n, stdout);
    buf_fini(&out);
    cx_fini(&cx);
    return 0;
}
