/* The log: one JSON object a line on standard error. Each line carries time, level, program, node, host,
 * version, pid and, where there is a context, the request id. Never log a token, a stream key, a password or
 * a raw request line. The only global state of lib/base: set once by main() before threads start. */
#ifndef LIB_BASE_LOG_H
#define LIB_BASE_LOG_H

#include <stdint.h>

#include "lib/base/cx.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_LEVEL_COUNT };

struct log_field {
    const char *name;
    const char *text; /* NULL: a number */
    int64_t number;
};

/* program: "lectern-web"; node: the node's name or "". Strings are copied. */
void log_open(const char *program, const char *node, enum log_level least);
/* "debug", "info", "warn", "error"; anything else gives LOG_INFO. */
enum log_level log_level_of(const char *name);

/* cx may be NULL; msg is a fixed sentence to search for. Ends with F_END: use LOG, which adds it. */
void log_write(enum log_level level, const struct cx *cx, const char *msg, ... /* struct log_field, F_END */);

static inline struct log_field log_text(const char *name, const char *text)
{
    return (struct log_field){name, text ? text : "", 0};
}

static inline struct log_field log_num(const char *name, int64_t number)
{
    return (struct log_field){name, NULL, number};
}

#define F_TEXT(name, value) log_text((name), (value))
#define F_NUM(name, value)  log_num((name), (int64_t)(value))
#define F_END               ((struct log_field){NULL, NULL, 0})

/* LOG(INFO, cx, "job leased", F_NUM("job", id), F_TEXT("node", name)); */
#define LOG(level, ...) log_write(LOG_##level, __VA_ARGS__, F_END)

/* The failure in cx->err with its key and detail. */
void log_err(enum log_level level, const struct cx *cx, const char *msg);

#endif
