#include "lib/web/plural.h"

#include <ctype.h>

enum { DEPTH_MAX = 20 };

/* A number, or the name of a form. */
struct value {
    int64_t num;
    struct str name; /* p is NULL for a number */
};

struct parse {
    const char *p;
    int64_t n;
    int depth; /* of parentheses and of conditions in one another */
    bool bad;
};

struct op {
    const char *text;
    int level;
};

/* Longer ones first; a higher level binds closer. */
static const struct op ops[] = {{"||", 1}, {"&&", 2}, {"==", 3}, {"!=", 3}, {"<=", 4},
                                {">=", 4}, {"<", 4},  {">", 4},  {"%", 5}};

static struct value condition(struct parse *s);

static void skip_spaces(struct parse *s)
{
    while (*s->p == ' ')
        s->p++;
}

static bool take(struct parse *s, char c)
{
    skip_spaces(s);
    if (*s->p != c)
        return false;
    s->p++;
    return true;
}

static void expect(struct parse *s, char c)
{
    if (!take(s, c))
        s->bad = true;
}

static struct value number(struct parse *s)
{
    struct value v = {0};
    for (; isdigit((unsigned char)*s->p); s->p++)
        v.num = v.num < 1000000 ? v.num * 10 + (*s->p - '0') : v.num;
    return v;
}

/* n, a number, the name of a form, or what stands in parentheses. */
static struct value primary(struct parse *s)
{
    struct value v = {0};
    if (take(s, '(')) {
        v = condition(s);
        expect(s, ')');
        return v;
    }
    if (isdigit((unsigned char)*s->p))
        return number(s);
    const char *start = s->p;
    while (islower((unsigned char)*s->p))
        s->p++;
    v.name = (struct str){start, (size_t)(s->p - start)};
    if (v.name.n == 0)
        s->bad = true;
    if (str_eq(v.name, "n"))
        v = (struct value){.num = s->n};
    return v;
}

static const struct op *next_op(struct parse *s, int level)
{
    skip_spaces(s);
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (str_starts(str_of(s->p), ops[i].text)) {
            if (ops[i].level < level)
                return NULL;
            s->p += strlen(ops[i].text);
            return &ops[i];
        }
    return NULL;
}

static int64_t apply(struct parse *s, const char *text, int64_t a, int64_t b)
{
    switch (text[0]) {
    case '|':
        return a || b;
    case '&':
        return a && b;
    case '=':
        return a == b;
    case '!':
        return a != b;
    case '<':
        return text[1] == '=' ? a <= b : a < b;
    case '>':
        return text[1] == '=' ? a >= b : a > b;
    default: /* % */
        s->bad |= b == 0;
        return b == 0 ? 0 : a % b;
    }
}

static struct value binary(struct parse *s, int level)
{
    struct value left = primary(s);
    const struct op *o;
    while (!s->bad && (o = next_op(s, level))) {
        struct value right = binary(s, o->level + 1);
        s->bad |= left.name.p || right.name.p;
        left = (struct value){.num = apply(s, o->text, left.num, right.num)};
    }
    return left;
}

static struct value condition(struct parse *s)
{
    if (++s->depth > DEPTH_MAX)
        s->bad = true;
    struct value v = {0};
    if (!s->bad)
        v = binary(s, 1);
    if (!s->bad && take(s, '?')) {
        struct value yes = condition(s);
        expect(s, ':');
        struct value no = condition(s);
        s->bad |= v.name.p != NULL;
        v = v.num ? yes : no;
    }
    s->depth--;
    return v;
}

bool plural_form(const char *rule, int64_t n, struct str *form)
{
    struct parse s = {.p = rule, .n = n};
    if (n < 0 || strlen(rule) > PLURAL_RULE_MAX)
        return false;
    struct value v = condition(&s);
    skip_spaces(&s);
    if (s.bad || *s.p || !v.name.p)
        return false;
    *form = v.name;
    return true;
}
