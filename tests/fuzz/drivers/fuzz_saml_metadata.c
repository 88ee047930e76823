/* Metadata of identity providers, of any bytes; with a signer nothing can be accepted. */
#include "lib/saml/metadata.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool started;
    struct cx cx;
    struct saml_idp idp;
    enum saml_reason why;
    struct str xml = {(const char *)data, size};
    const int64_t now = INT64_C(1795355281000);
    cx_init(&cx);
    if (!started && saml_start(&cx) != RC_OK)
        abort();
    started = true;
    if (saml_idp_metadata(&cx, xml, "http://127.0.0.1:23010/idp", NULL, 0, now, &idp, &why) == RC_OK &&
        strcmp(idp.entity, "http://127.0.0.1:23010/idp") != 0)
        abort();
    if (saml_idp_metadata(&cx, xml, NULL, NULL, 0, now, &idp, &why) == RC_OK) {
        (void)saml_scope_fits(&idp, idp.entity);
        if (idp.certs_n == 0 || !idp.sso.redirect ||
            saml_idp_metadata(&cx, xml, NULL, idp.certs, 1, now, &idp, &why) == RC_OK)
            abort();
    }
    cx_fini(&cx);
    return 0;
}
