/* A form with a small file, multipart/form-data (RFC 7578), as routes with WEB_FILE take it. The fields become pairs like
 * those of any other form. Pure and bounded. */
#ifndef LIB_WEB_FILE_H
#define LIB_WEB_FILE_H

#include "lib/web/parse.h"

enum { WEB_MAX_FILE = 128 * 1024 /* bytes of the file */ };

struct web_file {
    const char *field; /* NULL: no file was sent, or an empty one without a name */
    struct str bytes;  /* empty if it is too big */
    bool too_big;      /* more than WEB_MAX_FILE */
};

/* type: the header Content-Type. The first file counts, others are left out. RC_INVALID bad_request: malformed, not
 * finished, or a field that is not UTF-8 or has a NUL. */
WARN_UNUSED enum rc web_parse_file(struct cx *cx, struct str type, struct str body, struct web_pairs *form,
                                   struct web_file *file);

#endif
