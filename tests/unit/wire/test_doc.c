/* doc/protocol.md says what the program does: every word and every member of a message, with type and limits,
 * stands there as the tables have it. */
#include "tests/unit/testing.h"

#include <string.h>

#include "lib/os/file.h"
#include "lib/wire/inner.h"
#include "lib/wire/limits.h"
#include "lib/wire/message.h"
#include "lib/wire/words.h"

static struct cx cx;
static const char *doc;

static int setup(void **state)
{
    struct str text;
    (void)state;
    cx_init(&cx);
    if (file_read(&cx, TEST_SRCDIR "/doc/protocol.md", 1 << 20, &text) != RC_OK)
        return -1;
    doc = text.p;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cx_fini(&cx);
    return 0;
}

static const char *number(int64_t n)
{
    if (n == INT64_MAX)
        return "2^63 − 1";
    return n == WIRE_FILE_MAX ? "2^50" : arena_printf(cx.arena, "%lld", (long long)n);
}

/* The second cell of a member's row. */
static const char *type_of(const struct wire_member *m)
{
    struct arena *a = cx.arena;
    switch (m->type) {
    case WIRE_TEXT:
        return arena_printf(a, "text, at most %s bytes", number(m->max));
    case WIRE_LOG:
        return arena_printf(a, "text, the last %s bytes", number(m->max));
    case WIRE_KEY:
        return "key";
    case WIRE_SHA256:
        return "SHA-256";
    case WIRE_WORD:
        return "word";
    case WIRE_BOOL:
        return "true or false";
    case WIRE_INT:
    case WIRE_INT64:
        return arena_printf(a, "whole number, %s to %s", number(m->min), number(m->max));
    case WIRE_REAL:
        return m->most > 1e300 ? arena_printf(a, "number, at least %g", m->least)
                               : arena_printf(a, "number, %g to %g", m->least, m->most);
    case WIRE_ROLES:
        return "array of roles";
    case WIRE_SLOTS:
        return arena_printf(a, "object, per lane 0 to %s", number(m->max));
    case WIRE_OBJECT:
        return arena_printf(a, "%s", m->of->name);
    case WIRE_LIST:
        return arena_printf(a, "array of %s, at most %s", m->of->name, number(m->max));
    case WIRE_KEYS:
        return arena_printf(a, "array of keys, at most %s", number(m->max));
    case WIRE_NUMBERS:
        return arena_printf(a, "array of whole numbers, at most %s", number(m->max));
    case WIRE_ANY:
        return "object";
    case WIRE_ARRAY:
        return "array";
    case WIRE_TEXTS:
    case WIRE_TYPE_COUNT:
        break;
    }
    return "?";
}

static void every_member_is_described(void **state)
{
    int missing = 0;
    (void)state;
    for (size_t i = 0; wire_messages[i]; i++) {
        const struct wire_message *m = wire_messages[i];
        const char *at = strstr(doc, arena_printf(cx.arena, "\n#### %s\n", m->name));
        const char *end = at ? strstr(at + 2, "\n#") : NULL;
        if (!at)
            print_message("#### %s\n", m->name);
        for (size_t k = 0; k < m->count; k++) {
            const struct wire_member *r = &m->members[k];
            const char *row = arena_printf(cx.arena, "| `%s` | %s | %s |", r->name, type_of(r),
                                           r->flags & WIRE_MUST ? "yes" : "no");
            const char *there = at ? strstr(at, row) : NULL;
            if (!there || (end && there > end)) {
                print_message("%s\n", row);
                missing++;
            }
        }
    }
    assert_int_equal(missing, 0);
}

static void has(const char *cell)
{
    if (!strstr(doc, arena_printf(cx.arena, "| `%s` |", cell)))
        fail_msg("doc/protocol.md has no row of %s", cell);
}

static void every_word_is_described(void **state)
{
    (void)state;
    for (int v = 0; v < VIEW_KIND_COUNT; v++)
        has(wire_view_name((enum view_kind)v));
    for (int v = 0; v < JOB_KIND_COUNT; v++)
        has(wire_kind_name((enum job_kind)v));
    for (unsigned i = 0; i < NODE_ROLES; i++)
        has(wire_role_name(1U << i));
    for (int r = 0; r < LIVE_REFUSAL_COUNT; r++)
        has(inner_live_refusals[r]);
    for (int e = 0; e < LIVE_END_COUNT; e++)
        has(wire_live_end_name((enum live_end)e));
    for (int f = 0; f < FAILURE_COUNT; f++) {
        const struct wire_failure *w = wire_failure((enum failure)f);
        const char *row =
            arena_printf(cx.arena, "| `%s` | %s | %s | %s |", w->name, w->machine ? "machine" : "recording",
                         w->permanent ? "yes" : "no", w->sentence);
        if (!strstr(doc, row))
            fail_msg("doc/protocol.md lacks: %s", row);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_member_is_described),
        cmocka_unit_test(every_word_is_described),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
