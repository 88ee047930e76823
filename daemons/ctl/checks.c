/* What `check` and `status` look at: database, schema, Redis, folders, tools. */
#include "daemons/ctl/ctl.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lib/db/db.h"
#include "lib/net/redis.h"

bool ctl_check_database(struct ctl *ctl, struct buf *text)
{
    const struct conf *c = ctl->conf;
    bool local = c->database_socket[0] != '\0';
    if (db_ping(ctl->cx) == RC_OK) {
        buf_printf(text, "%s, schema %s", local ? c->database_socket : c->database_host, c->database_name);
        return true;
    }
    buf_printf(text, "%s. Is MariaDB running, and are %s, database_user and database_name right?",
               ctl->cx->err.detail,
               local ? "database_socket" : "database_host, database_tls, database_ca_file");
    return false;
}

bool ctl_check_schema(struct ctl *ctl, struct buf *text)
{
    struct db_migrations list;
    const char *dir = arena_printf(ctl->cx->arena, "%s/schema", ctl->conf->sql_dir);
    if (db_migrations(ctl->cx, dir, &list) != RC_OK) {
        buf_printf(text, "%s", ctl->cx->err.detail);
        return false;
    }
    if (list.pending) {
        buf_printf(text, "%zu of %zu files are not applied: run lecternctl migrate", list.pending, list.n);
        return false;
    }
    if (db_prepare_all(ctl->cx) != RC_OK) {
        buf_printf(text, "%s. Is this program of the same version as the schema?", ctl->cx->err.detail);
        return false;
    }
    buf_printf(text, "%zu files applied, %d statements prepared", list.n, (int)SQL_COUNT);
    return true;
}

bool ctl_check_redis(struct ctl *ctl, struct buf *text)
{
    const struct conf *c = ctl->conf;
    struct redis *r = redis_new_conf(c);
    bool there = redis_ping(r) == RC_OK;
    redis_free(r);
    if (c->redis_socket[0])
        buf_printf(text, "%s", c->redis_socket);
    else
        buf_printf(text, "%s:%d", c->redis_host, c->redis_port);
    if (!there)
        buf_str(text,
                " does not answer: rate limits count per process until it does. Is Redis running, and is "
                "redis_socket right?");
    return there;
}

static bool check_folder(const char *key, const char *path, int mode, struct buf *text)
{
    if (access(path, mode) == 0)
        return true;
    buf_printf(text, "%s%s = %s: %s", text->n ? "; " : "", key, path, strerror(errno));
    return false;
}

bool ctl_check_folders(struct ctl *ctl, struct buf *text)
{
    const struct conf *c = ctl->conf;
    int write = R_OK | W_OK | X_OK, read = R_OK | X_OK;
    bool good = check_folder("state_dir", c->state_dir, write, text);
    good = check_folder("run_dir", c->run_dir, write, text) && good;
    good = check_folder("key_dir", c->key_dir, read, text) && good;
    good = check_folder("store_root", c->store_root, read, text) && good;
    good = check_folder("template_dir", c->template_dir, read, text) && good;
    good = check_folder("static_dir", c->static_dir, read, text) && good;
    good = check_folder("sql_dir", c->sql_dir, read, text) && good;
    buf_str(text, good ? "readable, and writable where need be"
                       : ". Make them, or give them to the user this runs as (chown)");
    return good;
}

bool ctl_check_tools(struct ctl *ctl, struct buf *text)
{
    const struct conf *c = ctl->conf;
    const char *sandbox = arena_printf(ctl->cx->arena, "%s/lectern-sandbox", c->program_dir);
    bool good = check_folder("ffmpeg", c->ffmpeg, X_OK, text);
    good = check_folder("ffprobe", c->ffprobe, X_OK, text) && good;
    good = check_folder("program_dir", sandbox, X_OK, text) && good;
    buf_str(text,
            good ? "ffmpeg, ffprobe, lectern-sandbox" : ". Install the package ffmpeg, or set the keys");
    return good;
}

enum rc ctl_figure_content(struct ctl *ctl, struct buf *json)
{
    struct rows *rows = NULL;
    static const char *const names[] = {"organisations", "people",   "terms",
                                        "courses",       "lectures", "sessions"};
    enum rc rc = db_one(ctl->cx, SQL_status_content, &rows, "t", clock_now());
    if (rc != RC_OK)
        return rc;
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        buf_printf(json, "%s\"%s\":%lld", i ? "," : "{", names[i], (long long)row_i64(rows, 0, i));
    buf_str(json, "}");
    return RC_OK;
}
