/* The field `seen` of forms that edit what is stored (lib/svc/seen.h): an older form does not overwrite in silence. It comes back
 * with what was typed and says what is stored now; saved once more, it overwrites. */
#ifndef CGI_BIN_WEB_SEEN_H
#define CGI_BIN_WEB_SEEN_H

#include "cgi-bin/web/site.h"

struct seen_field {
    const char *name;  /* of the form */
    const char *label; /* key of the catalogue */
    const char *value; /* as the form sends what is stored now */
    const char *words; /* as people read it; NULL: the value */
};

/* Sets Form.seen for the macro `seen`: `seen` is what the service says now; after another mistake, what the form was made of. If
 * it was the older form that was refused, the macro form_errors lists the n fields which now differ from what was typed. */
void seen_show(struct web_request *rq, const char *seen, const struct seen_field *field, size_t n);
/* What the form carries; NULL: nothing. */
const char *seen_sent(const struct web_request *rq);

#endif
