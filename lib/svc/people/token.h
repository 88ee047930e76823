/* Personal tokens: what a person gives a program, so that it acts for them within some scopes: OBS, which goes live, or a
 * script. A secret (lib/svc/secret.h) behind a prefix by which people and scanners of secrets know it. A token of a
 * disabled person opens nothing. */
#ifndef LIB_SVC_PEOPLE_TOKEN_H
#define LIB_SVC_PEOPLE_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/base/str.h"
#include "lib/svc/policy.h"
#include "lib/svc/secret.h"

#define TOKEN_PREFIX "lct_"
enum {
    TOKEN_LENGTH = sizeof TOKEN_PREFIX - 1 + SECRET_LENGTH,
    TOKEN_NAME_MAX = 100, /* characters */
    TOKENS_MAX = 50,      /* of one person */
    TOKEN_DAYS_MAX = 3660
};

/* What a token may be used for; a set of them is a set of bits, 1u << SCOPE_…. */
enum token_scope { SCOPE_STREAM /* go live */, SCOPE_COUNT };
extern const char
    *const token_scope_names[SCOPE_COUNT + 1]; /* forms, the command line, JSON; ends with NULL */
const char *token_scope_name(enum token_scope scope);
bool token_scope_of(struct str word, enum token_scope *out);

struct token_new {
    int64_t user_id;  /* whose it is */
    const char *name; /* what it is for, in the person's words */
    unsigned scopes;
    int days;              /* of its life; 0: until it is revoked */
    const int64_t *newest; /* of the person's tokens, as the form knew them (0: there was none); NULL: any */
};

struct token {
    int64_t id;
    const char *login; /* of its person */
    const char *name;
    unsigned scopes;
    int64_t created_at, expires_at; /* ms; NO_TIME: until it is revoked */
    int64_t used_at;                /* to the minute; NO_TIME: never */
    const char *used_from;          /* address; NULL: never used */
    bool expired;
    bool streams; /* a program streams with it now */
};

struct token_list {
    struct token *item;
    size_t n;
};

/* For cx->actor; a program makes one for anybody who is not disabled. *text is shown once. RC_INVALID token_name_invalid, scopes_none, days_invalid;
 * RC_CONFLICT tokens_many, user_disabled, token_again: another has been made since in.newest, as when a form is sent twice. */
WARN_UNUSED enum rc token_create(struct cx *cx, const struct token_new *in, const char **text);
/* The newest first: those of the person, who is cx->actor or whose account the actor looks after
 * (user_check_account); user_id 0: the newest of all, at most `limit`, needs ACT_INSTALL. */
WARN_UNUSED enum rc token_list(struct cx *cx, int64_t user_id, int64_t limit, struct token_list *out);
/* Ends one of cx->actor's, or of somebody whose account the actor looks after. RC_NOTFOUND token_unknown. */
WARN_UNUSED enum rc token_revoke(struct cx *cx, int64_t id);

/* The person of a token that a program at the address `from` brings, if it has that scope; *id: of the token. Notes the use. RC_DENIED
 * token_unknown: malformed, revoked, expired, of a disabled person; token_scope. */
WARN_UNUSED enum rc token_open(struct cx *cx, struct str text, enum token_scope scope, const char *from,
                               struct actor **actor, int64_t *id);
/* The same for what goes on that began while the token was valid: one that has expired since is as good. */
WARN_UNUSED enum rc token_open_late(struct cx *cx, struct str text, enum token_scope scope, const char *from,
                                    struct actor **actor, int64_t *id);

#endif
