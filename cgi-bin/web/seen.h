/* The field `seen` of forms that edit what is stored (lib/svc/seen.h): an older form does not overwrite in silence. It comes back
 * with what was typed and says what was changed meanwhile, and by whom; saved once more, it overwrites. */
#ifndef CGI_BIN_WEB_SEEN_H
#define CGI_BIN_WEB_SEEN_H

#include "cgi-bin/web/site.h"

struct seen_field {
    const char *name;  /* of the form */
    const char *label; /* key of the catalogue */
    const char *value; /* as the form sends what is stored now */
    const char *words; /* as people read it; NULL: the value */
};

struct seen_form {
    const char *key; /* of a page with several forms: Form.<key> for the macro `seen_in`; NULL: "seen" */
    bool other;      /* it is another one of them that was sent */
    const char *now; /* what the service says of the row */
    const char *url; /* shows what is stored, without what was typed */
    /* who changed it: the last in the audit (audit_last), or a name, NULL: not known */
    const char *kind;
    int64_t id;
    const char *actions;
    const char *who; /* with kind NULL */
    int64_t at;
};

/* Sets Form.seen for the macro `seen`: what is stored now; after another mistake, what the form was made of. If it was the older form
 * that was refused, the macro form_errors says who changed it, and lists those of the n fields (the same ones each time, in the same
 * order) that were changed since and now differ from what was typed. */
WARN_UNUSED enum rc seen_show(struct web_request *rq, const struct seen_form *form,
                              const struct seen_field *field, size_t n);
/* What the form carries of the service's; NULL: nothing. */
const char *seen_sent(const struct web_request *rq);

#endif
