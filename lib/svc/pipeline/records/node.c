#include "lib/svc/pipeline/records/node.h"

#include <openssl/sha.h>

#include "lib/base/clock.h"
#include "lib/base/rand.h"
#include "lib/db/db.h"
#include "lib/svc/audit.h"
#include "lib/svc/keys.h"
#include "lib/svc/people/org.h"

enum { TOKEN_BYTES = 32, JTI_LENGTH = 20, USES_MAX = 1000, SHARED = 100, PUBLIC = 200 };

static const char *hash(struct cx *cx, struct str token)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256((const unsigned char *)token.p, token.n, digest);
    return str_hex(cx->arena, digest, sizeof digest);
}

/* --- organisation tokens --- */

static void roles_into_claims(struct jwt_claims *c, unsigned roles)
{
    size_t n = 0;
    for (unsigned i = 0; i < NODE_ROLES; i++)
        if (roles & 1U << i)
            c->roles[n++] = wire_role_name(1U << i);
}

enum rc node_token_issue(struct cx *cx, const char *org_slug, unsigned roles, int uses, const char **token)
{
    struct org *org;
    struct policy_object object;
    struct jwt_claims c;
    char jti[JTI_LENGTH + 1];
    enum rc rc = org_get_by_slug(cx, org_slug, &org);
    if (rc != RC_OK)
        return rc;
    object = org_object(org);
    rc = policy_check(cx, ACT_ORG_MANAGE, &object);
    if (rc == RC_OK && (!roles || uses < 1 || uses > USES_MAX))
        rc = err_set(cx, RC_INVALID, "uses", "node_token_invalid", "roles %u, uses %d", roles, uses);
    if (rc != RC_OK)
        return rc;
    rand_key(jti, sizeof jti);
    jwt_claims_init(&c);
    c.aud = JWT_AUD_JOIN;
    c.exp = clock_now() / 1000 + NODE_ORG_TOKEN_S;
    c.org = org->id;
    c.jti = jti;
    roles_into_claims(&c, roles);
    rc = db_exec(cx, SQL_node_token_insert, NULL, "siiiii", jti, org->id, (int64_t)roles, (int64_t)uses,
                 cx->actor ? cx->actor->user_id : (int64_t)0, (int64_t)NODE_ORG_TOKEN_S);
    if (rc == RC_OK)
        rc = audit_write(cx, "node.token", "organisation", org->id, "%s, %d uses, %s",
                         wire_roles_text(cx->arena, roles), uses, jti);
    return rc == RC_OK ? keys_sign(cx, &c, token) : rc;
}

/* --- joining --- */

struct admission {
    const struct wire_hello *hello;
    const struct jwt_claims *claims;
    const char *token_hash;
    int64_t id;
};

static enum rc refused(struct cx *cx, const char *why)
{
    return err_set(cx, RC_DENIED, NULL, "join_token", "%s", why);
}

/* A new row, or the row of the same storage node from before it lost its token: its lectures refer to that
 * number. */
static enum rc put_node(struct cx *cx, const struct admission *a, int64_t *id)
{
    const struct wire_hello *h = a->hello;
    struct rows *rows = NULL;
    struct db_done done;
    enum rc rc = RC_OK;
    if (h->roles & NODE_STORAGE)
        rc = db_query(cx, SQL_node_former, &rows, "isis", a->claims->org, h->name, (int64_t)h->roles, h->url);
    if (rc != RC_OK)
        return rc;
    if (rows && rows_count(rows) > 0) {
        *id = row_i64(rows, 0, 0);
        return db_exec(cx, SQL_node_readmit, NULL, "ssiii", a->token_hash, h->version, (int64_t)h->host.cpus,
                       h->host.memory, *id);
    }
    rc = db_exec(cx, SQL_node_insert, &done, "isisssii", a->claims->org, h->name, (int64_t)h->roles, h->url,
                 h->version, a->token_hash, (int64_t)h->host.cpus, h->host.memory);
    if (rc == RC_OK)
        *id = done.id;
    return rc;
}

/* Tokens for a store name its address: a node that joined with another organisation's address would be given
 * tokens that are valid at that organisation's store. */
static enum rc check_url_ours(struct cx *cx, const struct admission *a)
{
    struct rows *rows = NULL;
    enum rc rc = RC_OK;
    if (a->hello->roles & NODE_STORAGE)
        rc = db_query(cx, SQL_node_url_foreign, &rows, "isi", a->claims->org, a->hello->url,
                      (int64_t)NODE_STORAGE);
    if (rc == RC_OK && rows && rows_count(rows) > 0)
        return err_set(cx, RC_CONFLICT, "url", "node_url_taken", "address of node %lld",
                       (long long)row_i64(rows, 0, 0));
    return rc;
}

static enum rc admit_tx(struct cx *cx, void *arg)
{
    struct admission *a = arg;
    const struct wire_hello *h = a->hello;
    struct db_done done;
    int64_t id = 0;
    enum rc rc = db_exec(cx, SQL_node_token_use, &done, "siii", a->claims->jti, a->claims->org,
                         (int64_t)h->roles, (int64_t)h->roles);
    if (rc == RC_OK && done.affected != 1)
        return refused(cx, "used up, revoked, expired, or without one of the roles");
    if (rc == RC_OK)
        rc = check_url_ours(cx, a);
    if (rc == RC_OK)
        rc = put_node(cx, a, &id);
    if (rc == RC_OK)
        rc = audit_write(cx, "node.join", "node", id, "%s as %s", h->name,
                         wire_roles_text(cx->arena, h->roles));
    if (rc == RC_OK)
        a->id = id;
    return rc;
}

/* Of a store HTTP, of an ingest RTMP. */
static bool is_url(const char *url, unsigned roles)
{
    struct str s = str_of(url);
    if (s.n == 0)
        return true;
    /* it is used in headers, policies and pages */
    if (s.n > WIRE_ADDRESS_MAX || s.p[s.n - 1] == '/' ||
        strspn(url, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:/.[]_~%-") != s.n)
        return false;
    if (str_starts(s, "rtmp://"))
        return (roles & NODE_INGEST) && !(roles & NODE_STORAGE);
    return str_starts(s, "http://") || str_starts(s, "https://");
}

static enum rc check_hello(struct cx *cx, const struct wire_hello *h)
{
    struct str name = str_of(h->name);
    if (name.n == 0 || name.n > WIRE_NAME_MAX || !str_is_utf8(name) || str_has_controls(name, false))
        return err_set(cx, RC_INVALID, "name", "node_name_invalid", "%zu bytes of name", name.n);
    if (!is_url(h->url, h->roles))
        return err_set(cx, RC_INVALID, "url", "node_url_invalid", "address of a node");
    if (strlen(h->version) > WIRE_VERSION_MAX || str_has_controls(str_of(h->version), false) || !h->roles)
        return err_set(cx, RC_INVALID, "roles", "node_roles_invalid", "roles or version");
    return RC_OK;
}

enum rc node_admit(struct cx *cx, const struct wire_hello *h, int64_t *id, const char **token)
{
    struct jwt_claims claims;
    unsigned char secret[TOKEN_BYTES];
    const char *text;
    struct admission a = {.hello = h, .claims = &claims};
    enum rc rc = check_hello(cx, h);
    if (rc == RC_OK)
        rc = keys_verify(cx, JWT_AUD_JOIN, str_of(h->token), &claims);
    if (rc == RC_DENIED) {
        err_clear(cx);
        return refused(cx, "forged or expired");
    }
    if (rc == RC_OK && !claims.jti)
        return refused(cx, "without an id");
    if (rc != RC_OK)
        return rc;
    rand_bytes(secret, sizeof secret);
    text = str_b64url(cx->arena, secret, sizeof secret);
    a.token_hash = hash(cx, str_of(text));
    rc = db_tx(cx, admit_tx, &a);
    if (rc == RC_OK) {
        *id = a.id;
        *token = text;
    }
    return rc;
}

/* --- reading --- */

/* The columns of node_get_by_token, with which ${node_cols} of sql/queries/node.sql begin, too. */
static struct node_info who(const struct rows *rows, size_t i)
{
    return (struct node_info){.id = row_i64(rows, i, 0),
                              .org_id = row_i64(rows, i, 1),
                              .org_slug = row_text(rows, i, 2),
                              .org_path = row_text(rows, i, 3),
                              .name = row_text(rows, i, 4),
                              .roles = (unsigned)row_i64(rows, i, 5),
                              .sharing = row_text(rows, i, 6),
                              .url = row_text(rows, i, 7)};
}

/* The columns ${node_cols}. */
static void read_row(const struct rows *rows, size_t i, struct node_info *out)
{
    *out = who(rows, i);
    out->version = row_text(rows, i, 8);
    out->alive = row_bool(rows, i, 9) && row_null(rows, i, 10);
    out->revoked = !row_null(rows, i, 10);
    out->created = row_time(rows, i, 11);
    out->seen = row_time(rows, i, 12);
    out->cpu = row_double(rows, i, 13);
    out->memory_used = row_i64(rows, i, 14);
    out->memory_total = row_i64(rows, i, 15);
    out->disk_free = row_i64(rows, i, 16);
    out->disk_total = row_i64(rows, i, 17);
    out->uptime = row_i64(rows, i, 18);
    out->jobs = (int)row_i64(rows, i, 23);
    out->store = row_i64(rows, i, 24);
    for (unsigned lane = 0; lane < LANE_COUNT; lane++)
        out->slots[lane] = (int)row_i64(rows, i, 19 + lane);
}

enum rc node_by_token(struct cx *cx, struct str token, struct node_info **out)
{
    struct rows *rows;
    enum rc rc = db_one(cx, SQL_node_get_by_token, &rows, "s", hash(cx, token));
    if (rc == RC_NOTFOUND)
        return err_set(cx, RC_DENIED, NULL, "node_token", "unknown or revoked node token");
    if (rc != RC_OK)
        return rc;
    *out = arena_alloc(cx->arena, sizeof **out);
    **out = who(rows, 0);
    return RC_OK;
}

static bool may_see(const struct cx *cx, const struct node_info *n)
{
    struct policy_object object = {.organisation_path = n->org_path};
    return policy_may(cx->actor, ACT_ORG_MANAGE, &object);
}

enum rc node_list(struct cx *cx, struct node_info **out, size_t *n)
{
    struct rows *rows;
    struct node_info *list;
    size_t count = 0;
    enum rc rc = db_query(cx, SQL_node_list, &rows, "");
    if (rc != RC_OK)
        return rc;
    list = arena_array(cx->arena, rows_count(rows) + 1, sizeof *list);
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct node_info *node = &list[count];
        read_row(rows, i, node);
        node->failed = (int)row_i64(rows, i, 25);
        node->failed_code = row_text(rows, i, 26);
        node->failed_task = row_i64(rows, i, 27);
        count += may_see(cx, node);
    }
    *out = list;
    *n = count;
    return RC_OK;
}

bool node_is_failing(const struct node_info *n)
{
    return !n->revoked && n->failed >= NODE_FAILING;
}

static enum rc revoke_tx(struct cx *cx, void *arg)
{
    int64_t id = *(const int64_t *)arg;
    enum rc rc = db_exec(cx, SQL_node_revoke, NULL, "i", id);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_job_end_leases, NULL, "i", id);
    return rc == RC_OK ? audit_write(cx, "node.revoke", "node", id, "%s", "") : rc;
}

enum rc node_revoke(struct cx *cx, int64_t id)
{
    struct rows *rows;
    struct node_info n;
    enum rc rc = db_one(cx, SQL_node_get, &rows, "i", id);
    if (rc == RC_OK)
        read_row(rows, 0, &n);
    if (rc == RC_NOTFOUND || (rc == RC_OK && !may_see(cx, &n)))
        return err_set(cx, RC_NOTFOUND, NULL, "node_unknown", "no node %lld", (long long)id);
    return rc == RC_OK ? db_tx(cx, revoke_tx, &id) : rc;
}

/* --- distance --- */

static int depth(const char *path)
{
    int n = 0;
    for (; *path; path++)
        n += *path == '/';
    return n;
}

int node_distance(const char *lecture_path, const char *node_path, const char *sharing)
{
    if (strncmp(lecture_path, node_path, strlen(node_path)) == 0)
        return depth(lecture_path) - depth(node_path);
    if (strcmp(sharing, "shared") == 0)
        return SHARED;
    return strcmp(sharing, "public") == 0 ? PUBLIC : NODE_FAR;
}
