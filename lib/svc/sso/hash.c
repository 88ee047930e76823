#include "lib/svc/sso/hash.h"

#include <openssl/evp.h>
#include <string.h>

enum { HASH_SIZE = 32 };

struct str sso_hash(struct cx *cx, const char *text)
{
    unsigned char *hash = arena_alloc(cx->arena, HASH_SIZE);
    if (!EVP_Digest(text, strlen(text), hash, NULL, EVP_sha256(), NULL))
        bug("EVP_Digest");
    return (struct str){(const char *)hash, HASH_SIZE};
}

const char *sso_provider(struct cx *cx, const char *entity)
{
    struct str hash = sso_hash(cx, entity);
    return arena_printf(cx->arena, "saml:%s", str_hex(cx->arena, hash.p, hash.n));
}

enum rc sso_one_failure(struct cx *cx, enum rc rc)
{
    if (rc != RC_DENIED && rc != RC_NOTFOUND && rc != RC_INVALID && rc != RC_CONFLICT && rc != RC_TOOBIG)
        return rc;
    cx->err.rc = RC_DENIED;
    cx->err.field = NULL;
    cx->err.key = "sso_failed";
    return RC_DENIED;
}
