/* The colour of an organisation: checked so that text in it, and text on it, can be read in both themes, and turned into a
 * style sheet. Pure: the sheet follows from the colour alone, so it is served without the database. */
#ifndef LIB_SVC_PEOPLE_ACCENT_H
#define LIB_SVC_PEOPLE_ACCENT_H

#include <stdbool.h>

#include "lib/base/arena.h"

enum { ACCENT_LENGTH = 7 }; /* "#2f5bd8" */

struct accent {
    char light[ACCENT_LENGTH + 1];   /* in the light theme: the colour itself */
    char dark[ACCENT_LENGTH + 1];    /* in the dark theme: lightened until it can be read there */
    double contrast;                 /* the smallest in the light theme; 4.5 is enough (WCAG 2.2, 1.4.3) */
    char nearest[ACCENT_LENGTH + 1]; /* the colour, darkened until it can be read */
};

/* False: `text` is not # and six hexadecimal digits. */
bool accent_read(const char *text, struct accent *out);
/* Is the colour dark enough for the light theme? */
bool accent_good(const struct accent *accent);
/* The sheet that sets --accent and --on-accent (static/css/base.css). */
const char *accent_sheet(struct arena *a, const struct accent *accent);

#endif
