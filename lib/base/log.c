#include "lib/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/words.h"

enum { LINE_MAX_BYTES = 32 * 1024 };

static struct {
    char program[32], node[64], host[64];
    enum log_level least;
} the_log = {.program = "?", .least = LOG_INFO};

static const char *const level_names[LOG_LEVEL_COUNT] = {"debug", "info", "warn", "error"};

void log_open(const char *program, const char *node, enum log_level least)
{
    snprintf(the_log.program, sizeof the_log.program, "%s", program);
    snprintf(the_log.node, sizeof the_log.node, "%s", node);
    if (gethostname(the_log.host, sizeof the_log.host - 1) != 0)
        the_log.host[0] = '\0';
    the_log.least = least;
}

enum log_level log_level_of(const char *name)
{
    size_t level = words_find(level_names, LOG_LEVEL_COUNT, str_of(name));
    return level < LOG_LEVEL_COUNT ? (enum log_level)level : LOG_INFO;
}

static void add_text(struct buf *b, const char *name, const char *text)
{
    buf_str(b, ",");
    buf_json(b, str_of(name));
    buf_str(b, ":");
    buf_json(b, str_of(text));
}

static void add_fields(struct buf *b, va_list ap)
{
    struct log_field f;
    while (f = va_arg(ap, struct log_field), f.name) {
        if (f.text)
            add_text(b, f.name, f.text);
        else
            buf_printf(b, ",\"%s\":%lld", f.name, (long long)f.number);
    }
}

void log_write(enum log_level level, const struct cx *cx, const char *msg, ...)
{
    if (level < the_log.least)
        return;

    char iso[CLOCK_ISO_SIZE];
    struct buf b;
    clock_iso(clock_now(), iso);
    buf_init(&b, LINE_MAX_BYTES);
    buf_printf(&b, "{\"time\":\"%s\",\"level\":\"%s\"", iso, level_names[level]);
    add_text(&b, "program", the_log.program);
    add_text(&b, "node", the_log.node);
    add_text(&b, "host", the_log.host);
    add_text(&b, "version", PACKAGE_VERSION);
    buf_printf(&b, ",\"pid\":%ld", (long)getpid());
    if (cx)
        add_text(&b, "request", cx->id);
    add_text(&b, "msg", msg);
    va_list ap;
    va_start(ap, msg);
    add_fields(&b, ap);
    va_end(ap);
    buf_str(&b, "}\n");
    if (b.overflow) {
        /* Better a short line than half a JSON object. */
        buf_clear(&b);
        buf_printf(&b, "{\"time\":\"%s\",\"level\":\"warn\",\"msg\":\"log line too long\"}\n", iso);
    }
    ssize_t done = write(STDERR_FILENO, b.p, b.n); /* one write: lines of several processes do not mix */
    (void)done;
    buf_fini(&b);
}

void log_err(enum log_level level, const struct cx *cx, const char *msg)
{
    log_write(level, cx, msg, F_TEXT("rc", rc_name(cx->err.rc)), F_TEXT("key", cx->err.key),
              F_TEXT("field", cx->err.field), F_TEXT("detail", cx->err.detail), F_END);
}
