#include "lib/svc/teaching/calendar_feed.h"

#include "lib/base/clock.h"
#include "lib/db/db.h"
#include "lib/svc/audit.h"
#include "lib/svc/people/user.h"
#include "lib/svc/secret.h"

static enum rc unknown(struct cx *cx)
{
    return err_set(cx, RC_NOTFOUND, NULL, "calendar_feed_unknown", "no such address of a calendar");
}

struct making {
    const struct calendar *calendar;
    struct str hash;
};

static enum rc create_tx(struct cx *cx, void *arg)
{
    const struct making *m = arg;
    struct rows *rows = NULL;
    struct db_done done = {0};
    const char *scope = calendar_scope_name(m->calendar->scope);
    enum rc rc = db_one(cx, SQL_calendar_feed_count, &rows, "i", cx->actor->user_id);
    if (rc == RC_OK && row_i64(rows, 0, 0) >= CALENDAR_FEEDS_MAX)
        return err_set(cx, RC_CONFLICT, NULL, "calendar_feeds_many", "%d addresses", CALENDAR_FEEDS_MAX);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_calendar_feed_insert, &done, "Bisit", &m->hash, cx->actor->user_id, scope,
                     m->calendar->id, clock_now());
    if (rc == RC_OK)
        rc = audit_write(cx, "calendar.address", "user", cx->actor->user_id, "%s %lld", scope,
                         (long long)m->calendar->id);
    return rc;
}

enum rc calendar_feed_create(struct cx *cx, const struct calendar *c, const char **token)
{
    struct making m = {.calendar = c};
    if (!cx->actor || !cx->actor->user_id)
        return err_set(cx, RC_DENIED, NULL, "signin", "a visitor has no secret address");
    const char *text = secret_new(cx, &m.hash);
    enum rc rc = db_tx(cx, create_tx, &m);
    if (rc == RC_OK)
        *token = text;
    return rc;
}

enum rc calendar_feed_list(struct cx *cx, struct calendar_feeds *out)
{
    struct rows *rows = NULL;
    enum rc rc =
        db_query(cx, SQL_calendar_feed_list, &rows, "i", cx->actor ? cx->actor->user_id : (int64_t)0);
    if (rc != RC_OK)
        return rc;
    struct calendar_feeds list = {.n = rows_count(rows)};
    list.item = arena_array(cx->arena, list.n + 1, sizeof *list.item);
    for (size_t i = 0; i < list.n; i++) {
        struct calendar_feed *f = &list.item[i];
        *f = (struct calendar_feed){.id = row_i64(rows, i, 0),
                                    .object_id = row_i64(rows, i, 2),
                                    .name = row_text(rows, i, 3),
                                    .created_at = row_time(rows, i, 4),
                                    .read_at = row_time(rows, i, 5)};
        if (!calendar_scope_of(row_bytes(rows, i, 1), &f->scope))
            bug("unknown scope in calendar_feed");
    }
    *out = list;
    return RC_OK;
}

static enum rc revoke_tx(struct cx *cx, void *arg)
{
    const int64_t *id = arg, me = cx->actor ? cx->actor->user_id : 0;
    struct db_done done = {0};
    enum rc rc = db_exec(cx, SQL_calendar_feed_delete, &done, "ii", *id, me);
    if (rc == RC_OK && done.affected == 0)
        return unknown(cx);
    return rc == RC_OK ? audit_write(cx, "calendar.revoke", "user", me, "address %lld", (long long)*id) : rc;
}

enum rc calendar_feed_revoke(struct cx *cx, int64_t id)
{
    return db_tx(cx, revoke_tx, &id);
}

enum rc calendar_feed_open(struct cx *cx, const char *token, struct calendar *out)
{
    struct str h;
    struct rows *rows = NULL;
    struct actor *actor = NULL;
    enum calendar_scope scope;
    int64_t now = clock_now();
    if (!secret_hash(cx, str_of(token), &h))
        return unknown(cx);
    enum rc rc = db_query(cx, SQL_calendar_feed_get, &rows, "tB", now, &h);
    if (rc == RC_OK && rows_count(rows) == 0)
        return unknown(cx);
    if (rc == RC_OK && !calendar_scope_of(row_bytes(rows, 0, 1), &scope))
        bug("unknown scope in calendar_feed");
    if (rc == RC_OK)
        rc = user_make_actor(cx, row_i64(rows, 0, 3), row_text(rows, 0, 4), row_text(rows, 0, 5), &actor);
    if (rc != RC_OK)
        return rc;
    cx->actor = actor;
    rc = calendar_open(cx, scope, row_i64(rows, 0, 2), out);
    if (rc == RC_NOTFOUND || rc == RC_DENIED)
        return unknown(cx);
    if (rc == RC_OK && row_bool(rows, 0, 6))
        rc = db_exec(cx, SQL_calendar_feed_read, NULL, "ti", now, row_i64(rows, 0, 0));
    return rc;
}
