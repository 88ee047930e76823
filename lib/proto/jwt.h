/* Tokens: compact JWS (RFC 7515) signed with Ed25519 (RFC 8037), with the claims Lectern uses. Pure: bytes,
 * keys and the time in, claims out; callers read the files. The verifier accepts only alg EdDSA and the
 * audience that the caller names, finds the key by (kid, aud) and never takes a key from the token. Safe to
 * use from several threads. */
#ifndef LIB_PROTO_JWT_H
#define LIB_PROTO_JWT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/base/str.h"

enum {
    JWT_MAX_TOKEN = 4096, /* bytes of a whole token */
    JWT_MAX_KID = 32,     /* characters of a key id: [A-Za-z0-9_-] */
    JWT_MAX_AUD = 16,
    JWT_MAX_LIST = 16,   /* entries of roles, get and views */
    JWT_MAX_TEXT = 1024, /* bytes of one text claim */
    JWT_X_SIZE = 32,     /* raw Ed25519 public key */
    JWT_SKEW = 30        /* seconds of another machine's clock tolerated for iat (never for exp) */
};

#define JWT_AUD_JOIN   "join"   /* organisation token: a new node joins */
#define JWT_AUD_STORE  "store"  /* upload token (up) and job token (job) */
#define JWT_AUD_PLAY   "play"   /* playback token */
#define JWT_AUD_SSO    "sso"    /* cookie of a sign-in at a university that has begun */
#define JWT_AUD_INGEST "ingest" /* ticket: an entry brings a live stream to an ingest */

/* Absent numbers are -1, absent texts NULL, absent lists empty. Lists end with NULL. Times are seconds since
 * 1970. */
struct jwt_claims {
    const char *aud;
    int64_t iat, exp;
    /* join */
    int64_t org;
    const char *roles[JWT_MAX_LIST + 1];
    const char *jti;
    /* store, upload */
    const char *up;   /* upload id */
    int64_t max;      /* largest size, bytes */
    const char *back; /* page of the core to return to */
    const char *st;   /* address of the storage node that it is for; "": the core's own */
    /* store, job */
    int64_t job, att;
    const char *get[JWT_MAX_LIST + 1]; /* readable objects: "sources/U" */
    const char *put;                   /* writable prefix: "artifacts/<lecture>/<job>-<attempt>/" */
    /* play */
    const char *lec;
    int64_t gmin, gmax; /* generations, inclusive */
    const char *views[JWT_MAX_LIST + 1];
    bool dl;
    /* sso */
    const char *rid;  /* id of the request that the identity provider answers */
    int64_t idp;      /* row of the identity provider */
    const char *next; /* page to go to afterwards */
    const char *old;  /* SHA-256 of the session that ends then, base64url */
    int64_t usr;      /* the person who wants to link another way of signing in */
    /* ingest: jti, job, lec, the view in views, and */
    const char *ses;   /* session of the live stream */
    int64_t fen, node; /* fence of the job, and the node that has it */
};

/* Sets all claims to absent. */
void jwt_claims_init(struct jwt_claims *c);
/* True if the NULL-terminated list contains the text. */
bool jwt_list_has(const char *const *list, const char *text);

/* --- keys --- */

struct jwt_key; /* a private key with its id and audience */

/* All keys are heap objects: free them with jwt_key_free. kid and aud are copied and must fit the limits
 * above. */
WARN_UNUSED enum rc jwt_key_generate(struct cx *cx, const char *kid, const char *aud, struct jwt_key **out);
/* PKCS#8 PEM ("PRIVATE KEY"), unencrypted. RC_INVALID if it is no Ed25519 private key. */
WARN_UNUSED enum rc jwt_key_from_pem(struct cx *cx, const char *kid, const char *aud, struct str pem,
                                     struct jwt_key **out);
/* The text is in the arena and is overwritten when the arena is emptied. */
WARN_UNUSED enum rc jwt_key_to_pem(struct cx *cx, const struct jwt_key *key, struct str *pem);
void jwt_key_public(const struct jwt_key *key, unsigned char x[JWT_X_SIZE]);
const char *jwt_key_kid(const struct jwt_key *key);
const char *jwt_key_aud(const struct jwt_key *key);
void jwt_key_free(struct jwt_key *key); /* NULL is fine */

struct jwt_keys; /* public keys of any audiences, looked up by (kid, aud) */

struct jwt_keys *jwt_keys_new(void);
void jwt_keys_free(struct jwt_keys *keys); /* NULL is fine */
/* The same (kid, aud) again replaces the key. RC_INVALID: kid, aud or x break the rules; RC_TOOBIG: over 64
 * keys. */
WARN_UNUSED enum rc jwt_keys_add(struct cx *cx, struct jwt_keys *keys, const char *kid, const char *aud,
                                 const unsigned char x[JWT_X_SIZE]);
/* The form of keys.json and of the heartbeat: {"keys":[{"kid":…,"aud":…,"x":"<base64url of 32 bytes>"}…]}, or
 * just the array. Keys of another audience than `aud` are left out; aud NULL takes all. */
WARN_UNUSED enum rc jwt_keys_from_json(struct cx *cx, struct str json, const char *aud,
                                       struct jwt_keys **out);

/* --- tokens --- */

/* c->aud must be the key's audience (or NULL: it is filled in); iat and exp must be set. The token is in the
 * arena. */
WARN_UNUSED enum rc jwt_sign(struct cx *cx, const struct jwt_key *key, const struct jwt_claims *c,
                             const char **token);

/* now: seconds. RC_OK: *out is filled, its texts are in the arena. RC_NOTFOUND: well-formed, but no key (kid,
 * aud): reload the keys and try again. RC_DENIED: everything else; err.key is "token_expired" for a true
 * signature that is too old and "token_invalid" for the rest. */
WARN_UNUSED enum rc jwt_verify(struct cx *cx, const struct jwt_keys *keys, const char *aud, int64_t now,
                               struct str token, struct jwt_claims *out);

#endif
