/* Queries of the redirect binding, of any bytes. Only the kept one has a signature of the key. */
#include <string.h>

#include "lib/saml/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool started;
    struct cx cx;
    struct saml_message m;
    struct saml_logout request;
    struct saml_logout_answer answer;
    enum saml_reason why;
    struct saml_expect e = {.idp = "http://127.0.0.1:23010/idp", .url = "http://127.0.0.1:23080/saml/slo"};
    cx_init(&cx);
    if (!started && saml_start(&cx) != RC_OK)
        abort();
    started = true;
    if (saml_receive_redirect(&cx, (struct str){(const char *)data, size}, &m, &why) == RC_OK) {
        e.request = m.in_response_to;
        e.now = INT64_C(1795356554000);
        if (saml_logout_verify(&cx, &e, &m, &request, &why) == RC_OK ||
            saml_logout_answer_verify(&cx, &e, &m, &answer, &why) == RC_OK)
            abort(); /* no certificate is trusted */
    }
    cx_fini(&cx);
    return 0;
}
