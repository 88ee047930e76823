/* The context of one request or job: what every fallible call of the platform takes as its first argument.
 * It owns the arena; it only carries the other pointers. lib/base does not know what a database or an actor
 * is. */
#ifndef LIB_BASE_CX_H
#define LIB_BASE_CX_H

#include "lib/base/arena.h"
#include "lib/base/rc.h"

struct db;      /* lib/db/db.h */
struct actor;   /* lib/svc/policy.h */
struct conf;    /* lib/os/conf.h */
struct jwt_key; /* lib/proto/jwt.h */

/* Why the last call failed. `key` names a sentence for people in the catalogues (Err.<key>), `detail` is for
 * the log. */
struct err {
    enum rc rc;
    const char *field;  /* the form field that is wrong, or NULL; static, or in the arena */
    const char *key;    /* static string; NULL: the general sentence for rc */
    const char *detail; /* in the arena */
};

enum { CX_ID_SIZE = 17 };

struct cx {
    struct arena *arena;
    struct err err;
    char id[CX_ID_SIZE]; /* request id: 16 hex digits, on every log line */
    struct db *db;
    const struct actor *actor;
    const struct conf *conf;
    const struct jwt_key *signing; /* lib/svc/keys.h: the key that signed last, in the arena */
};

/* Gives cx a new arena and a random id. Pair with cx_fini. */
void cx_init(struct cx *cx);
void cx_fini(struct cx *cx);
/* For the next request: arena emptied, error cleared, new id; db and conf stay, actor is dropped. */
void cx_reset(struct cx *cx);

/* Notes the failure and returns rc, so that callers write: return err_set(cx, RC_CONFLICT, "slug",
 * "slug_taken", …). The first failure of a chain is the one that counts: callers pass rc on without setting
 * it again. */
enum rc err_set(struct cx *cx, enum rc rc, const char *field, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
void err_clear(struct cx *cx);

#endif
