/* multipart/form-data (RFC 7578, RFC 2046 section 5.1), as a push parser: bytes in pieces of any size in,
 * events out. Memory use is fixed: contents are passed on as they arrive, only a part's header lines are
 * kept. Pure: no I/O. */
#ifndef LIB_PROTO_MULTIPART_H
#define LIB_PROTO_MULTIPART_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/rc.h"
#include "lib/base/str.h"

enum {
    MULTIPART_MAX_BOUNDARY = 70, /* RFC 2046 section 5.1.1 */
    MULTIPART_MAX_HEAD = 4096,   /* bytes of one part's header lines */
    MULTIPART_MAX_PARTS = 16,
    MULTIPART_MAX_NAME = 64,
    MULTIPART_MAX_FILE = 255
};

/* One part. name: the field. file: the file's name as sent (UTF-8 or not), "" if it is a plain field. */
struct multipart_part {
    char name[MULTIPART_MAX_NAME + 1];
    char file[MULTIPART_MAX_FILE + 1];
    bool is_file;
};

/* Each returns false to stop: multipart_feed then gives RC_INVALID. */
struct multipart_events {
    void *arg;
    bool (*begin)(void *arg, const struct multipart_part *part);
    bool (*data)(void *arg, const char *p, size_t n);
    bool (*end)(void *arg);
};

enum multipart_state {
    MULTIPART_PREAMBLE,
    MULTIPART_AFTER,
    MULTIPART_HEAD,
    MULTIPART_BODY,
    MULTIPART_DONE,
    MULTIPART_BAD
};

/* The members are the parser's own. */
struct multipart {
    struct multipart_events events;
    enum multipart_state state;
    char delimiter[MULTIPART_MAX_BOUNDARY + 5]; /* CR LF -- boundary */
    size_t delimiter_n, matched;
    char head[MULTIPART_MAX_HEAD + 1];
    size_t head_n;
    char after[2]; /* what follows a delimiter */
    size_t after_n;
    int parts;
};

/* content_type: the header's value. RC_INVALID: it is not multipart/form-data, or its boundary is missing or
 * malformed. */
WARN_UNUSED enum rc multipart_init(struct multipart *m, struct str content_type,
                                   const struct multipart_events *events);
/* RC_INVALID: malformed, over a limit, or an event returned false; every later call then fails, too. What
 * follows the last delimiter is ignored. */
WARN_UNUSED enum rc multipart_feed(struct multipart *m, const char *p, size_t n);
/* True once the closing delimiter has been read. */
bool multipart_is_done(const struct multipart *m);

#endif
