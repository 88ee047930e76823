#include "lib/svc/sso/sp_key.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/base/rand.h"
#include "lib/db/db.h"
#include "lib/os/conf.h"
#include "lib/os/file.h"
#include "lib/svc/audit.h"
#include "lib/svc/keys.h"
#include "lib/svc/policy.h"

enum { ID_RANDOM = 7, HOST_MAX = 64 };

static const char *folder(struct cx *cx)
{
    return arena_printf(cx->arena, "%s/saml", cx->conf->key_dir);
}

/* --- files --- */

static void free_key(void *key)
{
    saml_key_free(key);
}

/* A file has the private key and the certificate, one after the other. */
static enum rc read_key(struct cx *cx, const char *name, struct sp_keys *keys)
{
    struct str pem;
    struct saml_key *key;
    enum rc rc = file_read(cx, arena_printf(cx->arena, "%s/%s", folder(cx), name), SAML_MAX_PEM, &pem);
    if (rc == RC_OK)
        rc = saml_key_from_pem(cx, pem, pem, &key);
    if (rc != RC_OK)
        return rc;
    arena_on_free(cx->arena, free_key, key);
    keys->key[keys->n] = key;
    keys->id[keys->n++] = arena_strndup(cx->arena, name, strlen(name) - strlen(".pem"));
    return RC_OK;
}

enum rc sp_keys_read(struct cx *cx, struct sp_keys *out)
{
    const char **names;
    size_t n = 0;
    struct sp_keys keys = {.n = 0};
    enum rc rc = file_list(cx, folder(cx), ".pem", &names, &n);
    if (rc == RC_NOTFOUND) { /* no folder yet */
        err_clear(cx);
        rc = RC_OK;
    }
    for (size_t i = 0; rc == RC_OK && i < n && keys.n < SAML_MAX_KEYS; i++)
        rc = read_key(cx, names[i], &keys);
    if (rc == RC_OK)
        *out = keys;
    return rc;
}

static enum rc no_keys(struct cx *cx, enum rc rc)
{
    return err_set(cx, rc, NULL, "sso_no_keys",
                   "no key in %s: copy it from another host with lectern-web, or lecternctl idp keys --add",
                   folder(cx));
}

enum rc sp_keys_need(struct cx *cx, struct sp_keys *out)
{
    struct sp_keys keys;
    enum rc rc = sp_keys_read(cx, &keys);
    if (rc == RC_OK && keys.n == 0)
        rc = no_keys(cx, RC_NOTFOUND);
    if (rc == RC_OK)
        *out = keys;
    return rc;
}

/* --- making and removing --- */

/* The name in the certificate: the host of our address. */
static const char *host(struct cx *cx)
{
    const char *at = strstr(cx->conf->base_url, "://");
    size_t n = at ? strcspn(at + 3, ":/") : 0;
    return n > 0 && n <= HOST_MAX ? arena_strndup(cx->arena, at + 3, n) : "lectern";
}

static enum rc make(struct cx *cx)
{
    const char *id;
    struct saml_key *key = NULL;
    struct str pem;
    char tail[ID_RANDOM];
    int64_t now = clock_now();
    enum rc rc = saml_key_generate(cx, host(cx), now, SP_KEY_YEARS, &key);
    if (rc == RC_OK)
        rc = saml_key_to_pem(cx, key, &pem);
    rand_key(tail, sizeof tail);
    id = arena_printf(cx->arena, "%012llx-%s", (unsigned long long)now, tail);
    if (rc == RC_OK) {
        char *both = arena_printf(cx->arena, "%s%s", pem.p, saml_cert_to_pem(cx, saml_key_cert(key)));
        rc = keys_put(cx, "saml", id, str_of(both));
        mem_wipe(both, strlen(both));
    }
    saml_key_free(key);
    return rc == RC_OK ? audit_write(cx, "idp.key_add", "install", 0, "%s", id) : rc;
}

/* With providers, but without a key, this host is not the first one: a key of its own would be one that no
 * provider knows. */
enum rc sp_keys_ensure(struct cx *cx)
{
    struct sp_keys keys;
    struct rows *providers = NULL;
    enum rc rc = sp_keys_read(cx, &keys);
    if (rc != RC_OK || keys.n > 0)
        return rc;
    rc = db_query(cx, SQL_idp_any, &providers, "");
    if (rc == RC_OK)
        rc = rows_count(providers) > 0 ? no_keys(cx, RC_CONFLICT) : make(cx);
    return rc;
}

enum rc sp_keys_add(struct cx *cx)
{
    struct sp_keys keys;
    enum rc rc = policy_check(cx, ACT_INSTALL, NULL);
    if (rc == RC_OK)
        rc = sp_keys_read(cx, &keys);
    if (rc == RC_OK && keys.n == SAML_MAX_KEYS)
        return err_set(cx, RC_CONFLICT, NULL, NULL, "there are two keys: remove the older one first");
    return rc == RC_OK ? make(cx) : rc;
}

enum rc sp_keys_drop(struct cx *cx)
{
    struct sp_keys keys;
    enum rc rc = policy_check(cx, ACT_INSTALL, NULL);
    if (rc == RC_OK)
        rc = sp_keys_read(cx, &keys);
    if (rc == RC_OK && keys.n < SAML_MAX_KEYS)
        return err_set(cx, RC_CONFLICT, NULL, NULL, "there is one key only: add a second one first");
    if (rc == RC_OK && unlink(arena_printf(cx->arena, "%s/%s.pem", folder(cx), keys.id[0])) != 0)
        return err_set(cx, RC_UNAVAIL, NULL, NULL, "cannot remove the key %s: %s", keys.id[0],
                       strerror(errno));
    return rc == RC_OK ? audit_write(cx, "idp.key_drop", "install", 0, "%s", keys.id[0]) : rc;
}
