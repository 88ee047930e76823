/* Counters shared by processes and by versions. Every process opens a file once, so each test has a program of its own
 * and counts in children; next_version is the other version. */
#include "tests/unit/testing.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/os/file.h"
#include "lib/os/metrics.h"

enum { TEXT_SIZE = 8192 };

static struct cx cx;
static char dir[] = "/tmp/lectern-test-metrics-XXXXXX";

static int setup(void **state)
{
    (void)state;
    cx_init(&cx);
    return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    enum rc rc = file_remove_tree(&cx, dir);
    cx_fini(&cx);
    return rc == RC_OK ? 0 : -1;
}

/* A process of this version: opens, counts, tells by the pipe that it has, and lives until the pipe *hold is closed. */
static pid_t start(const char *program, int64_t requests, int64_t running, int *hold)
{
    int ready[2], stay[2];
    char byte = 0;
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(stay), 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(stay[1]);
        if (metrics_open(&cx, dir, program) != RC_OK)
            _exit(1);
        for (int64_t i = 0; i < requests; i++)
            metric_add(METRIC_web_requests_total, 1);
        metric_add(METRIC_store_transfers_running, running);
        if (write(ready[1], "", 1) != 1 || read(stay[0], &byte, 1) != 0)
            _exit(1);
        _exit(0);
    }
    assert_true(pid > 0);
    close(ready[1]);
    close(stay[0]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    *hold = stay[1];
    return pid;
}

static void end(pid_t pid, int hold)
{
    int status = 0;
    close(hold);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void count(const char *program, int64_t requests)
{
    int hold = -1;
    pid_t pid = start(program, requests, 0, &hold);
    end(pid, hold);
}

/* What the other version prints after it has counted. */
static char *next_version(const char *program, int n)
{
    char self[512], *text = arena_alloc(cx.arena, TEXT_SIZE);
    int out[2], status = 0;
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    assert_true(length > 0);
    self[length] = '\0';
    *strrchr(self, '/') = '\0';
    assert_int_equal(pipe(out), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(out[1], STDOUT_FILENO);
        execl(arena_printf(cx.arena, "%s/next_version", self), "next_version", dir, program,
              arena_printf(cx.arena, "%d", n), (char *)NULL);
        _exit(1);
    }
    close(out[1]);
    FILE *f = fdopen(out[0], "re");
    assert_non_null(f);
    text[fread(text, 1, TEXT_SIZE - 1, f)] = '\0';
    fclose(f);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    return text;
}

static char *printed(const char *program)
{
    struct buf out;
    buf_init(&out, 100000);
    assert_ok(metrics_print(&cx, dir, program, &out));
    char *text = arena_strdup(cx.arena, out.n ? out.p : "");
    buf_fini(&out);
    return text;
}

static void assert_shows(const char *text, const char *line)
{
    if (!strstr(text, line))
        fprintf(stderr, "# no '%s' in:\n%s", line, text);
    assert_non_null(strstr(text, line));
}

/* --- tests --- */

static void counters_add_up_over_processes(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        count("web", 1000);
    assert_shows(printed(NULL), "# HELP lectern_web_requests_total requests answered\n"
                                "# TYPE lectern_web_requests_total counter\n"
                                "lectern_web_requests_total{program=\"web\"} 3000\n");
    struct buf out;
    buf_init(&out, 1000);
    assert_rc(metrics_print(&cx, dir, "none", &out), RC_NOTFOUND);
    buf_fini(&out);
}

static void a_forked_crew_counts_in_one_file(void **state)
{
    (void)state;
    pid_t pid = fork();
    if (pid == 0) {
        int status = 0;
        if (metrics_open(&cx, dir, "crew") != RC_OK)
            _exit(1);
        for (int i = 0; i < 3; i++) {
            if (fork() == 0) {
                for (int n = 0; n < 1000; n++)
                    metric_add(METRIC_web_request_seconds_total, 1500);
                _exit(0);
            }
        }
        while (wait(&status) > 0)
            ;
        _exit(status);
    }
    end(pid, -1);
    assert_shows(printed("crew"), "lectern_web_request_seconds_total{program=\"crew\"} 4.500000\n");
}

static void another_version_finds_figures_by_name(void **state)
{
    (void)state;
    count("versions", 7);
    char *text = next_version("versions", 5);
    assert_shows(text, "lectern_web_requests_total{program=\"versions\"} 12\n");
    assert_shows(text, "lectern_web_pages_total{program=\"versions\"} 10\n");
    count("versions", 1);
    text = printed("versions");
    assert_shows(text, "lectern_web_requests_total{program=\"versions\"} 13\n");
    assert_null(strstr(text, "web_pages"));
    assert_null(strstr(text, "store_")); /* nobody else's figure was counted under another name */
    assert_shows(next_version("versions", 0), "lectern_web_pages_total{program=\"versions\"} 10\n");
}

static void two_versions_count_at_the_same_time(void **state)
{
    (void)state;
    int old = -1, hold[4];
    pid_t pid = start("both", 0, 0, &old), crew[4];
    for (int i = 0; i < 4; i++) {
        assert_true((crew[i] = fork()) >= 0);
        if (crew[i] == 0) {
            if (i % 2 == 0) {
                next_version("both", 20000);
                _exit(0);
            }
            count("both", 20000);
            _exit(0);
        }
        hold[i] = -1;
    }
    for (int i = 0; i < 4; i++)
        end(crew[i], hold[i]);
    end(pid, old);
    char *text = next_version("both", 0);
    assert_shows(text, "lectern_web_requests_total{program=\"both\"} 80000\n");
    assert_shows(text, "lectern_web_pages_total{program=\"both\"} 80000\n");
}

static void gauges_begin_at_0_with_the_first_process(void **state)
{
    (void)state;
    int first = -1, second = -1, third = -1;
    pid_t a = start("gauges", 1, 3, &first);
    pid_t b = start("gauges", 1, 4, &second); /* a handover: the old crew has its transfers still */
    assert_shows(printed("gauges"), "lectern_store_transfers_running{program=\"gauges\"} 7\n");
    assert_shows(next_version("gauges", 0), "lectern_store_transfers_running{program=\"gauges\"} 7\n");
    for (int i = 0; i < 2; i++) { /* killed: nobody takes away what it had added */
        pid_t pid = i ? b : a;
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
    close(first);
    close(second);
    pid_t c = start("gauges", 1, 0, &third);
    assert_null(strstr(printed("gauges"), "store_transfers_running"));
    assert_shows(printed("gauges"), "lectern_web_requests_total{program=\"gauges\"} 3\n");
    end(c, third);
}

/* A file is made anew that is of another layout, or has no room: `bytes` at `offset` make it so. Who has the old one
 * open goes on there. */
static void assert_made_anew(const char *program, off_t offset, const void *bytes, size_t n)
{
    int hold = -1;
    char *path = arena_printf(cx.arena, "%s/metrics/%s", dir, program);
    pid_t pid = start(program, 5, 0, &hold);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, n, offset), n);
    close(fd);
    char *text = next_version(program, 2);
    assert_shows(text, arena_printf(cx.arena, "lectern_web_requests_total{program=\"%s\"} 2\n", program));
    end(pid, hold);
    count(program, 1);
    assert_shows(printed(program),
                 arena_printf(cx.arena, "lectern_web_requests_total{program=\"%s\"} 3\n", program));
}

static void files_of_another_layout_are_made_anew(void **state)
{
    (void)state;
    uint32_t full = 255;
    assert_made_anew("format", 0, "another", 7);
    assert_made_anew("longer", 256 * 64, "x", 1);
    assert_made_anew("full", 16, &full, sizeof full);
    /* as they were before they had names: values by position */
    int64_t values[25] = {4711, 4712};
    char *path = arena_printf(cx.arena, "%s/metrics/position", dir);
    assert_ok(file_write(&cx, path, (struct str){(const char *)values, sizeof values}, 0644));
    assert_null(strstr(printed(NULL), "position"));
    count("position", 1);
    assert_shows(printed("position"), "lectern_web_requests_total{program=\"position\"} 1\n");
    assert_null(strstr(printed("position"), "471"));
}

/* lib/os/metrics.def says how figures are named. */
static void names_follow_the_scheme(void **state)
{
    (void)state;
    static const char *const places[] = {"web",   "authz", "store", "schedd", "courierd", "workerd",
                                         "noded", "rtmpd", "lived", "db",     "node"};
    static const char *const others[] = {"ms",   "us",     "milliseconds", "microseconds", "minutes", "hours",
                                         "days", "kbytes", "megabytes",    "mb",           "percent"};
    struct buf out;
    buf_init(&out, 100000);
    metrics_list(&out);
    struct str rest = buf_view(&out);
    int n = 0;
    for (; rest.n; n++) {
        struct str line = str_cut(&rest, '\n'), name = str_cut(&line, ' '), type = str_cut(&line, ' ');
        char *word = str_dup(cx.arena, name);
        bool total = strlen(word) > 6 && strcmp(word + strlen(word) - 6, "_total") == 0, placed = false;
        assert_int_equal(total, str_eq(type, "counter"));
        assert_true(total || str_eq(type, "gauge"));
        assert_true(line.n > 0);
        assert_int_equal(strspn(word, "abcdefghijklmnopqrstuvwxyz_"), strlen(word));
        assert_true(str_eq(str_cut(&name, '_'), "lectern"));
        struct str place = str_cut(&name, '_');
        for (size_t i = 0; i < sizeof places / sizeof *places; i++)
            placed |= str_eq(place, places[i]);
        if (!placed)
            fprintf(stderr, "# %s\n", word);
        assert_true(placed);
        while (name.n) {
            struct str part = str_cut(&name, '_');
            for (size_t i = 0; i < sizeof others / sizeof *others; i++)
                assert_false(str_eq(part, others[i]));
        }
    }
    assert_int_equal(n, METRIC_COUNT);
    buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_add_up_over_processes),
        cmocka_unit_test(a_forked_crew_counts_in_one_file),
        cmocka_unit_test(another_version_finds_figures_by_name),
        cmocka_unit_test(two_versions_count_at_the_same_time),
        cmocka_unit_test(gauges_begin_at_0_with_the_first_process),
        cmocka_unit_test(files_of_another_layout_are_made_anew),
        cmocka_unit_test(names_follow_the_scheme),
    };
    return cmocka_run_group_tests_name("metrics", tests, setup, teardown);
}
