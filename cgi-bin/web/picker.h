/* Choosing an organisation in a form, among those in which somebody may do something: a list if there are few, else
 * a search. Without script the search sends the form, which comes back with what was found and keeps what was
 * typed; with script (static/js/picker.js) it asks /org.json. The template has the macro org_field. */
#ifndef CGI_BIN_WEB_PICKER_H
#define CGI_BIN_WEB_PICKER_H

#include "cgi-bin/web/site.h"

struct picker {
    const char *field;        /* of the form; its value is the id. web_field was called for it */
    const char *purpose;      /* "course": where the actor may create courses; "manage" */
    const struct org *except; /* it and what is below it are left out; NULL: nothing */
    bool root;                /* "no organisation above", value 0, can be chosen too */
    const char *none;         /* so can this text, with value 0; NULL: no */
};

/* Fills Form.<field>: options with those that can be chosen, or what was searched for. What the field holds already
 * is always among them. */
WARN_UNUSED enum rc picker_show(struct web_request *rq, const struct picker *p);

/* Did this form search, instead of being finished? Then the handler returns web_form_again. */
bool picker_asked(const struct web_request *rq, const char *field);

#endif
