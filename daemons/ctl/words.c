/* The command line and the output: options, failures as sentences, JSON. */
#include "daemons/ctl/ctl.h"

#include <stdarg.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/svc/teaching/course.h"

static void complain(const char *fmt, va_list ap)
{
    fflush(stdout);
    fputs("lecternctl: ", stderr);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
}

int ctl_fail(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    complain(fmt, ap);
    va_end(ap);
    return CTL_FAILED;
}

int ctl_wrong(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    complain(fmt, ap);
    va_end(ap);
    return CTL_USAGE;
}

int ctl_fail_rc(const struct ctl *ctl, const char *what)
{
    const struct err *e = &ctl->cx->err;
    const char *cure = e->rc == RC_UNAVAIL ? " (lecternctl check may tell more)" : "";
    return ctl_fail("%s: %s%s", what, e->detail ? e->detail : rc_name(e->rc), cure);
}

static const struct ctl_option *find(const struct ctl_option *options, struct str name)
{
    for (const struct ctl_option *o = options; o && o->name; o++)
        if (str_eq(name, o->name))
            return o;
    return NULL;
}

/* The option in argv[*i]; moves *i on if its value is the next word. */
static bool take_option(struct ctl *ctl, const struct ctl_option *options, int *i)
{
    struct str rest = str_of(ctl->argv[*i] + 2);
    bool joined = memchr(rest.p, '=', rest.n) != NULL;
    struct str name = str_cut(&rest, '=');
    const struct ctl_option *o = find(options, name);
    if (!o) {
        ctl_fail("unknown option --%.*s", (int)name.n, name.p);
        return false;
    }
    if (!o->value) {
        if (joined)
            ctl_fail("--%s takes no value", o->name);
        *o->given = true;
        return !joined;
    }
    if (!joined && *i + 1 >= ctl->argc) {
        ctl_fail("--%s needs a value", o->name);
        return false;
    }
    *o->value = joined ? rest.p : ctl->argv[++*i];
    return true;
}

bool ctl_parse(struct ctl *ctl, const struct ctl_option *options, int least, int most)
{
    int n = 0;
    bool ended = false;
    for (int i = 0; i < ctl->argc; i++) {
        char *word = ctl->argv[i];
        if (!ended && strcmp(word, "--") == 0)
            ended = true;
        else if (!ended && strncmp(word, "--", 2) == 0) {
            if (!take_option(ctl, options, &i))
                return false;
        } else
            ctl->argv[n++] = word;
    }
    ctl->argc = n;
    if (n < least || n > most) {
        ctl_fail("usage: lecternctl %s %s", ctl->command->name, ctl->command->args);
        return false;
    }
    return true;
}

void ctl_json_text(const char *text)
{
    struct buf b;
    if (!text) {
        fputs("null", stdout);
        return;
    }
    buf_init(&b, strlen(text) * 6 + 16);
    buf_json(&b, str_of(text));
    fwrite(b.p, 1, b.n, stdout);
    buf_fini(&b);
}

void ctl_json_time(int64_t ms)
{
    char text[CLOCK_ISO_SIZE];
    if (ms != NO_TIME)
        clock_iso(ms, text);
    ctl_json_text(ms == NO_TIME ? NULL : text);
}

const char *ctl_address(struct ctl *ctl, const char *url)
{
    return url[0] == '/' ? arena_printf(ctl->cx->arena, "%s%s", ctl->conf->base_url, url) : url;
}

json_t *ctl_time(int64_t ms)
{
    char text[CLOCK_ISO_SIZE];
    if (ms == NO_TIME)
        return json_null();
    clock_iso(ms, text);
    return json_string(text);
}

enum rc ctl_find_course(struct ctl *ctl, const char *word, struct course **out)
{
    struct course_list list;
    struct str rest = str_of(word), term = {0};
    if (memchr(rest.p, '/', rest.n))
        term = str_cut(&rest, '/');
    enum rc rc = course_list_all(ctl->cx, 0, &list);
    if (rc != RC_OK)
        return rc;
    for (struct course *c = list.item; c < list.item + list.n; c++) {
        if (str_eq(rest, c->slug) && (term.n == 0 || str_eq(term, c->term_slug))) {
            *out = c;
            return RC_OK;
        }
    }
    return err_set(ctl->cx, RC_NOTFOUND, "course", "course_unknown", "there is no course %s", word);
}

void ctl_json_print(json_t *v)
{
    json_dumpf(v, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(9));
    putchar('\n');
    json_decref(v);
}
