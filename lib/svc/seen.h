/* Forms that are older than what they edit. A form carries what the service says of the row that it shows, a digest of the fields
 * that the form edits; whoever saves the form gives it back, and the service compares it with the locked row. Only those fields
 * count: an upload that ends, or a publication, is no conflict. Nothing is stored. */
#ifndef LIB_SVC_SEEN_H
#define LIB_SVC_SEEN_H

#include <stddef.h>

#include "lib/base/cx.h"

/* Of n texts, where NULL is "": 16 characters of [0-9a-f] in the arena. */
const char *seen_of(struct cx *cx, const char *const *text, size_t n);
/* seen: of the form, any text; NULL: nobody asks, as programs that set what they were told to. now: of the locked row.
 * RC_CONFLICT (seen) changed_meanwhile: they differ. */
WARN_UNUSED enum rc seen_check(struct cx *cx, const char *seen, const char *now);

#endif
