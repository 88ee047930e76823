/* AMF0 values (Adobe, Action Message Format AMF 0, 2007) as commands and metadata of RTMP and FLV use them.
 * Values are read one after the other, without building a tree: an object is given as the bytes of its
 * members, which are walked when somebody asks. Everything is bounded: depth, number of values, and the
 * length by that of the bytes. References, typed objects, XML and AMF3 are refused. Pure; nothing is
 * allocated by reading. */
#ifndef LIB_PROTO_AMF0_H
#define LIB_PROTO_AMF0_H

#include "lib/proto/octets.h"

enum {
    AMF0_DEPTH_MAX = 8,     /* objects and arrays inside each other */
    AMF0_VALUES_MAX = 1024, /* of one reader, those inside objects included */
    AMF0_NAME_MAX = 65535   /* bytes of a member's name and of a short string */
};

enum amf0_type {
    AMF0_NUMBER,
    AMF0_BOOLEAN,
    AMF0_STRING, /* short (section 2.4) or long (2.14) */
    AMF0_OBJECT, /* an anonymous object (2.5) or an ECMA array (2.10); both are walked by name */
    AMF0_ARRAY,  /* a strict array (2.12) */
    AMF0_NULL,
    AMF0_UNDEFINED,
    AMF0_DATE /* milliseconds since 1970 in `number`; the time zone is dropped, as section 2.13 advises */
};

struct amf0_value {
    enum amf0_type type;
    double number;     /* any double, NaN and infinities too */
    bool truth;        /* of a boolean */
    struct str text;   /* of a string, as sent: neither UTF-8 nor free of NUL for certain; lends */
    struct str inside; /* members or elements of an object or array, already checked; lends */
};

/* The members are the reader's own. */
struct amf0 {
    struct octets in;
    int values;
};

struct amf0 amf0_of(struct str bytes); /* lends from bytes */

/* The next value. False: the end, or broken or over a limit, and then every later call is false too;
 * amf0_is_bad tells which. */
bool amf0_next(struct amf0 *a, struct amf0_value *out);
/* Inside an object: the next member. `a` is amf0_of(value.inside). */
bool amf0_next_member(struct amf0 *a, struct str *name, struct amf0_value *out);
bool amf0_is_bad(const struct amf0 *a);

/* The first member of that name. False: none, or `object` is none. */
bool amf0_find(const struct amf0_value *object, const char *name, struct amf0_value *out);
/* The text of a member, empty if there is none. */
struct str amf0_find_text(const struct amf0_value *object, const char *name);

/* --- writing; a full buffer is sticky in the buffer --- */

void amf0_put_number(struct buf *b, double v);
void amf0_put_text(struct buf *b, struct str s); /* long if it must be */
void amf0_put_null(struct buf *b);
void amf0_put_undefined(struct buf *b);
/* An object is begin, then names each followed by a value, then end. */
void amf0_put_object(struct buf *b);
void amf0_put_name(struct buf *b, const char *name); /* at most AMF0_NAME_MAX bytes */
void amf0_put_end(struct buf *b);
/* Name and value in one. */
void amf0_put_member_text(struct buf *b, const char *name, struct str value);
void amf0_put_member_number(struct buf *b, const char *name, double value);

#endif
