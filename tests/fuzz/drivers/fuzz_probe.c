/* FFmpeg's output about a file, as any bytes: the description of its streams, its packets line by line, its
 * parameter sets; and a probe of another machine, from which a plan is made. Accepted values must be within
 * their bounds. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/media/plan.h"
#include "lib/net/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_plan(const struct probe *p)
{
    static const enum view_kind views[] = {VIEW_CAM, VIEW_PRES, VIEW_COMB};
    struct plan plan;
    for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
        plan_make(p, views[i], i > 0, &plan);
        if (plan.n_rungs < 1 || plan.n_rungs > PLAN_MAX_RUNGS || plan.fps_num < 1 || plan.fps_den < 1)
            abort();
        json_t *json = plan_to_json(&plan);
        if (!json)
            abort();
        json_decref(json);
    }
}

static void read_json(struct cx *cx, struct str text)
{
    const json_t *o;
    struct probe p;
    if (js_parse_object(cx, text, 65536, &o) != RC_OK)
        return;
    if (probe_parse_streams(cx, o, &p) == RC_OK &&
        (p.video.width < 0 || p.video.rotation % 90 != 0 || p.video.sar_den < 0 || !isfinite(p.claimed)))
        abort();
    if (probe_from_json(cx, o, &p) == RC_OK)
        check_plan(&p);
}

static void read_packets(struct cx *cx, struct str text)
{
    struct probe_scan scan = {.keep = true};
    struct probe_video video = {0};
    struct probe_packet packet;
    while (text.n > 0)
        if (probe_parse_packet(str_dup(cx->arena, str_cut(&text, '\n')), &packet))
            probe_scan_packet(&scan, &packet);
    probe_scan_video(&scan, &video);
    if (video.fps_num < 1 || video.fps_den < 1)
        abort();
    probe_scan_free(&scan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cx cx;
    struct str text = {(const char *)data, size};
    cx_init(&cx);
    read_json(&cx, text);
    read_packets(&cx, text);
    if (probe_count_configurations(data, size) < 0)
        abort();
    cx_fini(&cx);
    return 0;
}
