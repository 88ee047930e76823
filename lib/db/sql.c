/* The statements, as the build found them in sql/queries. */
#include "lib/db/db.h"

#include <string.h>

#include "lib/db/db_impl.h"

static const struct {
    const char *name, *text;
} statements[SQL_COUNT + 1] = {
#define SQL(name, text) {#name, text},
#include "sql/statements.def"
#undef SQL
    {"", ""},
};

const char *db_sql_name(enum sql sql)
{
    return statements[sql].name;
}

const char *db_sql_text(enum sql sql)
{
    return statements[sql].text;
}

const char *db_like(struct cx *cx, const char *words)
{
    char *out = arena_alloc(cx->arena, 2 * strlen(words) + 3), *to = out;
    *to++ = '%';
    for (const char *p = words; *p; p++) {
        if (strchr("!%_", *p))
            *to++ = '!';
        *to++ = *p;
    }
    *to++ = '%';
    *to = '\0';
    return out;
}
