/* Tokens: what is signed comes back, and nothing else is ever accepted. */
#include "tests/unit/testing.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/proto/jwt.h"

enum { NOW = 1800000000 };

struct fixture {
    struct cx cx;
    struct jwt_key *key, *other;
    struct jwt_keys *keys;
};

static void add_public(struct fixture *f, const struct jwt_key *key)
{
    unsigned char x[JWT_X_SIZE];
    jwt_key_public(key, x);
    assert_ok(jwt_keys_add(&f->cx, f->keys, jwt_key_kid(key), jwt_key_aud(key), x));
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    cx_init(&f->cx);
    assert_ok(jwt_key_generate(&f->cx, "k1", JWT_AUD_PLAY, &f->key));
    assert_ok(jwt_key_generate(&f->cx, "k1", JWT_AUD_PLAY, &f->other));
    f->keys = jwt_keys_new();
    add_public(f, f->key);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    jwt_key_free(f->key);
    jwt_key_free(f->other);
    jwt_keys_free(f->keys);
    cx_fini(&f->cx);
    free(f);
    return 0;
}

static struct jwt_claims play_claims(void)
{
    struct jwt_claims c;
    jwt_claims_init(&c);
    c.iat = NOW - 10;
    c.exp = NOW + 900;
    c.lec = "abcdef123456";
    c.gmin = 1;
    c.gmax = 3;
    c.views[0] = "CAM";
    c.views[1] = "PRES";
    c.dl = true;
    return c;
}

static struct jwt_claims job_claims(void)
{
    struct jwt_claims c;
    jwt_claims_init(&c);
    c.iat = NOW;
    c.exp = NOW + 60;
    c.job = 7;
    c.att = 2;
    c.get[0] = "sources/abc";
    c.put = "artifacts/abcdef123456/7-2/";
    return c;
}

static const char *sign(struct fixture *f, const struct jwt_key *key, const struct jwt_claims *c)
{
    const char *t = NULL;
    assert_ok(jwt_sign(&f->cx, key, c, &t));
    return arena_strdup(f->cx.arena, t); /* gcc 12 would warn about returning t */
}

static enum rc verify(struct fixture *f, const char *token)
{
    struct jwt_claims out;
    return jwt_verify(&f->cx, f->keys, JWT_AUD_PLAY, NOW, str_of(token), &out);
}

/* Signs any header and payload with the right key, so that a refusal is due to their content. */
static const char *forge(struct fixture *f, const char *head, const char *payload)
{
    struct str pem;
    unsigned char sig[64];
    size_t n = sizeof sig;
    const char *input = arena_printf(f->cx.arena, "%s.%s", str_b64url(f->cx.arena, head, strlen(head)),
                                     str_b64url(f->cx.arena, payload, strlen(payload)));
    assert_ok(jwt_key_to_pem(&f->cx, f->key, &pem));
    BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
    EVP_PKEY *pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(md, NULL, NULL, NULL, pkey), 1);
    assert_int_equal(EVP_DigestSign(md, sig, &n, (const unsigned char *)input, strlen(input)), 1);
    EVP_MD_CTX_free(md);
    EVP_PKEY_free(pkey);
    BIO_free(bio);
    return arena_printf(f->cx.arena, "%s.%s", input, str_b64url(f->cx.arena, sig, n));
}

static void test_round_trip(void **state)
{
    struct fixture *f = *state;
    struct jwt_claims c = play_claims(), out;
    const char *t = sign(f, f->key, &c);
    assert_ok(jwt_verify(&f->cx, f->keys, JWT_AUD_PLAY, NOW, str_of(t), &out));
    assert_string_equal(out.lec, "abcdef123456");
    assert_int_equal(out.gmin, 1);
    assert_int_equal(out.gmax, 3);
    assert_true(out.dl);
    assert_null(out.st);
    assert_true(jwt_list_has(out.views, "CAM"));
    assert_true(jwt_list_has(out.views, "PRES"));
    assert_false(jwt_list_has(out.views, "COMB"));
    assert_int_equal(out.job, -1);
    assert_null(out.up);
    assert_int_equal(out.exp, NOW + 900);
}

static void test_ingest_claims(void **state)
{
    struct fixture *f = *state;
    struct jwt_claims c, out;
    struct jwt_key *k;
    jwt_claims_init(&c);
    c.iat = NOW;
    c.exp = NOW + 60;
    c.jti = "once";
    c.ses = "session00001";
    c.job = 7;
    c.fen = 0;
    c.node = 3;
    c.lec = "lecture00001";
    c.views[0] = "PRES";
    assert_ok(jwt_key_generate(&f->cx, "i1", JWT_AUD_INGEST, &k));
    add_public(f, k);
    assert_ok(jwt_verify(&f->cx, f->keys, JWT_AUD_INGEST, NOW, str_of(sign(f, k, &c)), &out));
    assert_string_equal(out.ses, "session00001");
    assert_int_equal(out.fen, 0);
    assert_int_equal(out.node, 3);
    assert_int_equal(out.job, 7);
    assert_string_equal(out.jti, "once");
    assert_string_equal(out.views[0], "PRES");
    assert_rc(jwt_verify(&f->cx, f->keys, JWT_AUD_STORE, NOW, str_of(sign(f, k, &c)), &out), RC_NOTFOUND);
    err_clear(&f->cx);
    jwt_key_free(k);
}

static void test_store_and_join_claims(void **state)
{
    struct fixture *f = *state;
    struct jwt_claims c = job_claims(), out;
    struct jwt_key *k;
    assert_ok(jwt_key_generate(&f->cx, "s1", JWT_AUD_STORE, &k));
    add_public(f, k);
    assert_ok(jwt_verify(&f->cx, f->keys, JWT_AUD_STORE, NOW, str_of(sign(f, k, &c)), &out));
    assert_int_equal(out.job, 7);
    assert_string_equal(out.put, c.put);
    assert_string_equal(out.get[0], "sources/abc");
    jwt_key_free(k);
}

static void test_times(void **state)
{
    struct fixture *f = *state;
    struct jwt_claims c = play_claims();
    c.exp = NOW;
    assert_rc(verify(f, sign(f, f->key, &c)), RC_DENIED);
    assert_string_equal(f->cx.err.key, "token_expired");
    c.exp = NOW + 1;
    assert_ok(verify(f, sign(f, f->key, &c)));
    c = play_claims();
    c.iat = NOW + JWT_SKEW;
    assert_ok(verify(f, sign(f, f->key, &c)));
    c.iat = NOW + JWT_SKEW + 1;
    assert_rc(verify(f, sign(f, f->key, &c)), RC_DENIED);
}

static void test_wrong_key_and_audience(void **state)
{
    struct fixture *f = *state;
    struct jwt_claims c = play_claims(), out;
    const char *t = sign(f, f->other, &c); /* same kid and aud, another key */
    assert_rc(verify(f, t), RC_DENIED);
    t = sign(f, f->key, &c);
    assert_rc(jwt_verify(&f->cx, f->keys, JWT_AUD_STORE, NOW, str_of(t), &out), RC_NOTFOUND);

    /* The same key registered for another audience too: the claim decides. */
    unsigned char x[JWT_X_SIZE];
    jwt_key_public(f->key, x);
    assert_ok(jwt_keys_add(&f->cx, f->keys, "k1", JWT_AUD_STORE, x));
    assert_rc(jwt_verify(&f->cx, f->keys, JWT_AUD_STORE, NOW, str_of(t), &out), RC_DENIED);
    c.aud = JWT_AUD_STORE;
    assert_rc(jwt_sign(&f->cx, f->key, &c, &t), RC_INVALID);
}

static void test_forged_heads(void **state)
{
    static const char body[] = "{\"aud\":\"play\",\"iat\":1,\"exp\":9999999999,\"lec\":\"abcdef123456\"}";
    static const char *const heads[] = {
        "{\"alg\":\"none\",\"kid\":\"k1\"}",
        "{\"alg\":\"HS256\",\"kid\":\"k1\",\"typ\":\"JWT\"}",
        "{\"alg\":\"EdDSA\"}",
        "{\"alg\":\"EdDSA\",\"kid\":\"\"}",
        "{\"alg\":\"EdDSA\",\"kid\":\"../k1\"}",
        "{\"alg\":\"EdDSA\",\"kid\":1}",
        "{\"alg\":\"EdDSA\",\"kid\":\"k1\",\"crit\":[\"x\"]}",
        "{\"alg\":\"EdDSA\",\"kid\":\"k1\",\"jwk\":{\"x\":\"\"}}",
        "{\"alg\":\"EdDSA\",\"alg\":\"none\",\"kid\":\"k1\"}",
        "{\"alg\":\"EdDSA\",\"kid\":\"k1\",\"typ\":\"JOSE\"}",
        "[]",
        "null",
        "{",
    };
    struct fixture *f = *state;
    assert_ok(verify(f, forge(f, "{\"alg\":\"EdDSA\",\"kid\":\"k1\"}", body)));
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        assert_rc(verify(f, forge(f, heads[i], body)), RC_DENIED);
    assert_rc(verify(f, forge(f, "{\"alg\":\"EdDSA\",\"kid\":\"k9\"}", body)), RC_NOTFOUND);
    struct jwt_claims c = play_claims();
    const char *mine = forge(f, "{\"alg\":\"EdDSA\",\"kid\":\"k1\"}", body);
    assert_rc(verify(f, arena_printf(f->cx.arena, "%.*s%s", (int)(strrchr(mine, '.') - mine), mine,
                                     strrchr(sign(f, f->key, &c), '.'))),
              RC_DENIED); /* foreign signature */
    /* alg none in its usual form: no signature at all */
    const char *none = forge(f, heads[0], body);
    assert_rc(verify(f, arena_strndup(f->cx.arena, none, (size_t)(strrchr(none, '.') - none) + 1)),
              RC_DENIED);
}

static void test_every_byte_and_length(void **state)
{
    struct fixture *f = *state;
    struct jwt_claims c = play_claims(), out;
    const char *t = sign(f, f->key, &c);
    size_t n = strlen(t);
    char *copy = arena_strdup(f->cx.arena, t);
    for (size_t i = 0; i < n; i++) {
        copy[i] = t[i] == 'A' ? 'B' : 'A';
        assert_int_not_equal(verify(f, copy), RC_OK);
        copy[i] = t[i];
        assert_int_not_equal(jwt_verify(&f->cx, f->keys, JWT_AUD_PLAY, NOW, (struct str){t, i}, &out), RC_OK);
    }
    assert_rc(verify(f, arena_printf(f->cx.arena, "%sA", t)), RC_DENIED);
    assert_rc(verify(f, arena_printf(f->cx.arena, "%s.", t)), RC_DENIED);
    assert_rc(verify(f, arena_printf(f->cx.arena, "%s=", t)), RC_DENIED);
    assert_rc(verify(f, arena_printf(f->cx.arena, " %s", t)), RC_DENIED);
    assert_rc(verify(f, ""), RC_DENIED);
    assert_rc(verify(f, ".."), RC_DENIED);
    char *big = arena_alloc(f->cx.arena, JWT_MAX_TOKEN + 2);
    memset(big, 'A', JWT_MAX_TOKEN + 1);
    assert_rc(verify(f, big), RC_DENIED);
}

static void test_pem(void **state)
{
    struct fixture *f = *state;
    struct jwt_claims c = play_claims();
    struct str pem;
    struct jwt_key *again;
    assert_ok(jwt_key_to_pem(&f->cx, f->key, &pem));
    assert_true(str_starts(pem, "-----BEGIN PRIVATE KEY-----"));
    assert_ok(jwt_key_from_pem(&f->cx, "k1", JWT_AUD_PLAY, pem, &again));
    assert_ok(verify(f, sign(f, again, &c)));
    jwt_key_free(again);
    assert_rc(jwt_key_from_pem(&f->cx, "k1", JWT_AUD_PLAY, STR("garbage"), &again), RC_INVALID);
    assert_rc(jwt_key_from_pem(&f->cx, "k/1", JWT_AUD_PLAY, pem, &again), RC_INVALID);
    assert_rc(jwt_key_generate(&f->cx, "", JWT_AUD_PLAY, &again), RC_INVALID);
}

/* Keys that the openssl program has made: genpkey -algorithm ED25519, X25519 (the same form, for another use),
 * ED25519 -aes256. */
static void test_pem_of_others(void **state)
{
    static const char *const wrong[] = {
        "-----BEGIN PRIVATE KEY-----\n"
        "MC4CAQAwBQYDK2VuBCIEIGA6K9bgh1vOP4PzsVKT8BrKfN1WC/jHgaPg5W05PKtO\n"
        "-----END PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\n"
        "MC0CAQAwBQYDK2VwBCEEH+SXRYNHD6blN9Ak3lSofGrLjtukbtmc+xi0IifHN4Q=\n" /* 31 bytes */
        "-----END PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\n"
        "MA4CAQAwBQYDK2VwBAIE/w==\n" /* a length without bytes */
        "-----END PRIVATE KEY-----\n",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
        "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAijYORoDjIxBQICCAAw\n"
        "-----END ENCRYPTED PRIVATE KEY-----\n",
    };
    struct fixture *f = *state;
    struct jwt_key *key;
    unsigned char x[JWT_X_SIZE];
    assert_ok(jwt_key_from_pem(&f->cx, "k1", JWT_AUD_PLAY,
                               STR("-----BEGIN PRIVATE KEY-----\n"
                                   "MC4CAQAwBQYDK2VwBCIEIOSXRYNHD6blN9Ak3lSofGrLjtukbtmc+xi0IifHN4Qf\n"
                                   "-----END PRIVATE KEY-----\n"),
                               &key));
    jwt_key_public(key, x);
    assert_string_equal(str_hex(f->cx.arena, x, sizeof x),
                        "d557254053955df342a019961ea213b0a14cc68efda3b6dade48e257d4133c5a");
    jwt_key_free(key);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_rc(jwt_key_from_pem(&f->cx, "k1", JWT_AUD_PLAY, str_of(wrong[i]), &key), RC_INVALID);
}

static void test_keys_json(void **state)
{
    struct fixture *f = *state;
    struct jwt_claims c = play_claims(), job = job_claims(), out;
    struct jwt_key *store;
    struct jwt_keys *keys;
    unsigned char x[JWT_X_SIZE], y[JWT_X_SIZE];
    assert_ok(jwt_key_generate(&f->cx, "k2", JWT_AUD_STORE, &store));
    jwt_key_public(f->key, x);
    jwt_key_public(store, y);
    const char *json =
        arena_printf(f->cx.arena,
                     "{\"keys\":[{\"kid\":\"k1\",\"aud\":\"play\",\"x\":\"%s\"},"
                     "{\"kid\":\"k2\",\"aud\":\"store\",\"x\":\"%s\"}]}",
                     str_b64url(f->cx.arena, x, sizeof x), str_b64url(f->cx.arena, y, sizeof y));
    assert_ok(jwt_keys_from_json(&f->cx, str_of(json), JWT_AUD_PLAY, &keys));
    assert_ok(jwt_verify(&f->cx, keys, JWT_AUD_PLAY, NOW, str_of(sign(f, f->key, &c)), &out));
    assert_rc(jwt_verify(&f->cx, keys, JWT_AUD_STORE, NOW, str_of(sign(f, store, &job)), &out), RC_NOTFOUND);
    jwt_keys_free(keys);
    assert_ok(jwt_keys_from_json(&f->cx, str_of(json), NULL, &keys));
    assert_ok(jwt_verify(&f->cx, keys, JWT_AUD_PLAY, NOW, str_of(sign(f, f->key, &c)), &out));
    assert_ok(jwt_verify(&f->cx, keys, JWT_AUD_STORE, NOW, str_of(sign(f, store, &job)), &out));
    jwt_keys_free(keys);
    jwt_key_free(store);
    assert_rc(jwt_keys_from_json(&f->cx, STR("{}"), NULL, &keys), RC_INVALID);
    assert_rc(
        jwt_keys_from_json(&f->cx, STR("[{\"kid\":\"k\",\"aud\":\"play\",\"x\":\"AAAA\"}]"), NULL, &keys),
        RC_INVALID);
}

static void test_bounds(void **state)
{
    struct fixture *f = *state;
    struct jwt_claims c = play_claims();
    const char *t;
    char *big = arena_alloc(f->cx.arena, JWT_MAX_TOKEN + 1);
    memset(big, 'x', JWT_MAX_TOKEN);
    c.lec = big;
    assert_rc(jwt_sign(&f->cx, f->key, &c, &t), RC_TOOBIG);
    big[JWT_MAX_TEXT + 1] = '\0';
    assert_rc(verify(f, sign(f, f->key, &c)), RC_DENIED);
    unsigned char x[JWT_X_SIZE];
    jwt_key_public(f->key, x);
    for (int i = 0; i < 63; i++)
        assert_ok(jwt_keys_add(&f->cx, f->keys, arena_printf(f->cx.arena, "n%d", i), JWT_AUD_PLAY, x));
    assert_rc(jwt_keys_add(&f->cx, f->keys, "n64", JWT_AUD_PLAY, x), RC_TOOBIG);
    assert_ok(jwt_keys_add(&f->cx, f->keys, "n3", JWT_AUD_PLAY, x));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_round_trip, setup, teardown),
        cmocka_unit_test_setup_teardown(test_store_and_join_claims, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ingest_claims, setup, teardown),
        cmocka_unit_test_setup_teardown(test_times, setup, teardown),
        cmocka_unit_test_setup_teardown(test_wrong_key_and_audience, setup, teardown),
        cmocka_unit_test_setup_teardown(test_forged_heads, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_byte_and_length, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pem_of_others, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pem, setup, teardown),
        cmocka_unit_test_setup_teardown(test_keys_json, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bounds, setup, teardown),
    };
    return cmocka_run_group_tests_name("jwt", tests, NULL, NULL);
}
