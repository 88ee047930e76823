#include "lib/saml/redirect.h"

#include <string.h>
#define ZLIB_CONST /* next_in is const */
#include <zlib.h>

#include "lib/saml/crypto.h"

enum {
    RAW_DEFLATE = -15 /* window bits: RFC 1951 without a header */,
    MEM_LEVEL = 8,
    MAX_SIGNATURE = SAML_MAX_RSA / 8
};

static const char *const field_names[] = {[SAML_REQUEST] = "SAMLRequest", [SAML_ANSWER] = "SAMLResponse"};

static const struct {
    const char *uri, *digest;
} algorithms[] = {{NS_MORE "rsa-sha256", "SHA256"},
                  {NS_MORE "rsa-sha384", "SHA384"},
                  {NS_MORE "rsa-sha512", "SHA512"},
                  {NULL, NULL}};

/* --- DEFLATE --- */

static bool deflate_text(struct cx *cx, struct str in, struct str *out)
{
    z_stream z = {0};
    if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, RAW_DEFLATE, MEM_LEVEL, Z_DEFAULT_STRATEGY) !=
        Z_OK)
        return false;
    uLong room = deflateBound(&z, in.n);
    unsigned char *p = arena_alloc(cx->arena, room);
    z.next_in = (z_const unsigned char *)in.p;
    z.avail_in = (uInt)in.n;
    z.next_out = p;
    z.avail_out = (uInt)room;
    bool good = deflate(&z, Z_FINISH) == Z_STREAM_END;
    *out = (struct str){(char *)p, z.total_out};
    deflateEnd(&z);
    return good;
}

/* At most SAML_MAX_MESSAGE bytes, whatever the input unfolds to. */
static enum saml_reason inflate_text(struct cx *cx, const unsigned char *in, size_t n, struct str *out)
{
    z_stream z = {0};
    if (inflateInit2(&z, RAW_DEFLATE) != Z_OK)
        return saml_refuse(cx, SAML_ENCODING, "cannot inflate");
    unsigned char *p = arena_alloc(cx->arena, SAML_MAX_MESSAGE);
    z.next_in = (z_const unsigned char *)in;
    z.avail_in = (uInt)n;
    z.next_out = p;
    z.avail_out = SAML_MAX_MESSAGE;
    int end = inflate(&z, Z_FINISH);
    bool full = z.avail_out == 0;
    *out = (struct str){(char *)p, z.total_out};
    inflateEnd(&z);
    if (end == Z_STREAM_END)
        return SAML_ACCEPTED;
    return saml_refuse(cx, full ? SAML_TOO_BIG : SAML_ENCODING, "%s",
                       full ? "it unfolds to too much" : "not DEFLATE");
}

/* --- sending --- */

static bool sign_octets(struct cx *cx, const struct saml_key *key, const char *octets, struct str *out)
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    unsigned char *p = arena_alloc(cx->arena, MAX_SIGNATURE);
    size_t n = MAX_SIGNATURE;
    bool good = md &&
                EVP_DigestSignInit_ex(md, NULL, "SHA256", NULL, NULL, saml_key_private(key), NULL) == 1 &&
                EVP_DigestSign(md, p, &n, (const unsigned char *)octets, strlen(octets)) == 1;
    EVP_MD_CTX_free(md);
    *out = (struct str){(char *)p, n};
    return good;
}

enum rc saml_redirect_url(struct cx *cx, const struct saml_key *key, const char *endpoint,
                          enum saml_field field, struct str xml, const char *relay, const char **url)
{
    struct str packed, signature;
    if (relay && strlen(relay) > SAML_MAX_RELAY)
        return err_set(cx, RC_INVALID, NULL, NULL, "a RelayState over %d bytes", SAML_MAX_RELAY);
    if (!deflate_text(cx, xml, &packed))
        return err_set(cx, RC_INTERNAL, NULL, NULL, "cannot deflate");
    struct arena *a = cx->arena;
    const char *message = str_percent(a, str_of(str_b64(a, packed.p, packed.n)));
    const char *state = relay ? arena_printf(a, "&RelayState=%s", str_percent(a, str_of(relay))) : "";
    const char *octets = arena_printf(a, "%s=%s%s&SigAlg=%s", field_names[field], message, state,
                                      str_percent(a, str_of(algorithms[0].uri)));
    if (!sign_octets(cx, key, octets, &signature))
        return err_set(cx, RC_INTERNAL, NULL, NULL, "cannot sign");
    const char *text = str_percent(a, str_of(str_b64(a, signature.p, signature.n)));
    if (strlen(endpoint) + strlen(octets) + strlen(text) > SAML_MAX_URL)
        return err_set(cx, RC_TOOBIG, NULL, NULL, "a message too long for an address");
    *url = arena_printf(a, "%s%c%s&Signature=%s", endpoint, strchr(endpoint, '?') ? '&' : '?', octets, text);
    return RC_OK;
}

/* --- receiving --- */

/* The parameters as they stand in the query, still encoded; p NULL: missing. */
struct raw {
    struct str message, relay, algorithm, signature;
    enum saml_field field;
};

static bool keep(struct str *place, struct str value)
{
    if (place->p)
        return false;
    *place = value;
    return true;
}

static bool take_apart(struct str query, struct raw *r)
{
    bool good = true;
    while (query.n > 0 && good) {
        struct str value = str_cut(&query, '&'), name = str_cut(&value, '=');
        if (str_eq(name, field_names[SAML_REQUEST]) || str_eq(name, field_names[SAML_ANSWER])) {
            r->field = str_eq(name, field_names[SAML_REQUEST]) ? SAML_REQUEST : SAML_ANSWER;
            good = keep(&r->message, value);
        } else if (str_eq(name, "RelayState")) {
            good = keep(&r->relay, value);
        } else if (str_eq(name, "SigAlg")) {
            good = keep(&r->algorithm, value);
        } else if (str_eq(name, "Signature")) {
            good = keep(&r->signature, value);
        }
    }
    return good && r->message.p;
}

/* Percent-encoded base64 to bytes. */
static bool decode_bytes(struct cx *cx, struct str raw, unsigned char **p, size_t *n)
{
    struct str text;
    return str_percent_decode(cx->arena, raw, false, &text) && str_is_utf8(text) &&
           saml_base64(cx, text.p, p, n);
}

static bool decode_text(struct cx *cx, struct str raw, const char **out)
{
    struct str text;
    if (!raw.p)
        return true;
    if (!str_percent_decode(cx->arena, raw, true, &text) || !str_is_utf8(text))
        return false;
    *out = text.p;
    return true;
}

enum saml_reason saml_redirect_read(struct cx *cx, struct str query, enum saml_field *field,
                                    struct saml_message *m)
{
    struct raw r = {.field = SAML_REQUEST};
    unsigned char *p = NULL, *signature = NULL;
    size_t n = 0;
    if (query.n > SAML_MAX_URL)
        return saml_refuse(cx, SAML_TOO_BIG, "a query of %zu bytes", query.n);
    if (!take_apart(query, &r))
        return saml_refuse(cx, SAML_ENCODING, "no message in the query, or a parameter twice");
    if (!decode_bytes(cx, r.message, &p, &n) || !decode_text(cx, r.relay, &m->relay) ||
        !decode_text(cx, r.algorithm, &m->algorithm))
        return saml_refuse(cx, SAML_ENCODING, "the query is not percent-encoded base64 and UTF-8");
    if (r.signature.p && !decode_bytes(cx, r.signature, &signature, &m->signature.n))
        return saml_refuse(cx, SAML_ENCODING, "the signature is not base64");
    m->signature.p = (char *)signature;
    struct str none = STR("");
    m->octets = str_of(arena_printf(cx->arena, "%s=%.*s%s%.*s&SigAlg=%.*s", field_names[r.field],
                                    (int)r.message.n, r.message.p, r.relay.p ? "&RelayState=" : "",
                                    (int)r.relay.n, r.relay.p ? r.relay.p : none.p, (int)r.algorithm.n,
                                    r.algorithm.p ? r.algorithm.p : none.p));
    *field = r.field;
    return inflate_text(cx, p, n, &m->xml);
}

static bool verify_octets(const struct saml_message *m, const char *digest, const struct saml_cert *cert)
{
    EVP_PKEY *pkey = saml_cert_key(cert);
    EVP_MD_CTX *md = pkey && EVP_PKEY_is_a(pkey, "RSA") ? EVP_MD_CTX_new() : NULL;
    bool good = md && EVP_DigestVerifyInit_ex(md, NULL, digest, NULL, NULL, pkey, NULL) == 1 &&
                EVP_DigestVerify(md, (const unsigned char *)m->signature.p, m->signature.n,
                                 (const unsigned char *)m->octets.p, m->octets.n) == 1;
    EVP_MD_CTX_free(md);
    EVP_PKEY_free(pkey);
    return good;
}

enum saml_reason saml_redirect_verify(struct cx *cx, const struct saml_message *m,
                                      const struct saml_cert *certs, size_t n)
{
    size_t a = 0;
    if (!m->algorithm || !m->signature.p)
        return saml_refuse(cx, SAML_UNSIGNED, "the query has no signature");
    while (algorithms[a].uri && strcmp(algorithms[a].uri, m->algorithm) != 0)
        a++;
    if (!algorithms[a].uri)
        return saml_refuse(cx, SAML_ALGORITHM, "the algorithm %.200s", m->algorithm);
    for (size_t i = 0; i < n; i++)
        if (verify_octets(m, algorithms[a].digest, &certs[i]))
            return SAML_ACCEPTED;
    return saml_refuse(cx, SAML_SIGNATURE, "the query: none of %zu keys made its signature", n);
}
