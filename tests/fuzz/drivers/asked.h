/* What drivers that answer requests share: a request as text, and the form that every answer must have. A
 * request is a line "METHOD address", lines "NAME=value" as a web server passes them, an empty line, the
 * body. */
#ifndef TESTS_FUZZ_DRIVERS_ASKED_H
#define TESTS_FUZZ_DRIVERS_ASKED_H

#include <stdlib.h>
#include <string.h>

#include "lib/base/str.h"

enum { ASKED_MAX = 32 };

struct asked {
    char *envp[ASKED_MAX + 1];
    struct str body;
};

static inline void asked_read(struct arena *a, struct str text, struct asked *out)
{
    size_t n = 0;
    struct str uri = str_cut(&text, '\n'), method = str_cut(&uri, ' ');
    out->envp[n++] = arena_printf(a, "REQUEST_METHOD=%.*s", (int)method.n, method.p);
    out->envp[n++] = arena_printf(a, "REQUEST_URI=%.*s", (int)uri.n, uri.p);
    for (struct str line; n < ASKED_MAX && (line = str_cut(&text, '\n')).n > 0;)
        out->envp[n++] = str_dup(a, line);
    out->envp[n] = NULL;
    out->body = text;
}

/* A variable of it, or NULL: asked is a struct asked, as web_io hands it over. */
static inline const char *asked_header(const void *asked, const char *name)
{
    const struct asked *a = asked;
    size_t n = strlen(name);
    for (char *const *e = a->envp; *e; e++)
        if (strncmp(*e, name, n) == 0 && (*e)[n] == '=')
            return *e + n + 1;
    return NULL;
}

/* The next bytes of its body. */
static inline size_t asked_take(void *asked, char *p, size_t n)
{
    struct asked *a = asked;
    if (n > a->body.n)
        n = a->body.n;
    if (n > 0)
        memcpy(p, a->body.p, n);
    a->body.p += n;
    a->body.n -= n;
    return n;
}

/* "Status: …" first, then lines "Name: value" without anything that would end or begin one; gives the
 * body. */
static inline struct str asked_body(struct str answer)
{
    if (!str_starts(answer, "Status: "))
        abort();
    for (;;) {
        if (!memchr(answer.p, '\n', answer.n))
            abort();
        struct str line = str_cut(&answer, '\n');
        if (line.n == 0 || line.p[--line.n] != '\r' || memchr(line.p, '\r', line.n) ||
            memchr(line.p, '\0', line.n))
            abort();
        if (line.n == 0)
            return answer;
        if (!memchr(line.p, ':', line.n))
            abort();
    }
}

#endif
