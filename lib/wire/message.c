#include "lib/wire/message.h"

#include <string.h>

#include "lib/base/words.h"
#include "lib/net/json.h"
#include "lib/wire/inner.h"
#include "lib/wire/limits.h"

enum { LOG_GROWTH = 3 /* a node of the version before sends each byte that is not UTF-8 as three */ };

/* What every kind of member can do. `field` is the member within its struct, `o` the object it is in. */
struct kind {
    void (*clear)(const struct wire_member *m, void *field);                        /* NULL: all bits 0 */
    json_t *(*write)(struct cx *cx, const struct wire_member *m, const void *base); /* NULL: it is left out */
    enum rc (*read)(struct cx *cx, const struct wire_member *m, const json_t *o, void *base,
                    const char **odd);
};
static const struct kind kinds[WIRE_TYPE_COUNT];

static const void *in(const struct wire_member *m, const void *base)
{
    return (const char *)base + m->at;
}

static void *at(const struct wire_member *m, void *base)
{
    return (char *)base + m->at;
}

static enum rc wrong(struct cx *cx, const struct wire_member *m)
{
    return err_set(cx, RC_INVALID, m->name, NULL, "member %s is not what it must be", m->name);
}

/* --- texts --- */

static void clear_text(const struct wire_member *m, void *field)
{
    (void)m;
    *(const char **)field = "";
}

/* Whole characters of the beginning, or of the end: at most max bytes. */
static struct str cut(struct str s, size_t max, bool end)
{
    if (!end)
        return str_utf8_cut(s, max);
    if (s.n > max)
        s = (struct str){s.p + s.n - max, max};
    while (s.n > 0 && ((unsigned char)*s.p & 0xC0) == 0x80)
        s = (struct str){s.p + 1, s.n - 1};
    return s;
}

/* What is not UTF-8 keeps its length and its letters of ASCII: programs print anything into a log. */
static json_t *text_json(struct cx *cx, struct str s)
{
    char *copy;
    if (str_is_utf8(s))
        return json_stringn(s.p, s.n);
    copy = str_dup(cx->arena, s);
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)copy[i] >= 0x80)
            copy[i] = '?';
    return json_stringn(copy, s.n);
}

static json_t *write_text(struct cx *cx, const struct wire_member *m, const void *base)
{
    struct str s = str_of(*(const char *const *)in(m, base));
    if (s.n == 0 && !(m->flags & WIRE_MUST))
        return NULL;
    return text_json(cx, cut(s, (size_t)m->max, m->type == WIRE_LOG));
}

static enum rc read_text(struct cx *cx, const struct wire_member *m, const json_t *o, void *base,
                         const char **odd)
{
    (void)odd;
    return js_str(cx, o, m->name, (size_t)(m->type == WIRE_LOG ? LOG_GROWTH * m->max : m->max), at(m, base));
}

static enum rc read_key(struct cx *cx, const struct wire_member *m, const json_t *o, void *base,
                        const char **odd)
{
    enum rc rc = read_text(cx, m, o, base, odd);
    const char *key = *(const char *const *)in(m, base);
    return rc == RC_OK && !str_is_key(str_of(key), WIRE_KEY_LENGTH) ? wrong(cx, m) : rc;
}

static enum rc read_sha256(struct cx *cx, const struct wire_member *m, const json_t *o, void *base,
                           const char **odd)
{
    unsigned char raw[WIRE_SHA256_LENGTH / 2];
    enum rc rc = read_text(cx, m, o, base, odd);
    const char *hex = *(const char *const *)in(m, base);
    return rc == RC_OK && !str_hex_decode(str_of(hex), raw, sizeof raw) ? wrong(cx, m) : rc;
}

/* --- words, numbers --- */

static void clear_word(const struct wire_member *m, void *field)
{
    *(unsigned *)field = (unsigned)m->max;
}

static json_t *write_word(struct cx *cx, const struct wire_member *m, const void *base)
{
    unsigned value = *(const unsigned *)in(m, base);
    (void)cx;
    return value < (unsigned)m->max ? json_string(m->words[value]) : NULL;
}

static enum rc read_word(struct cx *cx, const struct wire_member *m, const json_t *o, void *base,
                         const char **odd)
{
    const char *word;
    (void)odd;
    enum rc rc = js_str(cx, o, m->name, WIRE_WORD_MAX, &word);
    if (rc != RC_OK)
        return rc;
    size_t value = words_find(m->words, (size_t)m->max, str_of(word));
    if (value == (size_t)m->max && m->unknown < 0)
        return wrong(cx, m);
    *(unsigned *)at(m, base) = value == (size_t)m->max ? (unsigned)m->unknown : (unsigned)value;
    return RC_OK;
}

static json_t *write_bool(struct cx *cx, const struct wire_member *m, const void *base)
{
    (void)cx;
    return *(const bool *)in(m, base) ? json_true() : NULL;
}

static enum rc read_bool(struct cx *cx, const struct wire_member *m, const json_t *o, void *base,
                         const char **odd)
{
    (void)odd;
    return js_bool(cx, o, m->name, at(m, base));
}

static int64_t within(const struct wire_member *m, int64_t n)
{
    return n < m->min ? m->min : n > m->max ? m->max : n;
}

static json_t *number_json(const struct wire_member *m, int64_t n)
{
    return n == m->missing && !(m->flags & WIRE_MUST) ? NULL : json_integer(within(m, n));
}

static void clear_int(const struct wire_member *m, void *field)
{
    *(int *)field = (int)m->missing;
}

static json_t *write_int(struct cx *cx, const struct wire_member *m, const void *base)
{
    (void)cx;
    return number_json(m, *(const int *)in(m, base));
}

static enum rc read_int(struct cx *cx, const struct wire_member *m, const json_t *o, void *base,
                        const char **odd)
{
    int64_t n;
    (void)odd;
    enum rc rc = js_i64(cx, o, m->name, m->min, m->max, &n);
    if (rc == RC_OK)
        *(int *)at(m, base) = (int)n;
    return rc;
}

static void clear_int64(const struct wire_member *m, void *field)
{
    *(int64_t *)field = m->missing;
}

static json_t *write_int64(struct cx *cx, const struct wire_member *m, const void *base)
{
    (void)cx;
    return number_json(m, *(const int64_t *)in(m, base));
}

static enum rc read_int64(struct cx *cx, const struct wire_member *m, const json_t *o, void *base,
                          const char **odd)
{
    (void)odd;
    return js_i64(cx, o, m->name, m->min, m->max, at(m, base));
}

static void clear_real(const struct wire_member *m, void *field)
{
    *(double *)field = (double)m->missing;
}

static json_t *write_real(struct cx *cx, const struct wire_member *m, const void *base)
{
    double v = *(const double *)in(m, base);
    (void)cx;
    if (!(m->flags & WIRE_MUST) && !(v < (double)m->missing || v > (double)m->missing))
        return NULL;
    return json_real(v < m->least ? m->least : v > m->most ? m->most : v);
}

static enum rc read_real(struct cx *cx, const struct wire_member *m, const json_t *o, void *base,
                         const char **odd)
{
    (void)odd;
    return js_f64(cx, o, m->name, m->least, m->most, at(m, base));
}

/* --- sets --- */

static json_t *write_roles(struct cx *cx, const struct wire_member *m, const void *base)
{
    unsigned roles = *(const unsigned *)in(m, base);
    json_t *list = json_array();
    (void)cx;
    for (unsigned i = 0; i < NODE_ROLES; i++)
        if (roles & 1U << i)
            json_array_append_new(list, json_string(inner_roles[i]));
    return list;
}

/* At least one, and all of them known: what a machine asks to be must not be guessed. */
static enum rc read_roles(struct cx *cx, const struct wire_member *m, const json_t *o, void *base,
                          const char **odd)
{
    const json_t *list, *item;
    unsigned roles = 0;
    size_t i;
    (void)odd;
    enum rc rc = js_arr(cx, o, m->name, &list);
    if (rc != RC_OK)
        return rc;
    json_array_foreach(list, i, item)
    {
        size_t role = words_find(inner_roles, NODE_ROLES, str_of(json_string_value(item)));
        if (role == NODE_ROLES)
            return wrong(cx, m);
        roles |= 1U << role;
    }
    *(unsigned *)at(m, base) = roles;
    return roles ? RC_OK : wrong(cx, m);
}

static json_t *write_slots(struct cx *cx, const struct wire_member *m, const void *base)
{
    const int *slots = in(m, base);
    json_t *o = json_object();
    (void)cx;
    for (int lane = 0; lane < LANE_COUNT; lane++)
        if (slots[lane] > 0)
            json_object_set_new(o, wire_lane_name((enum job_lane)lane), json_integer(within(m, slots[lane])));
    return o;
}

static enum rc read_slots(struct cx *cx, const struct wire_member *m, const json_t *o, void *base,
                          const char **odd)
{
    const json_t *object;
    int *slots = at(m, base);
    (void)odd;
    enum rc rc = js_obj(cx, o, m->name, &object);
    for (int lane = 0; rc == RC_OK && lane < LANE_COUNT; lane++) {
        int64_t n = 0;
        rc = js_opt_i64(cx, object, wire_lane_name((enum job_lane)lane), m->min, m->max, &n);
        slots[lane] = (int)n;
    }
    return rc;
}

/* --- objects --- */

static void clear(const struct wire_message *m, void *to)
{
    memset(to, 0, m->size);
    for (size_t i = 0; i < m->count; i++)
        if (kinds[m->members[i].type].clear)
            kinds[m->members[i].type].clear(&m->members[i], at(&m->members[i], to));
}

static json_t *write_all(struct cx *cx, const struct wire_message *m, const void *from)
{
    json_t *o = json_object();
    for (size_t i = 0; i < m->count; i++) {
        json_t *v = kinds[m->members[i].type].write(cx, &m->members[i], from);
        if (v)
            json_object_set_new(o, m->members[i].name, v);
    }
    return o;
}

static void clear_object(const struct wire_member *m, void *field)
{
    clear(m->of, field);
}

static json_t *write_object(struct cx *cx, const struct wire_member *m, const void *base)
{
    json_t *o = write_all(cx, m->of, in(m, base));
    if (json_object_size(o) > 0 || (m->flags & WIRE_MUST))
        return o;
    json_decref(o);
    return NULL;
}

static enum rc read_object(struct cx *cx, const struct wire_member *m, const json_t *o, void *base,
                           const char **odd)
{
    const json_t *object;
    enum rc rc = js_obj(cx, o, m->name, &object);
    return rc == RC_OK ? wire_read(cx, m->of, object, at(m, base), odd) : rc;
}

/* --- lists --- */

typedef json_t *write_item(struct cx *cx, const struct wire_member *m, const void *item);
typedef enum rc read_item(struct cx *cx, const struct wire_member *m, const json_t *v, void *item,
                          const char **odd);

/* An empty list is left out like anything else that is missing. */
static json_t *write_items(struct cx *cx, const struct wire_member *m, const void *base, size_t size,
                           write_item *write)
{
    const char *items;
    size_t n;
    memcpy(&items, in(m, base), sizeof items);
    memcpy(&n, (const char *)base + m->count_at, sizeof n);
    if (n == 0)
        return NULL;
    json_t *list = json_array();
    for (size_t i = 0; i < n && i < (size_t)m->max; i++)
        json_array_append_new(list, write(cx, m, items + i * size));
    return list;
}

/* An entry that is wrong: the end of it all, unless the list is lenient. */
static enum rc excuse(struct cx *cx, const struct wire_member *m, enum rc rc, const char **odd)
{
    if (rc == RC_OK || !(m->flags & WIRE_LENIENT))
        return rc;
    if (!*odd)
        *odd = arena_printf(cx->arena, "%s: %s", m->name, cx->err.detail);
    err_clear(cx);
    return RC_OK;
}

static enum rc read_items(struct cx *cx, const struct wire_member *m, const json_t *o, void *base,
                          const char **odd, size_t size, read_item *read)
{
    const json_t *list;
    enum rc rc = js_arr(cx, o, m->name, &list);
    if (rc != RC_OK)
        return rc;
    size_t n = json_array_size(list), count = 0;
    if (n > (size_t)m->max && !(m->flags & (WIRE_CUT | WIRE_LENIENT)))
        return err_set(cx, RC_TOOBIG, m->name, NULL, "%zu entries of %s", n, m->name);
    if (n > (size_t)m->max)
        n = (size_t)m->max;
    char *items = arena_array(cx->arena, n + 1, size);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        rc = read(cx, m, json_array_get(list, i), items + count * size, odd);
        count += rc == RC_OK;
        rc = excuse(cx, m, rc, odd);
    }
    memcpy(at(m, base), &items, sizeof items);
    memcpy((char *)base + m->count_at, &count, sizeof count);
    return rc;
}

static json_t *struct_json(struct cx *cx, const struct wire_member *m, const void *item)
{
    return write_all(cx, m->of, item);
}

static enum rc take_struct(struct cx *cx, const struct wire_member *m, const json_t *v, void *item,
                           const char **odd)
{
    return wire_read(cx, m->of, v, item, odd);
}

static json_t *write_list(struct cx *cx, const struct wire_member *m, const void *base)
{
    return write_items(cx, m, base, m->of->size, struct_json);
}

static enum rc read_list(struct cx *cx, const struct wire_member *m, const json_t *o, void *base,
                         const char **odd)
{
    return read_items(cx, m, o, base, odd, m->of->size, take_struct);
}

static json_t *item_json(struct cx *cx, const struct wire_member *m, const void *item)
{
    return text_json(cx, cut(str_of(*(const char *const *)item), (size_t)m->most, false));
}

static enum rc take_text(struct cx *cx, const struct wire_member *m, const json_t *v, void *item,
                         const char **odd)
{
    struct str s = {json_string_value(v), json_string_length(v)};
    (void)odd;
    if (!s.p || s.n > (size_t)m->most || (m->type == WIRE_KEYS && !str_is_key(s, WIRE_KEY_LENGTH)))
        return wrong(cx, m);
    *(const char **)item = s.p;
    return RC_OK;
}

static json_t *write_texts(struct cx *cx, const struct wire_member *m, const void *base)
{
    return write_items(cx, m, base, sizeof(const char *), item_json);
}

static enum rc read_texts(struct cx *cx, const struct wire_member *m, const json_t *o, void *base,
                          const char **odd)
{
    return read_items(cx, m, o, base, odd, sizeof(const char *), take_text);
}

static json_t *integer_json(struct cx *cx, const struct wire_member *m, const void *item)
{
    (void)cx;
    (void)m;
    return json_integer(*(const int64_t *)item);
}

static enum rc take_number(struct cx *cx, const struct wire_member *m, const json_t *v, void *item,
                           const char **odd)
{
    (void)odd;
    if (!json_is_integer(v) || json_integer_value(v) < m->min)
        return wrong(cx, m);
    *(int64_t *)item = json_integer_value(v);
    return RC_OK;
}

static json_t *write_numbers(struct cx *cx, const struct wire_member *m, const void *base)
{
    return write_items(cx, m, base, sizeof(int64_t), integer_json);
}

static enum rc read_numbers(struct cx *cx, const struct wire_member *m, const json_t *o, void *base,
                            const char **odd)
{
    return read_items(cx, m, o, base, odd, sizeof(int64_t), take_number);
}

/* --- what is passed on --- */

static json_t *write_any(struct cx *cx, const struct wire_member *m, const void *base)
{
    const json_t *v = *(const json_t *const *)in(m, base);
    (void)cx;
    return v ? json_incref((json_t *)(uintptr_t)v) : NULL;
}

static enum rc read_any(struct cx *cx, const struct wire_member *m, const json_t *o, void *base,
                        const char **odd)
{
    (void)odd;
    return m->type == WIRE_ANY ? js_obj(cx, o, m->name, at(m, base)) : js_arr(cx, o, m->name, at(m, base));
}

/* --- both halves --- */

static const struct kind kinds[WIRE_TYPE_COUNT] = {
    [WIRE_TEXT] = {clear_text, write_text, read_text},
    [WIRE_LOG] = {clear_text, write_text, read_text},
    [WIRE_KEY] = {clear_text, write_text, read_key},
    [WIRE_SHA256] = {clear_text, write_text, read_sha256},
    [WIRE_WORD] = {clear_word, write_word, read_word},
    [WIRE_BOOL] = {NULL, write_bool, read_bool},
    [WIRE_INT] = {clear_int, write_int, read_int},
    [WIRE_INT64] = {clear_int64, write_int64, read_int64},
    [WIRE_REAL] = {clear_real, write_real, read_real},
    [WIRE_ROLES] = {NULL, write_roles, read_roles},
    [WIRE_SLOTS] = {NULL, write_slots, read_slots},
    [WIRE_OBJECT] = {clear_object, write_object, read_object},
    [WIRE_LIST] = {NULL, write_list, read_list},
    [WIRE_KEYS] = {NULL, write_texts, read_texts},
    [WIRE_TEXTS] = {NULL, write_texts, read_texts},
    [WIRE_NUMBERS] = {NULL, write_numbers, read_numbers},
    [WIRE_ANY] = {NULL, write_any, read_any},
    [WIRE_ARRAY] = {NULL, write_any, read_any},
};

json_t *wire_write(struct cx *cx, const struct wire_message *m, const void *from)
{
    return js_keep(cx, write_all(cx, m, from));
}

enum rc wire_read(struct cx *cx, const struct wire_message *m, const json_t *o, void *to, const char **odd)
{
    if (!json_is_object(o))
        return err_set(cx, RC_INVALID, m->name, NULL, "%s is not an object", m->name);
    clear(m, to);
    for (size_t i = 0; i < m->count; i++) {
        const struct wire_member *member = &m->members[i];
        const json_t *v = json_object_get(o, member->name);
        if ((!v || json_is_null(v)) && !(member->flags & WIRE_MUST))
            continue;
        enum rc rc = kinds[member->type].read(cx, member, o, to, odd);
        if (rc != RC_OK)
            return rc;
    }
    return RC_OK;
}
