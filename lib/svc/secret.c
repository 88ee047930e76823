#include "lib/svc/secret.h"

#include <openssl/evp.h>

#include "lib/base/rand.h"

enum { SIZE = 32, HASH_SIZE = 32 };

static struct str digest(struct cx *cx, const void *raw)
{
    unsigned char *hash = arena_alloc(cx->arena, HASH_SIZE);
    if (!EVP_Digest(raw, SIZE, hash, NULL, EVP_sha256(), NULL))
        bug("EVP_Digest");
    return (struct str){(const char *)hash, HASH_SIZE};
}

const char *secret_new(struct cx *cx, struct str *hash)
{
    unsigned char raw[SIZE];
    rand_bytes(raw, sizeof raw);
    *hash = digest(cx, raw);
    return str_b64url(cx->arena, raw, sizeof raw);
}

bool secret_hash(struct cx *cx, struct str text, struct str *hash)
{
    unsigned char *raw = NULL;
    size_t n = 0;
    if (text.n != SECRET_LENGTH || !str_b64url_decode(cx->arena, text, &raw, &n) || n != SIZE)
        return false;
    *hash = digest(cx, raw);
    return true;
}
