/* The words of reasons.def. */
#include "lib/saml/saml.h"

static const struct reason {
    const char *word, *meaning;
} reasons[SAML_REASON_COUNT] = {
#define REASON(name, word, meaning) [SAML_##name] = {word, meaning},
#include "lib/saml/reasons.def"
#undef REASON
};

const char *saml_reason_name(enum saml_reason why)
{
    return reasons[why].word;
}

const char *saml_reason_meaning(enum saml_reason why)
{
    return reasons[why].meaning;
}
