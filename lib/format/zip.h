/* A ZIP archive of a few small texts, stored without compression (APPNOTE 6.3.10, sections 4.3.7, 4.3.12, 4.3.16): what every
 * system opens without another program. Names are ASCII, and times are the first that the format knows (1980-01-01). There
 * is no reader. */
#ifndef LIB_FORMAT_ZIP_H
#define LIB_FORMAT_ZIP_H

#include <stddef.h>

#include "lib/base/buf.h"

struct zip_file {
    const char *name; /* may have folders: "Lectern/basic.ini" */
    struct str text;  /* below 4 GiB, as the whole archive */
};

/* Appends the archive; out must be empty. */
void zip_write(struct buf *out, const struct zip_file *file, size_t n);

#endif
