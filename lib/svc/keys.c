#include "lib/svc/keys.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/rand.h"
#include "lib/net/json.h"
#include "lib/os/conf.h"
#include "lib/os/file.h"
#include "lib/svc/audit.h"

enum { MAX_KEYS = 16, MAX_PEM = 4096, KID_RANDOM = 7 };

static const char *const audiences[] = {JWT_AUD_JOIN, JWT_AUD_STORE, JWT_AUD_PLAY, JWT_AUD_SSO,
                                        JWT_AUD_INGEST};
enum { AUDIENCES = sizeof audiences / sizeof *audiences };

/* Key ids of one audience, newest first. */
struct key_list {
    const char *kid[MAX_KEYS];
    size_t n;
};

static const char *folder(struct cx *cx, const char *aud)
{
    return arena_printf(cx->arena, "%s/%s", cx->conf->key_dir, aud);
}

static int by_age(const void *a, const void *b)
{
    return strcmp(*(const char *const *)b, *(const char *const *)a);
}

/* Keeps the newest MAX_KEYS. */
static void add_key(struct key_list *list, const char *kid)
{
    size_t oldest = 0;
    if (list->n < MAX_KEYS) {
        list->kid[list->n++] = kid;
        return;
    }
    for (size_t i = 1; i < MAX_KEYS; i++)
        oldest = strcmp(list->kid[i], list->kid[oldest]) < 0 ? i : oldest;
    if (strcmp(kid, list->kid[oldest]) > 0)
        list->kid[oldest] = kid;
}

/* The folder's *.pem; a folder that is missing is an empty list. */
static enum rc list_keys(struct cx *cx, const char *aud, struct key_list *out)
{
    DIR *dir = opendir(folder(cx, aud));
    const struct dirent *e;
    out->n = 0;
    if (!dir)
        return RC_OK;
    while ((e = readdir(dir))) {
        size_t n = strlen(e->d_name);
        if (n > 4 && n - 4 <= JWT_MAX_KID && strcmp(e->d_name + n - 4, ".pem") == 0)
            add_key(out, arena_strndup(cx->arena, e->d_name, n - 4));
    }
    closedir(dir);
    qsort(out->kid, out->n, sizeof out->kid[0], by_age);
    return RC_OK;
}

static void free_key(void *key)
{
    jwt_key_free(key);
}

static void free_keys(void *keys)
{
    jwt_keys_free(keys);
}

static enum rc load(struct cx *cx, const char *aud, const char *kid, struct jwt_key **out)
{
    struct str pem;
    enum rc rc = file_read(cx, arena_printf(cx->arena, "%s/%s.pem", folder(cx, aud), kid), MAX_PEM, &pem);
    if (rc == RC_OK)
        rc = jwt_key_from_pem(cx, kid, aud, pem, out);
    if (rc == RC_OK)
        arena_on_free(cx->arena, free_key, *out);
    return rc;
}

/* lecternctl may run as root, the programs that sign do not: new keys get the owner of the folder, or of the
 * folder in which it is made. False: that is the account that is running. */
static bool find_owner(struct cx *cx, struct stat *owner)
{
    char *path = arena_strdup(cx->arena, cx->conf->key_dir), *slash;
    while (stat(path, owner) != 0) {
        slash = strrchr(path, '/');
        if (!slash || slash == path)
            return false;
        *slash = '\0';
    }
    return geteuid() == 0 && owner->st_uid != 0;
}

static enum rc hand_over(struct cx *cx, const struct stat *owner, const char *path)
{
    if (lchown(path, owner->st_uid, owner->st_gid) != 0)
        return err_set(cx, RC_UNAVAIL, NULL, NULL, "cannot give %s to its user: %s", path, strerror(errno));
    return RC_OK;
}

enum rc keys_put(struct cx *cx, const char *name, const char *kid, struct str pem)
{
    struct stat owner;
    const char *dir = folder(cx, name), *file = arena_printf(cx->arena, "%s/%s.pem", dir, kid);
    bool of_others = find_owner(cx, &owner);
    enum rc rc = file_mkdirs(cx, dir, 0700);
    if (rc == RC_OK)
        rc = file_write(cx, file, pem, 0600);
    if (rc == RC_OK && of_others)
        rc = hand_over(cx, &owner, cx->conf->key_dir);
    if (rc == RC_OK && of_others)
        rc = hand_over(cx, &owner, dir);
    if (rc == RC_OK && of_others)
        rc = hand_over(cx, &owner, file);
    return rc;
}

static enum rc generate(struct cx *cx, const char *aud, const char **kid)
{
    struct jwt_key *key = NULL;
    struct str pem;
    char tail[KID_RANDOM];
    rand_key(tail, sizeof tail);
    *kid = arena_printf(cx->arena, "%012llx-%s", (unsigned long long)clock_now(), tail);
    enum rc rc = jwt_key_generate(cx, *kid, aud, &key);
    if (rc == RC_OK)
        rc = jwt_key_to_pem(cx, key, &pem);
    if (rc == RC_OK)
        rc = keys_put(cx, aud, *kid, pem);
    jwt_key_free(key);
    return rc;
}

enum rc keys_ensure(struct cx *cx)
{
    for (size_t i = 0; i < AUDIENCES; i++) {
        struct key_list list;
        const char *kid;
        enum rc rc = list_keys(cx, audiences[i], &list);
        if (rc == RC_OK && list.n == 0)
            rc = generate(cx, audiences[i], &kid);
        if (rc != RC_OK)
            return rc;
    }
    return RC_OK;
}

/* The time at which a key was made, from its id; the key before it was superseded then. */
static int64_t made_at(const char *kid)
{
    return (int64_t)strtoll(kid, NULL, 16);
}

enum rc keys_rotate(struct cx *cx, const char *aud, const char **kid)
{
    struct key_list list;
    enum rc rc;
    size_t i = 0;
    while (i < AUDIENCES && strcmp(audiences[i], aud) != 0)
        i++;
    if (i == AUDIENCES)
        return err_set(cx, RC_INVALID, "aud", "key_audience", "no audience %s", aud);
    rc = list_keys(cx, aud, &list);
    for (i = 1; rc == RC_OK && i < list.n; i++)
        if (made_at(list.kid[i - 1]) < clock_now() - (int64_t)KEYS_KEEP_S * 1000)
            (void)unlink(arena_printf(cx->arena, "%s/%s.pem", folder(cx, aud), list.kid[i]));
    if (rc == RC_OK)
        rc = generate(cx, aud, kid);
    return rc == RC_OK ? audit_write(cx, "key.rotate", "install", 0, "%s %s", aud, *kid) : rc;
}

/* A new key signs only when nodes have had time to receive it; until then the key before it signs. */
static const char *signing(const struct key_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        if (made_at(list->kid[i]) <= clock_now() - (int64_t)KEYS_SETTLE_S * 1000)
            return list->kid[i];
    return list->kid[list->n - 1];
}

/* A page of three hundred lectures signs a token for each picture, and reading a key costs more than signing
 * with it. The key with a given id never changes. */
static enum rc load_for_signing(struct cx *cx, const char *aud, const char *kid)
{
    const struct jwt_key *last = cx->signing;
    struct jwt_key *key;
    enum rc rc;
    if (last && strcmp(jwt_key_kid(last), kid) == 0 && strcmp(jwt_key_aud(last), aud) == 0)
        return RC_OK;
    rc = load(cx, aud, kid, &key);
    if (rc == RC_OK)
        cx->signing = key;
    return rc;
}

enum rc keys_sign(struct cx *cx, struct jwt_claims *c, const char **token)
{
    struct key_list list;
    enum rc rc = list_keys(cx, c->aud, &list);
    if (rc == RC_OK && list.n == 0)
        return err_set(cx, RC_UNAVAIL, NULL, "no_keys", "no key in %s: run lecternctl migrate",
                       folder(cx, c->aud));
    if (rc == RC_OK)
        rc = load_for_signing(cx, c->aud, signing(&list));
    c->iat = clock_now() / 1000;
    return rc == RC_OK ? jwt_sign(cx, cx->signing, c, token) : rc;
}

enum rc keys_verify(struct cx *cx, const char *aud, struct str token, struct jwt_claims *out)
{
    struct jwt_keys *keys = jwt_keys_new();
    struct key_list list;
    enum rc rc;
    arena_on_free(cx->arena, free_keys, keys);
    rc = list_keys(cx, aud, &list);
    for (size_t i = 0; rc == RC_OK && i < list.n; i++) {
        struct jwt_key *key;
        unsigned char x[JWT_X_SIZE];
        rc = load(cx, aud, list.kid[i], &key);
        if (rc == RC_OK) {
            jwt_key_public(key, x);
            rc = jwt_keys_add(cx, keys, list.kid[i], aud, x);
        }
    }
    if (rc == RC_OK)
        rc = jwt_verify(cx, keys, aud, clock_now() / 1000, token, out);
    return rc == RC_NOTFOUND ? RC_DENIED : rc;
}

static enum rc add_public(struct cx *cx, const char *aud, json_t *array)
{
    struct key_list list;
    enum rc rc = list_keys(cx, aud, &list);
    for (size_t i = 0; rc == RC_OK && i < list.n; i++) {
        struct jwt_key *key;
        unsigned char x[JWT_X_SIZE];
        rc = load(cx, aud, list.kid[i], &key);
        if (rc != RC_OK)
            break;
        jwt_key_public(key, x);
        json_array_append_new(array, json_pack("{s:s,s:s,s:s}", "kid", list.kid[i], "aud", aud, "x",
                                               str_b64url(cx->arena, x, sizeof x)));
    }
    return rc;
}

enum rc keys_public(struct cx *cx, json_t **out)
{
    json_t *array = js_array(cx);
    enum rc rc = add_public(cx, JWT_AUD_STORE, array);
    if (rc == RC_OK)
        rc = add_public(cx, JWT_AUD_PLAY, array);
    if (rc == RC_OK)
        rc = add_public(cx, JWT_AUD_INGEST, array);
    if (rc == RC_OK)
        *out = array;
    return rc;
}
