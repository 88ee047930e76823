#include "lib/proto/jwt.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/net/json.h"

enum {
    KEYS_MAX = 64,
    SIG_SIZE = 64,
    KEYS_JSON_MAX = 65536,
    INT_MAX_EXACT = 53 /* bits of an integer that every JSON parser keeps exactly */
};

static const int64_t NUMBER_MAX = INT64_C(1) << INT_MAX_EXACT;

struct jwt_key {
    char kid[JWT_MAX_KID + 1], aud[JWT_MAX_AUD + 1];
    EVP_PKEY *pkey;
};

struct jwt_keys {
    struct jwt_key list[KEYS_MAX];
    size_t n;
};

static bool is_label(const char *s, size_t max)
{
    size_t n = s ? strlen(s) : 0;
    if (n == 0 || n > max)
        return false;
    return strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == n;
}

static void copy_text(char *to, size_t size, const char *from)
{
    size_t n = strlen(from);
    if (n >= size)
        bug("label too long");
    memcpy(to, from, n + 1);
}

void jwt_claims_init(struct jwt_claims *c)
{
    *c = (struct jwt_claims){.iat = -1,
                             .exp = -1,
                             .org = -1,
                             .max = -1,
                             .job = -1,
                             .att = -1,
                             .gmin = -1,
                             .gmax = -1,
                             .idp = -1,
                             .usr = -1,
                             .fen = -1,
                             .node = -1};
}

bool jwt_list_has(const char *const *list, const char *text)
{
    for (; *list; list++)
        if (strcmp(*list, text) == 0)
            return true;
    return false;
}

/* --- private keys --- */

static enum rc key_new(struct cx *cx, const char *kid, const char *aud, EVP_PKEY *pkey, struct jwt_key **out)
{
    if (!is_label(kid, JWT_MAX_KID) || !is_label(aud, JWT_MAX_AUD)) {
        EVP_PKEY_free(pkey);
        return err_set(cx, RC_INVALID, NULL, NULL, "bad key id or audience");
    }
    struct jwt_key *k = mem_alloc(sizeof *k);
    copy_text(k->kid, sizeof k->kid, kid);
    copy_text(k->aud, sizeof k->aud, aud);
    k->pkey = pkey;
    *out = k;
    return RC_OK;
}

enum rc jwt_key_generate(struct cx *cx, const char *kid, const char *aud, struct jwt_key **out)
{
    EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    if (!pkey)
        return err_set(cx, RC_INTERNAL, NULL, NULL, "cannot generate an Ed25519 key");
    return key_new(cx, kid, aud, pkey, out);
}

/* The key inside of PKCS #8 (RFC 8410 section 7). PEM_read_bio_PrivateKey does the same for any kind of key by
 * trying decoders one after the other, and takes nine times as long. */
static EVP_PKEY *ed25519_of(const PKCS8_PRIV_KEY_INFO *info)
{
    const ASN1_OBJECT *kind;
    const unsigned char *p;
    EVP_PKEY *pkey = NULL;
    int n;
    if (!info || PKCS8_pkey_get0(&kind, &p, &n, NULL, info) != 1 || OBJ_obj2nid(kind) != NID_ED25519)
        return NULL;
    ASN1_OCTET_STRING *raw = d2i_ASN1_OCTET_STRING(NULL, &p, n);
    if (raw) {
        pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, ASN1_STRING_get0_data(raw),
                                            (size_t)ASN1_STRING_length(raw));
        mem_wipe(raw->data, (size_t)raw->length);
    }
    ASN1_OCTET_STRING_free(raw);
    return pkey;
}

enum rc jwt_key_from_pem(struct cx *cx, const char *kid, const char *aud, struct str pem,
                         struct jwt_key **out)
{
    BIO *bio = pem.n <= JWT_MAX_TOKEN ? BIO_new_mem_buf(pem.p, (int)pem.n) : NULL;
    char none[] = ""; /* the passphrase: empty, so that OpenSSL does not ask for one on a terminal */
    PKCS8_PRIV_KEY_INFO *info = bio ? PEM_read_bio_PKCS8_PRIV_KEY_INFO(bio, NULL, NULL, none) : NULL;
    EVP_PKEY *pkey = ed25519_of(info);
    PKCS8_PRIV_KEY_INFO_free(info);
    BIO_free(bio);
    if (!pkey)
        return err_set(cx, RC_INVALID, NULL, NULL, "not an Ed25519 private key in PEM");
    return key_new(cx, kid, aud, pkey, out);
}

enum rc jwt_key_to_pem(struct cx *cx, const struct jwt_key *key, struct str *pem)
{
    enum rc rc = RC_OK;
    char *data = NULL;
    BIO *bio = BIO_new(BIO_s_secmem());
    long n = 0;
    if (bio && PEM_write_bio_PKCS8PrivateKey(bio, key->pkey, NULL, NULL, 0, NULL, NULL) == 1)
        n = BIO_get_mem_data(bio, &data);
    if (n <= 0) {
        rc = err_set(cx, RC_INTERNAL, NULL, NULL, "cannot write the key as PEM");
        goto out;
    }
    *pem = (struct str){arena_secret(cx->arena, data, (size_t)n), (size_t)n};
out:
    BIO_free(bio);
    return rc;
}

void jwt_key_public(const struct jwt_key *key, unsigned char x[JWT_X_SIZE])
{
    size_t n = JWT_X_SIZE;
    if (EVP_PKEY_get_raw_public_key(key->pkey, x, &n) != 1 || n != JWT_X_SIZE)
        bug("an Ed25519 key without a public half");
}

const char *jwt_key_kid(const struct jwt_key *key)
{
    return key->kid;
}

const char *jwt_key_aud(const struct jwt_key *key)
{
    return key->aud;
}

void jwt_key_free(struct jwt_key *key)
{
    if (!key)
        return;
    EVP_PKEY_free(key->pkey);
    free(key);
}

/* --- public keys --- */

struct jwt_keys *jwt_keys_new(void)
{
    return mem_alloc(sizeof(struct jwt_keys));
}

void jwt_keys_free(struct jwt_keys *keys)
{
    if (!keys)
        return;
    for (size_t i = 0; i < keys->n; i++)
        EVP_PKEY_free(keys->list[i].pkey);
    free(keys);
}

static size_t find_key(const struct jwt_keys *keys, const char *kid, const char *aud)
{
    size_t i = 0;
    while (i < keys->n && (strcmp(keys->list[i].kid, kid) != 0 || strcmp(keys->list[i].aud, aud) != 0))
        i++;
    return i;
}

enum rc jwt_keys_add(struct cx *cx, struct jwt_keys *keys, const char *kid, const char *aud,
                     const unsigned char x[JWT_X_SIZE])
{
    if (!is_label(kid, JWT_MAX_KID) || !is_label(aud, JWT_MAX_AUD))
        return err_set(cx, RC_INVALID, NULL, NULL, "bad key id or audience");
    size_t at = find_key(keys, kid, aud);
    if (at == KEYS_MAX)
        return err_set(cx, RC_TOOBIG, NULL, NULL, "more than %d keys", KEYS_MAX);
    EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, x, JWT_X_SIZE);
    if (!pkey)
        return err_set(cx, RC_INVALID, NULL, NULL, "key %s is no Ed25519 public key", kid);

    struct jwt_key *k = &keys->list[at];
    EVP_PKEY_free(k->pkey);
    copy_text(k->kid, sizeof k->kid, kid);
    copy_text(k->aud, sizeof k->aud, aud);
    k->pkey = pkey;
    if (at == keys->n)
        keys->n++;
    return RC_OK;
}

static enum rc add_from_json(struct cx *cx, struct jwt_keys *keys, const json_t *o, const char *only)
{
    const char *kid = NULL, *aud = NULL, *x = NULL;
    unsigned char *raw = NULL;
    size_t n = 0;
    enum rc rc = js_str(cx, o, "kid", JWT_MAX_KID, &kid);
    if (rc == RC_OK)
        rc = js_str(cx, o, "aud", JWT_MAX_AUD, &aud);
    if (rc == RC_OK)
        rc = js_str(cx, o, "x", 2 * JWT_X_SIZE, &x);
    if (rc != RC_OK)
        return rc;
    if (only && strcmp(only, aud) != 0)
        return RC_OK;
    if (!str_b64url_decode(cx->arena, str_of(x), &raw, &n) || n != JWT_X_SIZE)
        return err_set(cx, RC_INVALID, "x", NULL, "key %s: x is not base64url of %d bytes", kid, JWT_X_SIZE);
    return jwt_keys_add(cx, keys, kid, aud, raw);
}

enum rc jwt_keys_from_json(struct cx *cx, struct str json, const char *aud, struct jwt_keys **out)
{
    const json_t *root, *list;
    enum rc rc = js_parse(cx, json, KEYS_JSON_MAX, &root);
    if (rc != RC_OK)
        return rc;
    list = json_is_object(root) ? json_object_get(root, "keys") : root;
    if (!json_is_array(list))
        return err_set(cx, RC_INVALID, NULL, NULL, "no list of keys");

    struct jwt_keys *keys = jwt_keys_new();
    for (size_t i = 0; i < json_array_size(list) && rc == RC_OK; i++)
        rc = add_from_json(cx, keys, json_array_get(list, i), aud);
    if (rc == RC_OK)
        *out = keys;
    else
        jwt_keys_free(keys);
    return rc;
}

/* --- signing --- */

static void put_int(json_t *o, const char *name, int64_t v)
{
    if (v >= 0)
        json_object_set_new(o, name, json_integer(v));
}

static void put_text(json_t *o, const char *name, const char *v)
{
    if (v)
        json_object_set_new(o, name, json_string(v));
}

static void put_list(json_t *o, const char *name, const char *const *list)
{
    if (!*list)
        return;
    json_t *a = json_array();
    for (; *list; list++)
        json_array_append_new(a, json_string(*list));
    json_object_set_new(o, name, a);
}

static struct str payload_of(struct cx *cx, const struct jwt_key *key, const struct jwt_claims *c)
{
    json_t *o = js_object(cx);
    put_text(o, "aud", key->aud);
    put_int(o, "iat", c->iat);
    put_int(o, "exp", c->exp);
    put_int(o, "org", c->org);
    put_list(o, "roles", c->roles);
    put_text(o, "jti", c->jti);
    put_text(o, "up", c->up);
    put_int(o, "max", c->max);
    put_text(o, "back", c->back);
    put_text(o, "st", c->st);
    put_int(o, "job", c->job);
    put_int(o, "att", c->att);
    put_list(o, "get", c->get);
    put_text(o, "put", c->put);
    put_text(o, "lec", c->lec);
    put_int(o, "gmin", c->gmin);
    put_int(o, "gmax", c->gmax);
    put_list(o, "views", c->views);
    if (c->lec)
        json_object_set_new(o, "dl", json_boolean(c->dl));
    put_text(o, "rid", c->rid);
    put_int(o, "idp", c->idp);
    put_text(o, "next", c->next);
    put_text(o, "old", c->old);
    put_int(o, "usr", c->usr);
    put_text(o, "ses", c->ses);
    put_int(o, "fen", c->fen);
    put_int(o, "node", c->node);
    return js_text(cx, o);
}

enum rc jwt_sign(struct cx *cx, const struct jwt_key *key, const struct jwt_claims *c, const char **token)
{
    unsigned char sig[SIG_SIZE];
    size_t n = sizeof sig;
    if ((c->aud && strcmp(c->aud, key->aud) != 0) || c->iat < 0 || c->exp <= c->iat)
        return err_set(cx, RC_INVALID, NULL, NULL, "claims do not fit the key: aud, iat or exp");

    struct str payload = payload_of(cx, key, c);
    const char *head =
        arena_printf(cx->arena, "{\"alg\":\"EdDSA\",\"kid\":\"%s\",\"typ\":\"JWT\"}", key->kid);
    const char *input = arena_printf(cx->arena, "%s.%s", str_b64url(cx->arena, head, strlen(head)),
                                     str_b64url(cx->arena, payload.p, payload.n));
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    bool ok = md && EVP_DigestSignInit(md, NULL, NULL, NULL, key->pkey) == 1 &&
              EVP_DigestSign(md, sig, &n, (const unsigned char *)input, strlen(input)) == 1;
    EVP_MD_CTX_free(md);
    if (!ok || n != SIG_SIZE)
        return err_set(cx, RC_INTERNAL, NULL, NULL, "cannot sign");

    const char *whole = arena_printf(cx->arena, "%s.%s", input, str_b64url(cx->arena, sig, n));
    if (strlen(whole) > JWT_MAX_TOKEN)
        return err_set(cx, RC_TOOBIG, NULL, NULL, "token of %zu bytes", strlen(whole));
    *token = whole;
    return RC_OK;
}

/* --- verifying --- */

static enum rc refuse(struct cx *cx, const char *why)
{
    return err_set(cx, RC_DENIED, NULL, "token_invalid", "token: %s", why);
}

/* Accepts only the canonical form of base64url, so that two different texts are never the same token. */
static bool decode(struct cx *cx, struct str s, unsigned char **p, size_t *n)
{
    if (s.n == 0 || !str_b64url_decode(cx->arena, s, p, n))
        return false;
    return str_eq(s, str_b64url(cx->arena, *p, *n));
}

/* Strict: exactly alg EdDSA, kid and optionally typ JWT. Anything more (crit, jwk, jku, b64 …) is refused,
 * not ignored. */
static enum rc read_head(struct cx *cx, struct str part, const char **kid)
{
    unsigned char *p;
    size_t n;
    const json_t *o;
    if (!decode(cx, part, &p, &n) ||
        js_parse_object(cx, (struct str){(char *)p, n}, JWT_MAX_TEXT, &o) != RC_OK)
        return refuse(cx, "header is not JSON");
    const char *typ = js_get_str(o, "typ", NULL), *id = js_get_str(o, "kid", NULL);
    size_t members = 2 + (json_object_get(o, "typ") != NULL);
    if (strcmp(js_get_str(o, "alg", ""), "EdDSA") != 0)
        return refuse(cx, "alg is not EdDSA");
    if (!is_label(id, JWT_MAX_KID) || (members == 3 && (!typ || strcmp(typ, "JWT") != 0)))
        return refuse(cx, "bad kid or typ");
    if (json_object_size(o) != members)
        return refuse(cx, "unknown header member");
    *kid = id;
    return RC_OK;
}

static bool signature_true(EVP_PKEY *pkey, struct str input, const unsigned char *sig)
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    bool ok = md && EVP_DigestVerifyInit(md, NULL, NULL, NULL, pkey) == 1 &&
              EVP_DigestVerify(md, sig, SIG_SIZE, (const unsigned char *)input.p, input.n) == 1;
    EVP_MD_CTX_free(md);
    return ok;
}

static enum rc read_list(struct cx *cx, const json_t *o, const char *name, const char **list)
{
    const json_t *a = NULL;
    enum rc rc = js_opt_arr(cx, o, name, &a);
    if (rc != RC_OK || !a)
        return rc;
    if (json_array_size(a) > JWT_MAX_LIST)
        return err_set(cx, RC_INVALID, name, NULL, "list too long");
    for (size_t i = 0; i < json_array_size(a); i++) {
        const json_t *v = json_array_get(a, i);
        if (!json_is_string(v) || json_string_length(v) > JWT_MAX_TEXT)
            return err_set(cx, RC_INVALID, name, NULL, "not a list of texts");
        list[i] = json_string_value(v);
    }
    return RC_OK;
}

static enum rc read_claims(struct cx *cx, const json_t *o, struct jwt_claims *c)
{
    struct number {
        const char *name;
        int64_t *to;
    } const numbers[] = {{"org", &c->org},   {"max", &c->max},   {"job", &c->job}, {"att", &c->att},
                         {"gmin", &c->gmin}, {"gmax", &c->gmax}, {"idp", &c->idp}, {"usr", &c->usr},
                         {"fen", &c->fen},   {"node", &c->node}};
    struct text {
        const char *name;
        const char **to;
    } const texts[] = {{"jti", &c->jti}, {"up", &c->up},   {"back", &c->back}, {"st", &c->st},
                       {"put", &c->put}, {"lec", &c->lec}, {"rid", &c->rid},   {"next", &c->next},
                       {"old", &c->old}, {"ses", &c->ses}};
    struct list {
        const char *name;
        const char **to;
    } const lists[] = {{"roles", c->roles}, {"get", c->get}, {"views", c->views}};
    enum rc rc = js_str(cx, o, "aud", JWT_MAX_AUD, &c->aud);
    if (rc == RC_OK)
        rc = js_i64(cx, o, "iat", 0, NUMBER_MAX, &c->iat);
    if (rc == RC_OK)
        rc = js_i64(cx, o, "exp", 0, NUMBER_MAX, &c->exp);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers && rc == RC_OK; i++)
        rc = js_opt_i64(cx, o, numbers[i].name, 0, NUMBER_MAX, numbers[i].to);
    for (size_t i = 0; i < sizeof texts / sizeof *texts && rc == RC_OK; i++)
        rc = js_opt_str(cx, o, texts[i].name, JWT_MAX_TEXT, texts[i].to);
    for (size_t i = 0; i < sizeof lists / sizeof *lists && rc == RC_OK; i++)
        rc = read_list(cx, o, lists[i].name, lists[i].to);
    return rc == RC_OK ? js_opt_bool(cx, o, "dl", &c->dl) : rc;
}

static enum rc check_times(struct cx *cx, const struct jwt_claims *c, int64_t now)
{
    if (c->exp <= now)
        return err_set(cx, RC_DENIED, NULL, "token_expired", "token: expired %lld s ago",
                       (long long)(now - c->exp));
    if (c->iat > now + JWT_SKEW || c->exp <= c->iat)
        return refuse(cx, "iat lies in the future or after exp");
    return RC_OK;
}

enum rc jwt_verify(struct cx *cx, const struct jwt_keys *keys, const char *aud, int64_t now, struct str token,
                   struct jwt_claims *out)
{
    struct str rest = token;
    const char *kid = NULL;
    unsigned char *sig, *body;
    size_t sig_n, body_n;
    const json_t *o;
    struct jwt_claims c;
    if (token.n == 0 || token.n > JWT_MAX_TOKEN)
        return refuse(cx, "empty or too long");
    struct str head = str_cut(&rest, '.'), payload = str_cut(&rest, '.');
    enum rc rc = read_head(cx, head, &kid);
    if (rc != RC_OK)
        return rc;
    if (!decode(cx, rest, &sig, &sig_n) || sig_n != SIG_SIZE || !decode(cx, payload, &body, &body_n))
        return refuse(cx, "not three parts of base64url");

    size_t at = find_key(keys, kid, aud);
    if (at == keys->n)
        return err_set(cx, RC_NOTFOUND, NULL, "token_invalid", "token: no key %s for %s", kid, aud);
    struct str input = {token.p, head.n + 1 + payload.n};
    if (!signature_true(keys->list[at].pkey, input, sig))
        return refuse(cx, "wrong signature");

    jwt_claims_init(&c);
    if (js_parse_object(cx, (struct str){(char *)body, body_n}, JWT_MAX_TOKEN, &o) != RC_OK ||
        read_claims(cx, o, &c) != RC_OK)
        return refuse(cx, "claims are malformed");
    if (strcmp(c.aud, aud) != 0)
        return refuse(cx, "another audience");
    rc = check_times(cx, &c, now);
    if (rc == RC_OK)
        *out = c;
    return rc;
}
