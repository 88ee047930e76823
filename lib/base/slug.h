/* The short name of a thing in web addresses, made of its name. Pure; what a slug may be is str_is_slug. */
#ifndef LIB_BASE_SLUG_H
#define LIB_BASE_SLUG_H

#include "lib/base/str.h"

/* "Fakultät für Öffentliches Recht" becomes "fakultaet-fuer-oeffentliches-recht". Letters of Latin-1 and Latin
 * Extended-A lose their accents, German ones become two; apostrophes and accents that stand alone (U+0300 to U+036F)
 * are left out; everything else, other scripts too, is a hyphen, never two in a row nor one at an end. At most max
 * bytes, cut between words where there are several. "" if nothing is left. text is well-formed UTF-8 (RFC 3629). */
char *slug_of(struct arena *a, struct str text, size_t max);

#endif
