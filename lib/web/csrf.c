#include "lib/web/csrf.h"

#include <openssl/evp.h>

#include "lib/base/str.h"

enum { TOKEN_BYTES = 24 };

char *csrf_token(struct arena *a, const char *secret)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int n = 0;
    const char *text = arena_printf(a, "lectern form token %s", secret);
    if (EVP_Digest(text, strlen(text), digest, &n, EVP_sha256(), NULL) != 1 || n < TOKEN_BYTES)
        bug("SHA-256 is not there");
    return str_b64url(a, digest, TOKEN_BYTES);
}

bool csrf_check(struct arena *a, const char *secret, const char *token)
{
    return secret && *secret && token && str_eq_secret(str_of(csrf_token(a, secret)), str_of(token));
}

bool csrf_origin_ok(const char *origin, const char *site, const char *base_url, const char *host)
{
    if (!origin)
        return !site || strcmp(site, "same-origin") == 0 || strcmp(site, "none") == 0;
    if (strcmp(origin, base_url) == 0)
        return true;
    const char *at = strstr(origin, "://");
    return at && host && *host && strcmp(at + 3, host) == 0;
}
