/* Tasks of the pipeline: what is being done, and what has failed. */
#include "daemons/ctl/ctl.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/svc/pipeline/flow/again.h"
#include "lib/svc/pipeline/records/task.h"

enum { LIST_LIMIT = 200, LOG_LINES = 20 };

const char *ctl_failure(const char *code)
{
    enum failure f;
    return wire_failure_of(str_of(code), &f) ? wire_failure(f)->sentence : code ? code : "";
}

static const char *text_or(const char *text, const char *other)
{
    return text ? text : other;
}

static json_t *failure_json(const char *code, const char *text)
{
    return code ? json_pack("{s:s,s:s,s:s}", "code", code, "sentence", ctl_failure(code), "text",
                            text_or(text, ""))
                : json_null();
}

static json_t *task_json(const struct task *t)
{
    json_t *o = json_object();
    json_object_set_new(o, "id", json_integer(t->id));
    json_object_set_new(o, "kind", json_string(task_kind_name(t->kind)));
    json_object_set_new(o, "state", json_string(t->state));
    json_object_set_new(o, "lecture", json_string(t->lecture_key));
    json_object_set_new(o, "title", json_string(t->lecture_title));
    json_object_set_new(o, "course", json_string(t->course_slug));
    json_object_set_new(o, "view", json_string(t->view));
    json_object_set_new(o, "file", json_string(t->file));
    json_object_set_new(o, "job", json_integer(t->job_id));
    json_object_set_new(o, "step", json_string(text_or(t->job_kind, "")));
    json_object_set_new(o, "step_state", json_string(text_or(t->job_state, "")));
    json_object_set_new(o, "progress", json_real(t->progress));
    json_object_set_new(o, "eta", json_integer(t->eta));
    json_object_set_new(o, "failure", failure_json(t->error_code, t->error_text));
    return o;
}

static void print_task(const struct task *t)
{
    printf("%5lld  %-9s %-8s %-4s %s  %s %s", (long long)t->id, t->state, task_kind_name(t->kind), t->view,
           t->lecture_key, text_or(t->job_kind, "-"), text_or(t->job_state, ""));
    if (t->job_state && strcmp(t->job_state, "running") == 0)
        printf(" %d %%", (int)(t->progress * 100));
    if (t->error_code)
        printf("  %s", ctl_failure(t->error_code));
    putchar('\n');
}

static int list_tasks(struct ctl *ctl)
{
    bool json = false, all = false;
    const struct ctl_option options[] = {{"json", NULL, &json}, {"all", NULL, &all}, {NULL, NULL, NULL}};
    struct task *tasks;
    json_t *list = json_array();
    size_t n;
    if (!ctl_parse(ctl, options, 0, 0))
        return CTL_USAGE;
    if (task_list(ctl->cx, !all && !json, LIST_LIMIT, &tasks, &n) != RC_OK)
        return ctl_fail_rc(ctl, "cannot list the tasks");
    for (size_t i = 0; i < n; i++) {
        if (json)
            json_array_append_new(list, task_json(&tasks[i]));
        else
            print_task(&tasks[i]);
    }
    if (json) {
        ctl_json_print(list);
        return CTL_OK;
    }
    json_decref(list);
    if (n == 0)
        puts("nothing to do, nothing failed (--all: finished ones, too)");
    return CTL_OK;
}

static bool task_number(struct ctl *ctl, int64_t *id)
{
    if (str_to_i64(str_of(ctl->argv[0]), 1, INT64_MAX, id))
        return true;
    ctl_fail("%s is not the number of a task: lecternctl task list", ctl->argv[0]);
    return false;
}

/* The last lines of a log, indented. */
static void print_log(const char *log)
{
    const char *from = log + strlen(log);
    for (int lines = 0; from > log && lines < LOG_LINES; from--)
        lines += from[-1] == '\n' && from[0] != '\0';
    while (*from == '\n')
        from++;
    while (*from) {
        size_t n = strcspn(from, "\n");
        printf("      | %.*s\n", (int)n, from);
        from += n + (from[n] != '\0');
    }
}

static enum rc print_attempts(struct ctl *ctl, const struct job *j)
{
    struct job_attempt *attempts;
    size_t n;
    enum rc rc = job_attempts(ctl->cx, j->id, &attempts, &n);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        const struct job_attempt *a = &attempts[i];
        char at[CLOCK_ISO_SIZE];
        clock_iso(a->started, at);
        printf("    attempt %d on %s at %s: %s", a->attempt, a->node[0] ? a->node : "?", at,
               a->outcome[0] ? a->outcome : "running");
        if (a->finished != NO_TIME)
            printf(" after %.1f s", (double)(a->finished - a->started) / 1000);
        putchar('\n');
        if (a->error_code)
            printf("      %s %s\n", ctl_failure(a->error_code), text_or(a->error_text, ""));
        if (strcmp(a->outcome, "done") != 0)
            print_log(text_or(a->log, ""));
    }
    return rc;
}

static enum rc print_jobs(struct ctl *ctl, int64_t task)
{
    struct job *jobs;
    size_t n;
    enum rc rc = job_list_by_task(ctl->cx, task, &jobs, &n);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        const struct job *j = &jobs[i];
        printf("  job %lld %s: %s", (long long)j->id, wire_kind_name(j->kind), job_state_name(j->state));
        if (j->state == JOB_RUNNING)
            printf(" %d %%", (int)(j->progress * 100));
        if (j->state == JOB_WAITING)
            printf(" for job %lld", (long long)j->waits_for);
        if (j->blamed_by && (j->state == JOB_QUEUED || j->state == JOB_LEASED || j->state == JOB_RUNNING))
            printf("; node %lld blames the recording, another one is asked", (long long)j->blamed_by);
        putchar('\n');
        rc = print_attempts(ctl, j);
    }
    return rc;
}

static int show(struct ctl *ctl)
{
    struct task *t;
    int64_t id;
    if (!ctl_parse(ctl, NULL, 1, 1) || !task_number(ctl, &id))
        return CTL_USAGE;
    if (task_get(ctl->cx, id, &t) != RC_OK)
        return ctl_fail_rc(ctl, "cannot show the task");
    printf("task %lld: %s %s of lecture %s \"%s\" (%s): %s\n", (long long)t->id, task_kind_name(t->kind),
           t->view, t->lecture_key, t->lecture_title, t->course_slug, t->state);
    if (t->file[0])
        printf("  file %s\n", t->file);
    if (print_jobs(ctl, id) != RC_OK)
        return ctl_fail_rc(ctl, "cannot show the task");
    if (strcmp(t->state, "failed") == 0)
        printf("  lecternctl task requeue %lld tries again.\n", (long long)id);
    return CTL_OK;
}

static int requeue(struct ctl *ctl)
{
    struct again_outcome r;
    int64_t id;
    if (!ctl_parse(ctl, NULL, 1, 1) || !task_number(ctl, &id))
        return CTL_USAGE;
    if (again_task(ctl->cx, id, &r) != RC_OK)
        return ctl_fail_rc(ctl, "cannot try again");
    if (r.task)
        printf("the results are gone or spoilt: task %lld makes them anew from the original\n",
               (long long)r.task);
    else
        printf("%d %s tried again\n", r.jobs, r.jobs == 1 ? "job is" : "jobs are");
    return CTL_OK;
}

enum rc ctl_figure_jobs(struct ctl *ctl, struct buf *json)
{
    struct task_counts counts;
    enum rc rc = task_count(ctl->cx, &counts);
    if (rc != RC_OK)
        return rc;
    for (int lane = 0; lane < LANE_COUNT; lane++) {
        buf_printf(json, "%s\"%s\":{", lane ? "," : "{", wire_lane_name((enum job_lane)lane));
        for (int s = 0, first = 1; s < JOB_STATE_COUNT; s++) {
            if (s == JOB_DONE || s == JOB_CANCELLED)
                continue;
            buf_printf(json, "%s\"%s\":%d", first ? "" : ",", job_state_name((enum job_state)s),
                       counts.jobs[lane][s]);
            first = 0;
        }
        buf_str(json, "}");
    }
    buf_str(json, "}");
    return RC_OK;
}

const struct ctl_command ctl_task_commands[] = {
    {"task list", "[--all] [--json]", "what is being done and what failed", list_tasks},
    {"task show", "ID", "its jobs, their attempts, failures and logs", show},
    {"task requeue", "ID", "try what was given up again", requeue},
    {NULL, NULL, NULL, NULL},
};
