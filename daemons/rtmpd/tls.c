#include "daemons/rtmpd/tls.h"

#include <openssl/err.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"

enum { LOOK_MS = 10000 };

struct tls {
    char *certificate, *key;
    SSL_CTX *context;
    struct timespec changed;
    int64_t looked; /* clock_mono */
};

static SSL_CTX *load(const struct tls *t)
{
    SSL_CTX *c = SSL_CTX_new(TLS_server_method());
    bool good = c && SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION) == 1 &&
                SSL_CTX_use_certificate_chain_file(c, t->certificate) == 1 &&
                SSL_CTX_use_PrivateKey_file(c, t->key, SSL_FILETYPE_PEM) == 1 &&
                SSL_CTX_check_private_key(c) == 1;
    if (good) {
        SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION);
        return c;
    }
    SSL_CTX_free(c);
    return NULL;
}

static const char *reason(struct cx *cx)
{
    unsigned long e = ERR_peek_last_error();
    const char *words = e ? ERR_reason_error_string(e) : NULL;
    ERR_clear_error();
    return arena_strdup(cx->arena, words ? words : "no reason given");
}

static bool is_changed(struct tls *t)
{
    struct stat st;
    if (stat(t->certificate, &st) != 0 ||
        (st.st_mtim.tv_sec == t->changed.tv_sec && st.st_mtim.tv_nsec == t->changed.tv_nsec))
        return false;
    t->changed = st.st_mtim;
    return true;
}

enum rc tls_new(struct cx *cx, const char *certificate, const char *key, struct tls **out)
{
    struct tls *t = mem_alloc(sizeof *t);
    t->certificate = mem_strdup(certificate);
    t->key = mem_strdup(key);
    t->looked = clock_mono();
    is_changed(t);
    t->context = load(t);
    if (t->context) {
        *out = t;
        return RC_OK;
    }
    tls_free(t);
    return err_set(cx, RC_INVALID, NULL, NULL, "rtmps_certificate %s with rtmps_key %s: %s", certificate, key,
                   reason(cx));
}

void tls_free(struct tls *t)
{
    if (!t)
        return;
    SSL_CTX_free(t->context);
    free(t->certificate);
    free(t->key);
    free(t);
}

SSL_CTX *tls_context(struct tls *t, int64_t now)
{
    if (now - t->looked < LOOK_MS)
        return t->context;
    t->looked = now;
    SSL_CTX *fresh = is_changed(t) ? load(t) : NULL;
    if (fresh) {
        SSL_CTX_free(t->context); /* connections hold references of their own */
        t->context = fresh;
        LOG(INFO, NULL, "new certificate", F_TEXT("file", t->certificate));
    }
    return t->context;
}
