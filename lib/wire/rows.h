/* How the tables of messages are written (lib/wire/message.h): one macro per type of a member. Only for files of
 * lib/wire. A message x has struct wire_x and the rows x_rows. */
#ifndef LIB_WIRE_ROWS_H
#define LIB_WIRE_ROWS_H

#include <stddef.h>

#include "lib/wire/message.h"

/* The offset of a field, which must be of that type. */
#define AT(s, field, type) (offsetof(s, field) + 0 * sizeof(_Generic(((s *)0)->field, type : (char)0)))

/* Rows of struct s: the field has the member's name. how: WIRE_MUST, WIRE_CUT, WIRE_LENIENT or 0. */
#define ROW(kind, s, field, how, ctype) .name = #field, .type = kind, .flags = how, .at = AT(s, field, ctype)
#define TEXT(s, field, how, bytes)      ROW(WIRE_TEXT, s, field, how, const char *), .max = bytes
#define LOG_END(s, field)               ROW(WIRE_LOG, s, field, 0, const char *), .max = WIRE_LOG_MAX
#define KEY(s, field, how)              ROW(WIRE_KEY, s, field, how, const char *), .max = WIRE_KEY_LENGTH
#define SHA256(s, field, how)           ROW(WIRE_SHA256, s, field, how, const char *), .max = WIRE_SHA256_LENGTH
/* other: what an unknown word becomes, -1: it is refused */
#define WORD(s, field, how, table, n, other)                                                                 \
    ROW(WIRE_WORD, s, field, how, unsigned), .words = table, .max = n, .unknown = other
#define BOOL(s, field)                 ROW(WIRE_BOOL, s, field, 0, bool)
#define INT(s, field, how, from, to)   ROW(WIRE_INT, s, field, how, int), .min = from, .max = to
#define INT64(s, field, how, from, to) ROW(WIRE_INT64, s, field, how, int64_t), .min = from, .max = to
#define REAL(s, field, how, from, to, none)                                                                  \
    ROW(WIRE_REAL, s, field, how, double), .least = from, .most = to, .missing = none
#define ROLES(s, field, how) ROW(WIRE_ROLES, s, field, how, unsigned), .max = NODE_ROLES
#define SLOTS(s, field)      ROW(WIRE_SLOTS, s, field, 0, int *), .max = WIRE_SLOTS_MAX
#define KEYS(s, field, counter, how, n)                                                                      \
    ROW(WIRE_KEYS, s, field, how, const char *const *), .count_at = AT(s, counter, size_t), .max = n,        \
                                                        .most = WIRE_KEY_LENGTH
#define NUMBERS(s, field, counter, how, n, from)                                                             \
    ROW(WIRE_NUMBERS, s, field, how, const int64_t *), .count_at = AT(s, counter, size_t), .min = from,      \
                                                       .max = n
#define PASSED_ON(s, field, type)      ROW(type, s, field, 0, const json_t *)
#define OBJECT(s, field, how, message) ROW(WIRE_OBJECT, s, field, how, struct wire_##message), .of = &message
#define LIST(s, field, counter, how, n, message)                                                             \
    ROW(WIRE_LIST, s, field, how, const struct wire_##message *), .count_at = AT(s, counter, size_t),        \
                                                                  .max = n, .of = &message

#define MESSAGE(id)                                                                                          \
    static const struct wire_message id = {#id, sizeof(struct wire_##id), id##_rows,                         \
                                           sizeof id##_rows / sizeof *id##_rows}

#endif
