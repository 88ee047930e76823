/* lectern.conf: `key = value` lines and # comments, read once at start. The keys are in conf.def. Unknown
 * keys, repeated keys and bad values are errors that name file and line. Secrets stand in files of their own,
 * never in it. */
#ifndef LIB_OS_CONF_H
#define LIB_OS_CONF_H

#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/base/str.h"

struct conf {
#define CONF_STR(name, def, what)           const char *name;
#define CONF_INT(name, def, min, max, what) int name;
#define CONF_SIZE(name, def, what)          int64_t name;
#include "lib/os/conf.def"
#undef CONF_STR
#undef CONF_INT
#undef CONF_SIZE
};

/* Reads a configuration from text; `path` is only for messages. Texts live in cx's arena, which must outlive the
 * configuration. */
WARN_UNUSED enum rc conf_parse(struct cx *cx, const char *path, struct str text, struct conf *out);

/* For main(): reads the configuration, opens the log for `program`; on failure prints one sentence and
 * exits 1. The result lives as long as the process. */
const struct conf *conf_start(const char *program, const char *option);

#endif
