/* media_run [-p|-q|-e] FILE VIEW OUTDIR: probes FILE and makes its generations as lectern-workerd would,
 * without a core. For tests, measurements and for looking at one file by hand. Prints JSON: {probe, plan,
 * quick, full} or {error:{code, text}}. LECTERN_SANDBOX names the sandbox (default: beside this program); -p
 * stops after the probe, -q after the quick one; -e encodes what could be copied. */
#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/base/str.h"
#include "lib/media/make.h"

static void show(void *arg, double progress, double eta)
{
    if (arg)
        fprintf(stderr, "%5.1f %% eta %.0f s\n", progress * 100, eta);
}

static char *make_dir(struct cx *cx, const char *base, const char *name)
{
    char *path = arena_printf(cx->arena, "%s/%s", base, name);
    if (mkdir(path, 0755) != 0 && errno != EEXIST) {
        perror(path);
        exit(2);
    }
    return path;
}

/* Processor seconds of the step just done, under its name. */
static void note_cpu(json_t *all, const char *step, struct media_job *job)
{
    json_t *cpu = json_object_get(all, "cpu");
    if (!cpu)
        json_object_set_new(all, "cpu", cpu = json_object());
    json_object_set_new(cpu, step, json_real(job->cpu));
    job->cpu = 0;
}

static void run(struct cx *cx, struct media_job *job, const char *dir, enum view_kind view, char depth,
                json_t *all)
{
    json_t *probed = NULL, *made = NULL;
    const json_t *probe;
    struct probe p;
    struct plan plan;
    job->out = make_dir(cx, dir, "probe");
    if (make_probe(cx, job, view, &probed) != RC_OK)
        return;
    json_object_update(all, probed);
    note_cpu(all, "probe", job);
    probe = json_object_get(all, "probe");
    if (probe_from_json(cx, probe, &p) != RC_OK) {
        job->fail.why = FAIL_INTERNAL;
        job->fail.text = "the probe does not survive its own JSON";
    }
    json_decref(probed);
    plan_make(&p, view, depth != 'e', &plan);
    if (job->fail.text || depth == 'p')
        return;
    if (plan.quick) {
        job->out = make_dir(cx, dir, "quick");
        if (make_quick(cx, job, &p, &plan, &made) != RC_OK)
            return;
        json_object_set_new(all, "quick", made);
        note_cpu(all, "quick", job);
    }
    if (depth == 'q')
        return;
    job->nice = plan.nice;
    job->out = make_dir(cx, dir, "full");
    if (make_full(cx, job, &p, &plan, &made) != RC_OK)
        return;
    json_object_set_new(all, "full", made);
    note_cpu(all, "full", job);
}

/* A limit that the test sets lower; 0: not set. */
static int64_t number_of(const char *name)
{
    const char *text = getenv(name);
    int64_t n = 0;
    return text && str_to_i64(str_of(text), 1, INT64_MAX, &n) ? n : 0;
}

int main(int argc, char **argv)
{
    char self[PATH_MAX] = "", source[PATH_MAX], dir[PATH_MAX];
    enum view_kind view;
    char depth = 'f';
    if (argc > 1 && argv[1][0] == '-') {
        depth = argv[1][1];
        argv++;
        argc--;
    }
    if (argc != 4 || !wire_view_of(str_of(argv[2]), &view) || !realpath(argv[1], source) ||
        (mkdir(argv[3], 0755) != 0 && errno != EEXIST) || !realpath(argv[3], dir)) {
        fprintf(stderr, "usage: media_run [-p|-q|-e] FILE CAM|PRES|COMB OUTDIR\n");
        return 2;
    }
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    char *slash = n > 0 ? strrchr(self, '/') : NULL;
    if (slash)
        *slash = '\0';
    log_open("media_run", "", LOG_ERROR);
    struct cx cx;
    cx_init(&cx);
    const char *sandbox = getenv("LECTERN_SANDBOX");
    struct media_job *job = arena_alloc(cx.arena, sizeof *job);
    *job =
        (struct media_job){.sandbox = sandbox ? sandbox : arena_printf(cx.arena, "%s/lectern-sandbox", self),
                           .ffmpeg = "/usr/bin/ffmpeg",
                           .ffprobe = "/usr/bin/ffprobe",
                           .source = source,
                           .tmp = make_dir(&cx, dir, "tmp"),
                           .pictures.configurations = (int)number_of("MEDIA_RUN_CONFIGURATIONS"),
                           .file_most = number_of("MEDIA_RUN_FILE_MOST"),
                           .cpu_most = number_of("MEDIA_RUN_CPU_MOST"),
                           .progress = show,
                           .progress_arg = getenv("MEDIA_RUN_PROGRESS")};
    json_t *all = json_object();
    run(&cx, job, dir, view, depth, all);
    if (job->fail.text) {
        json_object_set_new(all, "error",
                            json_pack("{s:s, s:s, s:b}", "code", wire_failure_name(job->fail.why), "text",
                                      job->fail.text, "permanent", (int)job->fail.permanent));
        fprintf(stderr, "%.*s\n", (int)job->log.n, job->log.text);
    }
    json_dumpf(all, stdout, JSON_INDENT(1) | JSON_SORT_KEYS | JSON_REAL_PRECISION(9));
    puts("");
    bool failed = job->fail.text != NULL;
    json_decref(all);
    cx_fini(&cx);
    return failed ? 1 : 0;
}
