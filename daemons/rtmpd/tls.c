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
    struct timespec changed; /* of the file of the context */
    struct timespec refused; /* of the last that could not be used */
    int64_t looked;          /* clock_mono */
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

/* Of what OpenSSL refused last; static. */
static const char *reason(void)
{
    unsigned long e = ERR_peek_last_error();
    const char *words = e ? ERR_reason_error_string(e) : NULL;
    return words ? words : "no reason given";
}

static bool same(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool is_changed(const struct tls *t, struct timespec *when)
{
    struct stat st;
    if (stat(t->certificate, &st) != 0 || same(&st.st_mtim, &t->changed))
        return false;
    *when = st.st_mtim;
    return true;
}

enum rc tls_new(struct cx *cx, const char *certificate, const char *key, struct tls **out)
{
    struct tls *t = mem_alloc(sizeof *t);
    t->certificate = mem_strdup(certificate);
    t->key = mem_strdup(key);
    t->looked = clock_mono();
    is_changed(t, &t->changed);
    t->context = load(t);
    if (t->context) {
        *out = t;
        return RC_OK;
    }
    tls_free(t);
    err_set(cx, RC_INVALID, NULL, NULL, "rtmps_certificate %s with rtmps_key %s: %s", certificate, key,
            reason());
    ERR_clear_error();
    return RC_INVALID;
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

/* A file that is only half written, or whose key is not there yet, is tried again at every look. */
static void renew(struct tls *t, const struct timespec *when)
{
    SSL_CTX *fresh = load(t);
    if (fresh) {
        SSL_CTX_free(t->context); /* connections hold references of their own */
        t->context = fresh;
        t->changed = *when;
        LOG(INFO, NULL, "new certificate", F_TEXT("file", t->certificate));
        return;
    }
    if (!same(when, &t->refused))
        LOG(WARN, NULL, "the new certificate cannot be used with the key, trying on with the old one",
            F_TEXT("file", t->certificate), F_TEXT("reason", reason()));
    t->refused = *when;
    ERR_clear_error();
}

SSL_CTX *tls_context(struct tls *t, int64_t now)
{
    struct timespec when;
    if (now - t->looked < LOOK_MS)
        return t->context;
    t->looked = now;
    if (is_changed(t, &when))
        renew(t, &when);
    return t->context;
}
