/* The reports of nodes, which belong to other people, as any bytes: a heartbeat with load, uploads and jobs,
 * and the outputs of a job, as of every kind. There is no database, so RC_UNAVAIL means that everything was
 * accepted; then it must fit what storage, pages and player rely on. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/db/db.h"
#include "lib/net/json.h"
#include "lib/store/store.h"
#include "lib/svc/pipeline/doors/heartbeat.h"
#include "lib/svc/pipeline/doors/report.h"
#include "lib/svc/pipeline/flow/publish.h"
#include "lib/svc/pipeline/records/job_row.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WEEK_S = 7 * 24 * 3600, BYTES_MAX = 4 * 1024 * 1024 };

static void check_files(const json_t *files)
{
    static const char *const types[] = {".m3u8", ".mp4", ".m4s", ".jpg", ".vtt"};
    const json_t *f;
    size_t i;
    json_array_foreach(files, i, f)
    {
        const char *name = js_get_str(f, "name", ""), *dot = strrchr(name, '.');
        bool known = false;
        for (size_t k = 0; dot && k < sizeof types / sizeof *types; k++)
            known = known || strcmp(dot, types[k]) == 0;
        if (!known || !store_is_path(str_of(name)) || js_get_i64(f, "size", -1) < 0 ||
            strlen(js_get_str(f, "sha256", "")) != STORE_SHA256_HEX - 1)
            abort();
    }
    if (i == 0)
        abort();
}

static void check_marks(const json_t *o)
{
    const json_t *mark;
    size_t i;
    json_array_foreach(json_object_get(o, "silences"), i, mark)
    {
        double from = json_number_value(json_array_get(mark, 0)),
               to = json_number_value(json_array_get(mark, 1));
        if (from < 0 || to <= from || to > WEEK_S)
            abort();
    }
    json_array_foreach(json_object_get(o, "chapters"), i,
                       mark) if (json_number_value(mark) < 0 || json_number_value(mark) > WEEK_S) abort();
}

static void check_job(struct cx *cx, const struct wire_report *r)
{
    if (r->progress < 0 || r->progress > 1 || r->attempt < 0 || r->fence < 0 ||
        strlen(r->log) > WIRE_LOG_MAX * 3)
        abort();
    if (r->state == REPORT_FAILED && r->error.code >= FAILURE_COUNT)
        abort();
    for (int kind = 0; r->state == REPORT_DONE && kind <= JOB_FULL; kind++) {
        struct job j = {
            .id = 1, .kind = (enum job_kind)kind, .view = VIEW_CAM, .lecture_key = "llllllllllll"};
        enum rc rc = publish_job_done(cx, &j, r->outputs);
        if (rc == RC_OK)
            abort();
        if (rc == RC_UNAVAIL && kind != JOB_PROBE) {
            check_files(json_object_get(r->outputs, "files"));
            check_marks(r->outputs);
        }
        err_clear(cx);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct db_options nowhere = {.socket = "/nonexistent/socket", .user = "", .name = ""};
    struct wire_beat report;
    struct cx cx;
    const json_t *o;
    log_open("fuzz", "", LOG_LEVEL_COUNT);
    cx_init(&cx);
    cx.db = db_new(&nowhere);
    if (js_parse_object(&cx, (struct str){(const char *)data, size}, BYTES_MAX, &o) == RC_OK &&
        wire_beat_read(&cx, o, &report) == RC_OK) {
        for (size_t i = 0; i < report.job_count; i++)
            check_job(&cx, &report.jobs[i]);
        for (size_t i = 0; i < report.upload_count; i++)
            if (report.uploads[i].size < 0 || strlen(report.uploads[i].sha256) != WIRE_SHA256_LENGTH)
                abort();
    }
    db_free(cx.db);
    cx_fini(&cx);
    return 0;
}
