/* The installation: migrate, check, status, audit, metrics. */
#include "daemons/ctl/ctl.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/db/db.h"
#include "lib/os/metrics.h"
#include "lib/svc/audit.h"
#include "lib/svc/keys.h"

enum { TEXT_MAX = 64 * 1024, AUDIT_LINES = 50, AUDIT_MAX = 100000 };

static int migrate(struct ctl *ctl)
{
    struct db_migrations list;
    if (!ctl_parse(ctl, NULL, 0, 0))
        return CTL_USAGE;
    const char *dir = arena_printf(ctl->cx->arena, "%s/schema", ctl->conf->sql_dir);
    if (db_migrate(ctl->cx, dir, &list) != RC_OK)
        return ctl_fail_rc(ctl, "cannot bring the schema up to date");
    for (size_t i = 0; i < list.n; i++)
        if (!list.item[i].done)
            printf("applied %s (%s)\n", list.item[i].name,
                   list.item[i].phase == DB_EXPAND ? "expand" : "contract");
    if (list.pending == 0)
        puts("the schema is up to date");
    if (keys_ensure(ctl->cx) != RC_OK)
        return ctl_fail_rc(ctl, "cannot make the signing keys");
    return CTL_OK;
}

static void print_check(const char *name, bool good, const struct buf *text, bool json, bool first)
{
    if (json) {
        printf("%s{\"name\":", first ? "[" : ",");
        ctl_json_text(name);
        printf(",\"good\":%s,\"text\":", good ? "true" : "false");
        ctl_json_text(text->p);
        putchar('}');
    } else {
        printf("%-5s %-14s %s\n", good ? "ok" : "WRONG", name, text->p ? text->p : "");
    }
}

static int check(struct ctl *ctl)
{
    bool json = false;
    int wrong = 0;
    const struct ctl_option options[] = {{"json", NULL, &json}, {NULL, NULL, NULL}};
    if (!ctl_parse(ctl, options, 0, 0))
        return CTL_USAGE;
    if (!json)
        printf("%-5s %-14s %s\n", "ok", "configuration", "every key is known");
    for (const struct ctl_check *c = ctl_checks; c->name; c++) {
        struct buf text;
        buf_init(&text, TEXT_MAX);
        err_clear(ctl->cx);
        bool good = c->fn(ctl, &text);
        wrong += !good;
        print_check(c->name, good, &text, json, c == ctl_checks);
        buf_fini(&text);
    }
    if (json)
        puts("]");
    return wrong ? CTL_FAILED : CTL_OK;
}

/* {"content":{"people":3,…},"jobs":{…}}; for people a line each. */
static int status(struct ctl *ctl)
{
    bool json = false;
    const struct ctl_option options[] = {{"json", NULL, &json}, {NULL, NULL, NULL}};
    if (!ctl_parse(ctl, options, 0, 0))
        return CTL_USAGE;
    for (const struct ctl_figure *f = ctl_figures; f->name; f++) {
        struct buf text;
        buf_init(&text, TEXT_MAX);
        if (f->fn(ctl, &text) != RC_OK) {
            buf_fini(&text);
            return ctl_fail_rc(ctl, "cannot tell the state");
        }
        if (json)
            printf("%s\"%s\":%s", f == ctl_figures ? "{" : ",", f->name, text.p);
        else
            printf("%-10s %s\n", f->name, text.p);
        buf_fini(&text);
    }
    if (json)
        puts("}");
    return CTL_OK;
}

static int audit(struct ctl *ctl)
{
    const char *limit = NULL;
    int64_t n = AUDIT_LINES;
    struct audit_list list;
    const struct ctl_option options[] = {{"limit", &limit, NULL}, {NULL, NULL, NULL}};
    if (!ctl_parse(ctl, options, 0, 0))
        return CTL_USAGE;
    if (limit && !str_to_i64(str_of(limit), 1, AUDIT_MAX, &n))
        return ctl_wrong("--limit is a number from 1 to %d", AUDIT_MAX);
    if (audit_list(ctl->cx, NULL, 0, n, &list) != RC_OK)
        return ctl_fail_rc(ctl, "cannot read the audit");
    for (size_t i = 0; i < list.n; i++) {
        char at[CLOCK_ISO_SIZE];
        const struct audit_entry *e = &list.item[i];
        clock_iso(e->at, at);
        printf("%s  %-16s %-20s %s %lld  %s\n", at, e->actor, e->action, e->kind, (long long)e->object_id,
               e->detail);
    }
    return CTL_OK;
}

static int metrics(struct ctl *ctl)
{
    struct buf text;
    if (!ctl_parse(ctl, NULL, 0, 0))
        return CTL_USAGE;
    buf_init(&text, TEXT_MAX);
    metrics_list(&text);
    fwrite(text.p, 1, text.n, stdout);
    buf_fini(&text);
    return CTL_OK;
}

const struct ctl_command ctl_admin_commands[] = {
    {"migrate", "", "bring the database schema up to date, make signing keys", migrate},
    {"check", "[--json]", "look at everything this installation needs and say what is wrong", check},
    {"status", "[--json]", "figures of this installation", status},
    {"audit", "[--limit N]", "who did what, newest first", audit},
    {"metrics", "", "what the programs count: name, type, meaning", metrics},
    {NULL, NULL, NULL, NULL},
};
