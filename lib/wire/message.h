/* Messages as data. A message is a C struct and a table with one row per member: the member's name in JSON,
 * where it lies in the struct, its type and limits. Both halves follow from the rows: wire_write for who
 * sends, wire_read for who receives, so they cannot disagree, and a new member is a field and a row.
 *
 * What a program of another version may do: members that have no row are ignored; a member that may be
 * missing gets the value that stands for "missing", and is left out when it has that value. A member that
 * must be there, or has another type or is out of its limits, makes the whole message wrong. So a new member
 * may be missing, and an old one stays as it is as long as a version that needs it is in use.
 *
 * Pure: no I/O, no clock. Results are in the arena of cx; what was read lends from the JSON. */
#ifndef LIB_WIRE_MESSAGE_H
#define LIB_WIRE_MESSAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"

enum wire_type {
    WIRE_TEXT,    /* const char *; missing: "" */
    WIRE_LOG,     /* const char *; the end of a text is kept; missing: "" */
    WIRE_KEY,     /* const char *; WIRE_KEY_LENGTH characters of [a-z0-9]; missing: "" */
    WIRE_SHA256,  /* const char *; hex digits; missing: "" */
    WIRE_WORD,    /* an enum with a table of words; missing: the number of words */
    WIRE_BOOL,    /* bool; missing: false */
    WIRE_INT,     /* int, min to max */
    WIRE_INT64,   /* int64_t, min to max */
    WIRE_REAL,    /* double, least to most */
    WIRE_ROLES,   /* unsigned: array of the words of a set of roles */
    WIRE_SLOTS,   /* int[LANE_COUNT]: object with a number per lane */
    WIRE_OBJECT,  /* a struct within the struct */
    WIRE_LIST,    /* const struct *, with a count: array of objects */
    WIRE_KEYS,    /* const char *const *, with a count: array of keys */
    WIRE_TEXTS,   /* const char *const *, with a count: array of texts of at most `most` bytes */
    WIRE_NUMBERS, /* const int64_t *, with a count: array of numbers from min on */
    WIRE_ANY,     /* const json_t *: an object that is passed on; missing: NULL */
    WIRE_ARRAY,   /* const json_t *: an array that is passed on; missing: NULL */
    WIRE_TYPE_COUNT
};

/* MUST: it may not be missing. Of lists, CUT: what is above the maximum is left out, since it comes again;
 * LENIENT: so are entries that are wrong. */
enum { WIRE_MUST = 1, WIRE_CUT = 2, WIRE_LENIENT = 4 };

struct wire_member {
    const char *name;
    enum wire_type type;
    unsigned flags;
    size_t at;        /* offset in the struct */
    size_t count_at;  /* of the size_t that counts a list */
    int64_t min, max; /* of numbers; max also: bytes of a text, entries of a list */
    double least, most;
    int64_t missing;               /* the number that stands for "missing" */
    const char *const *words;      /* of WIRE_WORD: max words */
    int unknown;                   /* … what any other word becomes; -1: it is refused */
    const struct wire_message *of; /* of WIRE_OBJECT and WIRE_LIST */
};

struct wire_message {
    const char *name; /* for doc/protocol.md */
    size_t size;      /* of the struct */
    const struct wire_member *members;
    size_t count;
};

/* A struct as a JSON object: within the limits, whatever texts hold. A list that is too long is cut, a word
 * that has no name is left out. */
json_t *wire_write(struct cx *cx, const struct wire_message *m, const void *from);

/* A JSON object as a struct. RC_INVALID, RC_TOOBIG: err.field names the member; *to is then undefined. Of
 * lenient lists *odd, if it was NULL, says why the first entry was left out. */
WARN_UNUSED enum rc wire_read(struct cx *cx, const struct wire_message *m, const json_t *o, void *to,
                              const char **odd);

/* All messages, for tests, documentation and fuzzing; ends with NULL. */
extern const struct wire_message *const wire_messages[];

#endif
