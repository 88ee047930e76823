/* For ./lectern bench saml: CPU and memory of saml_response_verify on one kept response, and the same figures
 * of another program's run. Prints "CPU-milliseconds KiB": per verification, and what the process grew by; of
 * a program, its CPU time divided by TIMES, and its peak. verify ours TIMES CERT KEY IDP SP ACS REQUEST
 * SECONDS FILE verify run TIMES PROGRAM ARGUMENT… */
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/os/file.h"
#include "lib/saml/saml.h"

enum { MAX_TIMES = 1000000, OURS_WORDS = 11, RUN_WORDS = 4, WARM = 20 };

static double cpu_ms(int who)
{
    struct rusage u;
    if (getrusage(who, &u) != 0)
        return 0;
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e3 +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e3;
}

/* Resident KiB of this process now. */
static long resident(void)
{
    long pages = 0, ignored = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (f && fscanf(f, "%ld %ld", &ignored, &pages) != 2)
        pages = 0;
    if (f)
        fclose(f);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static struct str content(struct cx *cx, const char *path)
{
    struct str text;
    if (file_read(cx, path, SAML_MAX_MESSAGE, &text) != RC_OK) {
        fprintf(stderr, "verify: %s\n", cx->err.detail);
        exit(1);
    }
    return text;
}

static void verify(const struct saml_expect *e, struct str xml)
{
    struct cx cx;
    struct saml_identity id;
    enum saml_reason why;
    cx_init(&cx);
    if (saml_response_verify(&cx, e, xml, &id, &why) != RC_OK) {
        fprintf(stderr, "verify: %s\n", cx.err.detail);
        exit(1);
    }
    cx_fini(&cx);
}

static int ours(long times, char **word)
{
    struct cx cx;
    struct saml_key *key = NULL;
    int64_t now = 0;
    cx_init(&cx);
    struct str xml = content(&cx, word[7]);
    struct saml_expect e = {.idp = word[2], .sp = word[3], .url = word[4], .request = word[5], .keys_n = 1};
    e.keys = (const struct saml_key *const *)&key;
    long before = resident();
    if (!str_to_i64(str_of(word[6]), 0, INT32_MAX, &now) || saml_start(&cx) != RC_OK ||
        saml_certs_from_pem(&cx, content(&cx, word[0]), &e.certs, &e.certs_n) != RC_OK ||
        saml_key_from_pem(&cx, content(&cx, word[1]), (struct str){NULL, 0}, &key) != RC_OK)
        return 1;
    e.now = now * 1000;
    for (int i = 0; i < WARM; i++)
        verify(&e, xml);
    double begin = cpu_ms(RUSAGE_SELF);
    for (long i = 0; i < times; i++)
        verify(&e, xml);
    printf("%.4f %ld\n", (cpu_ms(RUSAGE_SELF) - begin) / (double)times, resident() - before);
    saml_key_free(key);
    saml_stop();
    cx_fini(&cx);
    return 0;
}

static int run(long times, char **word)
{
    int status = 0;
    struct rusage u;
    pid_t child = fork();
    if (child == 0) {
        if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
            _exit(1);
        execvp(word[0], word);
        _exit(127);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0 ||
        getrusage(RUSAGE_CHILDREN, &u) != 0) {
        fprintf(stderr, "verify: %s fails\n", word[0]);
        return 1;
    }
    printf("%.4f %ld\n", cpu_ms(RUSAGE_CHILDREN) / (double)times, u.ru_maxrss);
    return 0;
}

int main(int argc, char **argv)
{
    int64_t times = 0;
    bool own = argc == OURS_WORDS && strcmp(argv[1], "ours") == 0;
    if ((!own && (argc < RUN_WORDS || strcmp(argv[1], "run") != 0)) ||
        !str_to_i64(str_of(argv[2]), 1, MAX_TIMES, &times))
        return 2;
    return own ? ours((long)times, argv + 3) : run((long)times, argv + 3);
}
