#include "lib/proto/amf0.h"

#include <string.h>

/* Section 2.1. */
enum marker {
    MARK_NUMBER = 0,
    MARK_BOOLEAN = 1,
    MARK_STRING = 2,
    MARK_OBJECT = 3,
    MARK_NULL = 5,
    MARK_UNDEFINED = 6,
    MARK_ECMA_ARRAY = 8,
    MARK_END = 9,
    MARK_ARRAY = 10,
    MARK_DATE = 11,
    MARK_LONG_STRING = 12
};

enum { END_BYTES = 3 }; /* an empty name and MARK_END */

_Static_assert(sizeof(double) == 8, "AMF0 numbers are IEEE 754 doubles");

struct amf0 amf0_of(struct str bytes)
{
    return (struct amf0){octets_of(bytes), 0};
}

bool amf0_is_bad(const struct amf0 *a)
{
    return a->in.bad;
}

static bool fail(struct amf0 *a)
{
    a->in.bad = true;
    a->in.n = 0;
    return false;
}

static double take_double(struct amf0 *a)
{
    uint64_t bits = (uint64_t)octets_take(&a->in, 4) << 32;
    double v;
    bits |= octets_take(&a->in, 4);
    memcpy(&v, &bits, sizeof v);
    return v;
}

static struct str take_text(struct amf0 *a, int length_bytes)
{
    return octets_slice(&a->in, octets_take(&a->in, length_bytes));
}

/* A container that is being read: an object until its end, an array for `left` more elements. */
struct open {
    bool named;
    uint32_t left;
};

static bool take_array(struct amf0 *a, struct open *open)
{
    *open = (struct open){false, octets_take(&a->in, 4)};
    return (!a->in.bad && open->left <= a->in.n) || fail(a); /* a value has a byte at least */
}

/* One value; of a container only what stands before its members, and *open says how they are read. */
static bool take_flat(struct amf0 *a, struct amf0_value *v, struct open *open)
{
    if (++a->values > AMF0_VALUES_MAX)
        return fail(a);
    uint32_t marker = octets_take(&a->in, 1);
    *v = (struct amf0_value){0};
    switch (marker) {
    case MARK_NUMBER:
        v->type = AMF0_NUMBER;
        v->number = take_double(a);
        break;
    case MARK_BOOLEAN:
        v->type = AMF0_BOOLEAN;
        v->truth = octets_take(&a->in, 1) != 0;
        break;
    case MARK_STRING:
    case MARK_LONG_STRING:
        v->type = AMF0_STRING;
        v->text = take_text(a, marker == MARK_STRING ? 2 : 4);
        break;
    case MARK_ECMA_ARRAY: /* its count is only a hint: what is there until the end counts */
    case MARK_OBJECT:
        v->type = AMF0_OBJECT;
        if (marker == MARK_ECMA_ARRAY)
            octets_take(&a->in, 4);
        *open = (struct open){true, 0};
        break;
    case MARK_ARRAY:
        v->type = AMF0_ARRAY;
        return take_array(a, open);
    case MARK_NULL:
        v->type = AMF0_NULL;
        break;
    case MARK_UNDEFINED:
        v->type = AMF0_UNDEFINED;
        break;
    case MARK_DATE:
        v->type = AMF0_DATE;
        v->number = take_double(a);
        octets_take(&a->in, 2);
        break;
    default:
        return fail(a);
    }
    return !a->in.bad || fail(a);
}

static bool at_end(const struct amf0 *a)
{
    return a->in.n >= END_BYTES && memcmp(a->in.p, "\0\0\x09", END_BYTES) == 0;
}

static bool is_container(const struct amf0_value *v)
{
    return v->type == AMF0_OBJECT || v->type == AMF0_ARRAY;
}

/* Reads to the end of a container without recursion. */
static bool pass_inside(struct amf0 *a, struct open first)
{
    struct open opens[AMF0_DEPTH_MAX] = {first};
    struct amf0_value v;
    for (int depth = 1; depth > 0;) {
        struct open *top = &opens[depth - 1], next = {false, 0};
        if (top->named ? at_end(a) : top->left == 0) {
            if (top->named)
                octets_slice(&a->in, END_BYTES);
            depth--;
            continue;
        }
        if (top->named)
            take_text(a, 2);
        else
            top->left--;
        if (!take_flat(a, &v, &next))
            return false;
        if (is_container(&v) && depth == AMF0_DEPTH_MAX)
            return fail(a);
        if (is_container(&v))
            opens[depth++] = next;
    }
    return true;
}

bool amf0_next(struct amf0 *a, struct amf0_value *out)
{
    struct amf0_value v;
    struct open open = {false, 0};
    if (a->in.bad || a->in.n == 0 || !take_flat(a, &v, &open))
        return false;
    if (is_container(&v)) {
        const unsigned char *from = a->in.p;
        if (!pass_inside(a, open))
            return false;
        v.inside = (struct str){(const char *)from, (size_t)(a->in.p - from) - (open.named ? END_BYTES : 0)};
    }
    *out = v;
    return true;
}

bool amf0_next_member(struct amf0 *a, struct str *name, struct amf0_value *out)
{
    if (a->in.bad || a->in.n == 0)
        return false;
    struct str s = take_text(a, 2);
    if (!amf0_next(a, out))
        return fail(a); /* a name without a value */
    *name = s;
    return true;
}

bool amf0_find(const struct amf0_value *object, const char *name, struct amf0_value *out)
{
    if (object->type != AMF0_OBJECT)
        return false;
    struct amf0 a = amf0_of(object->inside);
    struct amf0_value v;
    struct str s;
    while (amf0_next_member(&a, &s, &v))
        if (str_eq(s, name)) {
            *out = v;
            return true;
        }
    return false;
}

struct str amf0_find_text(const struct amf0_value *object, const char *name)
{
    struct amf0_value v;
    return amf0_find(object, name, &v) && v.type == AMF0_STRING ? v.text : STR("");
}

/* --- writing --- */

void amf0_put_number(struct buf *b, double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    octets_put(b, MARK_NUMBER, 1);
    octets_put(b, (uint32_t)(bits >> 32), 4);
    octets_put(b, (uint32_t)bits, 4);
}

void amf0_put_text(struct buf *b, struct str s)
{
    bool is_long = s.n > AMF0_NAME_MAX;
    octets_put(b, is_long ? MARK_LONG_STRING : MARK_STRING, 1);
    octets_put(b, (uint32_t)s.n, is_long ? 4 : 2);
    buf_add(b, s.p, s.n);
}

void amf0_put_null(struct buf *b)
{
    octets_put(b, MARK_NULL, 1);
}

void amf0_put_undefined(struct buf *b)
{
    octets_put(b, MARK_UNDEFINED, 1);
}

void amf0_put_object(struct buf *b)
{
    octets_put(b, MARK_OBJECT, 1);
}

void amf0_put_name(struct buf *b, const char *name)
{
    octets_put(b, (uint32_t)strlen(name), 2);
    buf_str(b, name);
}

void amf0_put_end(struct buf *b)
{
    octets_put(b, MARK_END, END_BYTES);
}

void amf0_put_member_text(struct buf *b, const char *name, struct str value)
{
    amf0_put_name(b, name);
    amf0_put_text(b, value);
}

void amf0_put_member_number(struct buf *b, const char *name, double value)
{
    amf0_put_name(b, name);
    amf0_put_number(b, value);
}
