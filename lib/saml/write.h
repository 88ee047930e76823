/* Of lib/saml alone: writing XML into a buffer. Texts are escaped; one that cannot stand in XML, or is over
 * SAML_MAX_TEXT, spoils the document, which saml_written then refuses. */
#ifndef LIB_SAML_WRITE_H
#define LIB_SAML_WRITE_H

#include "lib/base/buf.h"
#include "lib/saml/saml.h"

enum { SAML_MAX_WRITTEN = 65536 }; /* bytes of a document of ours */

/* A document on its way: begin with {0} and saml_write_init, end with saml_written. */
struct saml_writer {
    struct buf text;
    bool bad;
};

void saml_write_init(struct saml_writer *w);
/* As it is: mark-up, texts of ours. */
void saml_write(struct saml_writer *w, const char *markup);
/* Escaped, for text and for attributes. */
void saml_write_escaped(struct saml_writer *w, const char *text);
/* ` name="value"`; nothing if value is NULL. */
void saml_write_attr(struct saml_writer *w, const char *name, const char *value);
void saml_write_time(struct saml_writer *w, const char *name, int64_t ms);
/* "<tag>text</tag>"; nothing if text is NULL. */
void saml_write_text(struct saml_writer *w, const char *tag, const char *text);
/* Frees the writer. RC_INVALID: a text did not fit. *xml is in the arena. */
WARN_UNUSED enum rc saml_written(struct cx *cx, struct saml_writer *w, struct str *xml);

#endif
