/* Tokens and key lists of any bytes. No token may be accepted: the input cannot know the signing key. */
#include <stdlib.h>
#include <string.h>

#include "lib/proto/jwt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* RFC 8037 appendix A.2: a public key whose private half is public, too; its example token is in the corpus
 * and has neither our header nor our claims. */
static const unsigned char x[JWT_X_SIZE] = {0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe,
                                            0xd3, 0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6,
                                            0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cx cx;
    struct jwt_claims c;
    struct jwt_keys *keys = jwt_keys_new(), *list = NULL;
    struct str text = {(const char *)data, size};
    cx_init(&cx);
    if (jwt_keys_add(&cx, keys, "k1", JWT_AUD_PLAY, x) != RC_OK)
        abort();
    if (jwt_verify(&cx, keys, JWT_AUD_PLAY, 1, text, &c) == RC_OK)
        abort();
    if (jwt_keys_from_json(&cx, text, NULL, &list) == RC_OK)
        jwt_keys_free(list);
    jwt_keys_free(keys);
    cx_fini(&cx);
    return 0;
}
