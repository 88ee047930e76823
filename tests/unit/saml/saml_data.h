/* What the tests of lib/saml share: the kept messages (tests/fuzz/corpus/saml: real responses of
 * SimpleSAMLphp and samlp, and attacks made of them), certificates and keys. sp.key was made for these tests
 * and protects nothing. */
#ifndef TESTS_UNIT_SAML_DATA_H
#define TESTS_UNIT_SAML_DATA_H

#include "lib/os/file.h"
#include "lib/saml/saml.h"
#include "tests/unit/testing.h"

enum { DATA_MAX = 300000 };

static inline struct str data_file(struct cx *cx, const char *name)
{
    struct str text;
    assert_ok(
        file_read(cx, arena_printf(cx->arena, TEST_SRCDIR "/tests/unit/saml/%s", name), DATA_MAX, &text));
    return text;
}

static inline struct str data_corpus(struct cx *cx, const char *name)
{
    struct str text;
    assert_ok(
        file_read(cx, arena_printf(cx->arena, TEST_SRCDIR "/tests/fuzz/corpus/%s", name), DATA_MAX, &text));
    return text;
}

static inline struct str data_message(struct cx *cx, const char *name)
{
    return data_corpus(cx, arena_printf(cx->arena, "saml/%s", name));
}

/* The certificates of a file. */
static inline void data_certs(struct cx *cx, const char *name, struct saml_expect *e)
{
    assert_ok(saml_certs_from_pem(cx, data_file(cx, name), &e->certs, &e->certs_n));
}

static inline struct saml_key *data_key(struct cx *cx)
{
    struct saml_key *key;
    assert_ok(saml_key_from_pem(cx, data_file(cx, "sp.key"), data_file(cx, "sp.crt"), &key));
    return key;
}

/* text with the first `find`, which must be in it, replaced. */
static inline const char *replaced(struct cx *cx, const char *text, const char *find, const char *replace)
{
    const char *at = strstr(text, find);
    if (!at)
        fail_msg("%s is not in the text", find);
    return arena_printf(cx->arena, "%.*s%s%s", (int)(at - text), text, replace, at + strlen(find));
}

/* From the first `begin` to the end of the next `end`. */
static inline const char *piece(struct cx *cx, const char *text, const char *begin, const char *end)
{
    const char *from = strstr(text, begin), *to = from ? strstr(from, end) : NULL;
    if (!to)
        fail_msg("%s … %s is not in the text", begin, end);
    return arena_strndup(cx->arena, from, (size_t)(to - from) + strlen(end));
}

/* For all tests of a file: a context, and a key of ours that also plays an identity provider's. */
static struct cx cx;
static struct saml_key *key;

static int start(void **state)
{
    (void)state;
    cx_init(&cx);
    key = data_key(&cx);
    return saml_start(&cx) != RC_OK;
}

static int end(void **state)
{
    (void)state;
    saml_key_free(key);
    saml_stop();
    cx_fini(&cx);
    return 0;
}

#endif
