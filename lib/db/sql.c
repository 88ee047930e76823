/* The statements, as the build found them in sql/queries. */
#include "lib/db/db.h"

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
