/* What `check` and `status` look at: the configuration's addresses, database, schema, Redis, folders and the
 * room in them, signing keys, tools, nodes. */
#include "daemons/ctl/ctl.h"

#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/db/db.h"
#include "lib/net/http.h"
#include "lib/net/redis.h"
#include "lib/svc/keys.h"
#include "lib/svc/pipeline/doors/dispatch.h"
#include "lib/svc/pipeline/records/node.h"

enum { STORE_WAIT_MS = 5000, TOKEN_S = 60 };

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

static bool check_address(const char *key, const char *url, struct buf *text)
{
    struct str rest = str_of(url);
    if (str_starts(rest, "http://") || str_starts(rest, "https://"))
        return true;
    buf_printf(text, "%s%s = %s: not an address that begins with http:// or https://", text->n ? "; " : "",
               key, url);
    return false;
}

/* The C library takes a time zone that it does not know for UTC, without an error. */
static bool check_zone(const struct ctl *ctl, struct buf *text)
{
    const char *zones = "/usr/share/zoneinfo", *zone = ctl->conf->time_zone;
    if (access(zones, F_OK) != 0 || access(arena_printf(ctl->cx->arena, "%s/%s", zones, zone), F_OK) == 0)
        return true;
    buf_printf(text, "%stime_zone = %s: not the name of a time zone, such as Europe/Berlin",
               text->n ? "; " : "", zone);
    return false;
}

bool ctl_check_addresses(struct ctl *ctl, struct buf *text)
{
    const struct conf *c = ctl->conf;
    bool good = check_address("base_url", c->base_url, text);
    good = check_address("core_url", c->core_url, text) && good;
    good = (!c->store_url[0] || check_address("store_url", c->store_url, text)) && good;
    good = (!c->core_ca_file[0] || check_folder("core_ca_file", c->core_ca_file, R_OK, text)) && good;
    good = (!c->database_ca_file[0] || check_folder("database_ca_file", c->database_ca_file, R_OK, text)) &&
           good;
    good = check_zone(ctl, text) && good;
    buf_str(text, good ? c->base_url : ". Put it right in the configuration");
    return good;
}

static bool check_room(const char *key, const char *path, int64_t least, struct buf *text)
{
    struct statvfs fs;
    if (statvfs(path, &fs) != 0)
        return true; /* the folders have checks of their own */
    int64_t room = (int64_t)(fs.f_bavail * fs.f_frsize);
    if (room < least)
        buf_printf(text, "%s%s = %s has %lld MB free, store_min_free is %lld MB", text->n ? "; " : "", key,
                   path, (long long)(room / 1000000), (long long)(least / 1000000));
    return room >= least;
}

bool ctl_check_room(struct ctl *ctl, struct buf *text)
{
    const struct conf *c = ctl->conf;
    bool good = check_room("store_root", c->store_root, c->store_min_free, text);
    good = check_room("scratch_dir", c->scratch_dir, c->store_min_free, text) && good;
    buf_str(text, good ? "more than store_min_free is free"
                       : ": uploads are refused and jobs fail. Make room, or use a larger disk");
    return good;
}

bool ctl_check_keys(struct ctl *ctl, struct buf *text)
{
    static const char *const all[] = {JWT_AUD_JOIN, JWT_AUD_STORE, JWT_AUD_PLAY, JWT_AUD_SSO, JWT_AUD_INGEST};
    const char *token;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct jwt_claims claims = {.aud = all[i], .exp = clock_now() / 1000 + TOKEN_S};
        if (keys_sign(ctl->cx, &claims, &token) == RC_OK)
            continue;
        buf_printf(text,
                   "no key in %s/%s signs: %s. Is the folder that of this installation? lecternctl migrate "
                   "makes keys that are missing",
                   ctl->conf->key_dir, all[i], ctl->cx->err.detail);
        return false;
    }
    buf_str(text, "one signs for each purpose");
    return true;
}

/* Asks the store of a node at the address to which browsers and workers are sent. */
static bool check_store(struct ctl *ctl, struct http *http, const struct node_info *n, struct buf *text)
{
    struct cx *cx = ctl->cx;
    const char *url =
        arena_printf(cx->arena, "%s/store/v1/uploads", n->url[0] ? n->url : ctl->conf->base_url);
    struct http_response rs;
    enum rc rc = http_call(
        cx, http, &(struct http_request){.method = "OPTIONS", .url = url, .timeout_ms = STORE_WAIT_MS}, &rs);
    if (rc == RC_OK && rs.status < 300)
        return true;
    buf_printf(text,
               "%sthe store of node %lld, %s, does not answer (%s): is its web server running, and is its "
               "store_url right",
               text->n ? "; " : "", (long long)n->id, url,
               rc == RC_OK ? arena_printf(cx->arena, "status %d", rs.status) : cx->err.detail);
    return false;
}

/* The program that players get live streams from. */
static bool check_lived(struct ctl *ctl, struct http *http, const struct node_info *n, struct buf *text)
{
    struct cx *cx = ctl->cx;
    const char *url = arena_printf(cx->arena, "%s/live/v1/health", n->url[0] ? n->url : ctl->conf->base_url);
    struct http_response rs;
    enum rc rc = http_call(
        cx, http, &(struct http_request){.method = "GET", .url = url, .timeout_ms = STORE_WAIT_MS}, &rs);
    if (rc == RC_OK && rs.status == 200)
        return true;
    buf_printf(
        text,
        "%slive streams on node %lld cannot be watched: %s does not answer (%s): is lectern-lived running, "
        "and does the web server pass on /live/v1/ to it",
        text->n ? "; " : "", (long long)n->id, url,
        rc == RC_OK ? arena_printf(cx->arena, "status %d", rs.status) : cx->err.detail);
    return false;
}

bool ctl_check_queue(struct ctl *ctl, struct buf *text)
{
    struct dispatch_homeless h;
    if (dispatch_homeless(ctl->cx, &h) != RC_OK) {
        buf_printf(text, "%s", ctl->cx->err.detail);
        return false;
    }
    if (h.jobs == 0) {
        buf_str(text, "nothing waits in vain");
        return true;
    }
    buf_printf(text,
               "%lld jobs wait for room in a scratch_dir: the worker that comes closest lacks up to %.1f GB. "
               "Make room "
               "there, or let a worker join that has %.1f GB free",
               (long long)h.jobs, (double)h.lack / 1e9, (double)h.need / 1e9);
    return false;
}

/* Adds what is wrong with a node; false: something is. */
static bool check_node(struct ctl *ctl, struct http *http, const struct node_info *n, struct buf *text)
{
    const char *roles = wire_roles_text(ctl->cx->arena, n->roles), *sep = text->n ? "; " : "";
    long long id = (long long)n->id;
    if (n->revoked)
        return true;
    if (!n->alive) {
        buf_printf(text, "%snode %lld (%s, %s) is silent: start its program, or lecternctl node revoke %lld",
                   sep, id, n->name, roles, id);
        return false;
    }
    if (node_is_failing(n)) {
        buf_printf(text, "%snode %lld (%s, %s) %s", sep, id, n->name, roles, ctl_failing(ctl->cx, n));
        return false;
    }
    if (!(n->roles & NODE_STORAGE))
        return true;
    return check_store(ctl, http, n, text) && (!ctl->conf->live_url[0] || check_lived(ctl, http, n, text));
}

/* Once the core tells people where to stream, a stream needs an entry and an ingest. */
static bool check_live(const struct ctl *ctl, unsigned alive, struct buf *text)
{
    unsigned missing = (NODE_ENTRY | NODE_INGEST) & ~alive;
    if (!ctl->conf->live_url[0] || !missing)
        return true;
    buf_printf(text,
               "%slive_url is set, but no node is alive as %s: start lectern-rtmpd, or leave live_url empty",
               text->n ? "; " : "", wire_roles_text(ctl->cx->arena, missing));
    return false;
}

/* No node has joined yet: that is not an error, every installation begins like this. */
bool ctl_check_nodes(struct ctl *ctl, struct buf *text)
{
    struct node_info *nodes;
    size_t n, alive = 0;
    unsigned roles = 0;
    bool good = true;
    if (node_list(ctl->cx, &nodes, &n) != RC_OK) {
        buf_printf(text, "%s", ctl->cx->err.detail);
        return false;
    }
    http_global_init();
    struct http *http = http_new(ctl->conf->core_ca_file);
    for (size_t i = 0; i < n; i++) {
        alive += nodes[i].alive;
        roles |= nodes[i].alive ? nodes[i].roles : 0;
        good = check_node(ctl, http, &nodes[i], text) && good;
    }
    http_free(http);
    good = (n == 0 || check_live(ctl, roles, text)) && good;
    if (good)
        buf_printf(text, "%zu alive", alive);
    return good;
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
