#include "lib/svc/seen.h"

#include <openssl/evp.h>
#include <string.h>

#include "lib/base/str.h"

enum { HASH_SIZE = 32, KEPT_SIZE = 8 /* of it; chance is to be found out, not an attack */ };

/* Each text with the NUL behind it, so that no two lists of texts are the same bytes. */
const char *seen_of(struct cx *cx, const char *const *text, size_t n)
{
    unsigned char hash[HASH_SIZE];
    size_t total = 0, at = 0;
    for (size_t i = 0; i < n; i++)
        total += str_of(text[i]).n + 1;
    char *all = arena_alloc(cx->arena, total + 1);
    for (size_t i = 0; i < n; i++) {
        struct str s = str_of(text[i]);
        if (s.n > 0)
            memcpy(all + at, s.p, s.n);
        at += s.n;
        all[at++] = '\0';
    }
    if (!EVP_Digest(all, total, hash, NULL, EVP_sha256(), NULL))
        bug("EVP_Digest");
    return str_hex(cx->arena, hash, KEPT_SIZE);
}

enum rc seen_check(struct cx *cx, const char *seen, const char *now)
{
    if (!seen || strcmp(seen, now) == 0)
        return RC_OK;
    return err_set(cx, RC_CONFLICT, "seen", "changed_meanwhile", "the form is older than the last change");
}
