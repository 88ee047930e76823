/* How the pages of an organisation look: its colour, its logo, whom to write to. What an organisation does not have of its own
 * it has from the nearest one above that has it. */
#ifndef LIB_SVC_PEOPLE_ORG_LOOK_H
#define LIB_SVC_PEOPLE_ORG_LOOK_H

#include "lib/base/str.h"
#include "lib/proto/image.h"
#include "lib/svc/people/org.h"

enum {
    ORG_LOGO_BYTES = 100 * 1024,
    ORG_LOGO_SIDE_MIN = 16, /* pixels, width and height */
    ORG_LOGO_SIDE_MAX = 2000,
    ORG_LOGO_HASH = 22 /* characters, base64url */
};

struct org_logo {
    const char *hash;
    enum image_kind kind;
    int width, height;
    struct str bytes; /* of org_get_logo only */
};

struct org_look {
    const char *accent;  /* "#2f5bd8"; NULL: that of Lectern */
    const char *contact; /* "": none */
    const char *lang;    /* of its own: ISO 639 code in which its people write; "": not said */
    const char *name;    /* of the one whose logo it is; NULL: there is no logo */
    struct org_logo logo;
};

/* Of the organisation at this path ("/1/4/"). One statement. */
WARN_UNUSED enum rc org_get_look(struct cx *cx, const char *path, struct org_look *out);

/* Both need ACT_ORG_MANAGE.
 * accent: a colour, or "" for that of the one above. RC_INVALID (field accent) accent_invalid, accent_pale: too pale to be
 * read; accent.h says which one near it is not. */
WARN_UNUSED enum rc org_set_accent(struct cx *cx, int64_t id, const char *accent);
/* A PNG or WebP, or nothing for that of the one above. RC_INVALID (field logo) logo_invalid, logo_size; RC_TOOBIG
 * logo_too_big. */
WARN_UNUSED enum rc org_set_logo(struct cx *cx, int64_t id, struct str bytes);

/* For everybody. RC_NOTFOUND: there is no logo of this hash. */
WARN_UNUSED enum rc org_get_logo(struct cx *cx, const char *hash, struct org_logo *out);

/* "png", "webp" */
const char *image_kind_name(enum image_kind kind);
bool image_kind_of(struct str name, enum image_kind *out);

#endif
