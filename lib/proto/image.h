/* The head of a small picture, PNG (RFC 2083 and its third edition, W3C PNG 3) or WebP (RFC 9649): what it is and how large. Every chunk must end
 * where the file says, the file must end with the last one, and moving pictures are refused. What the picture shows is
 * not decoded. Pure: bytes in, result out. */
#ifndef LIB_PROTO_IMAGE_H
#define LIB_PROTO_IMAGE_H

#include "lib/base/rc.h"
#include "lib/base/str.h"

enum image_kind { IMAGE_PNG, IMAGE_WEBP, IMAGE_KIND_COUNT };

struct image {
    enum image_kind kind;
    int width, height; /* pixels, from 1 on */
};

/* RC_INVALID: neither of the two, damaged, cut off, with something behind its end, or moving. */
WARN_UNUSED enum rc image_read(struct str bytes, struct image *out);

#endif
