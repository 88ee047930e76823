/* People with accounts: create, find, grant roles, passwords (argon2id). */
#ifndef LIB_SVC_PEOPLE_USER_H
#define LIB_SVC_PEOPLE_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/svc/people/ratelimit.h"
#include "lib/svc/policy.h"

enum {
    USER_LOGIN_MAX = 60,    /* [a-z0-9._@-], lower case; given in any case */
    USER_NAME_MAX = 120,    /* characters */
    USER_PASSWORD_MIN = 10, /* characters */
    USER_PASSWORD_MAX = 200 /* bytes */
};

struct user {
    int64_t id;
    const char *login;
    const char *name;
    const char *email;       /* NULL: none */
    int64_t organisation_id; /* 0: none */
    int64_t created_at;
    bool disabled;
    bool local; /* of user_get and user_get_by_login: there is a password, so they can sign in with it */
    const char *roles; /* of user_list: "admin, lecturer @informatics"; else NULL */
};

struct user_list {
    struct user *item;
    size_t n;
};

struct user_new {
    const char *login;
    const char *name;
    const char *email;       /* may be NULL */
    const char *password;    /* NULL: cannot sign in with a password */
    int64_t organisation_id; /* 0: none */
};

/* Needs ACT_ORG_MANAGE on the organisation (ACT_INSTALL without one).
 * RC_INVALID login_invalid, name_invalid, email_invalid, password_short, password_long; RC_CONFLICT
 * login_taken. */
WARN_UNUSED enum rc user_create(struct cx *cx, const struct user_new *in, int64_t *id);
/* No check of rights: for programs and services. RC_NOTFOUND user_unknown. */
WARN_UNUSED enum rc user_get(struct cx *cx, int64_t id, struct user **out);
WARN_UNUSED enum rc user_get_by_login(struct cx *cx, const char *login, struct user **out);
/* By login, at most `limit` after `offset`. Needs ACT_INSTALL. */
WARN_UNUSED enum rc user_list(struct cx *cx, int64_t limit, int64_t offset, struct user_list *out);

/* Whether cx->actor may look after the account: set its password, disable it, end its sessions. Admins may;
 * maintainers, if its home is in their subtree, and with it everything that the person may do: RC_DENIED
 * not_allowed, more_than_held. */
WARN_UNUSED enum rc user_check_account(struct cx *cx, int64_t user_id);
/* Sets it and ends every session of that person. Needs user_check_account. */
WARN_UNUSED enum rc user_set_password(struct cx *cx, int64_t user_id, const char *password);
/* RC_CONFLICT user_disabled (field login) for a disabled person, who is given no new rights. */
WARN_UNUSED enum rc user_check_enabled(struct cx *cx, const struct user *u);

/* Disabling ends every session of the person and prevents new ones, by any way of signing in; what the person
 * made stays. Repeating it is RC_OK. Needs user_check_account. RC_NOTFOUND user_unknown; RC_CONFLICT: nobody
 * disables themself; admin_last. */
WARN_UNUSED enum rc user_set_disabled(struct cx *cx, int64_t user_id, bool disabled);
/* For cx->actor: RC_CONFLICT password_none if there is none, as of people who sign in at a university;
 * RC_DENIED (field old_password, password_wrong) if `old` is wrong, too_many_attempts after several:
 * somebody who finds a signed-in browser must not be able to find out the password. Every session ends; the
 * caller signs the browser in again with session_create. */
WARN_UNUSED enum rc user_change_password(struct cx *cx, struct ratelimit *limits, const char *old,
                                         const char *password);

/* The right to say who may do what in that organisation: ACT_ORG_MANAGE on it; 0: ACT_INSTALL. */
WARN_UNUSED enum rc user_may_manage(struct cx *cx, int64_t organisation_id);
/* Need user_may_manage of the organisation, 0 for admins. Twice is RC_OK. A disabled person is given nothing
 * (RC_CONFLICT user_disabled). The last admin whose account is enabled stays: RC_CONFLICT admin_last. */
WARN_UNUSED enum rc user_grant(struct cx *cx, int64_t user_id, enum role role, int64_t organisation_id);
WARN_UNUSED enum rc user_revoke(struct cx *cx, int64_t user_id, enum role role, int64_t organisation_id);

/* In a transaction, before the person stops being an admin: RC_CONFLICT admin_last, if no other would be left. */
WARN_UNUSED enum rc user_check_admin_left(struct cx *cx, int64_t user_id);

struct user_role {
    int64_t user_id;
    const char *login;
    const char *name;
    bool disabled; /* the account */
    enum role role;
    int64_t since;
    const char *granted_by; /* name; NULL: a program, or not known */
    const char *idp; /* name of the identity provider whose rules gave it, and give it again; NULL: by hand */
    const char *organisation_slug, *organisation_name, *organisation_path; /* NULL: an admin */
};

struct user_roles {
    struct user_role *item;
    size_t n;
};

/* The roles for that very organisation (0: the admins), by role and name. Needs user_may_manage. */
WARN_UNUSED enum rc user_roles_of(struct cx *cx, int64_t organisation_id, int64_t limit, int64_t offset,
                                  struct user_roles *out);
/* The roles that hold in the organisation of that path because they are given above it: the nearest first,
 * admins last. own: with those of the organisation itself, and only of those who may manage what belongs to
 * it. `path` comes from org_get or course_get: no right is checked again. */
WARN_UNUSED enum rc user_roles_above(struct cx *cx, const char *path, bool own, int64_t limit,
                                     struct user_roles *out);

/* The actor of a person whose id, login and name were read just now, with all grants, in one statement. */
WARN_UNUSED enum rc user_make_actor(struct cx *cx, int64_t user_id, const char *login, const char *name,
                                    struct actor **out);

/* RC_DENIED signin_wrong for an unknown login, a wrong password and a disabled person, in about the same
 * time. It has no rate limit: callers use session_sign_in. */
WARN_UNUSED enum rc user_verify(struct cx *cx, const char *login, const char *password, struct user **out);

/* Settings a person keeps ("language" = "de", …): name [a-z_]{1,40}, value up to 500 characters; for
 * cx->actor. RC_NOTFOUND if never set; RC_DENIED for visitors. */
WARN_UNUSED enum rc user_preference_get(struct cx *cx, const char *name, const char **value);
WARN_UNUSED enum rc user_preference_set(struct cx *cx, const char *name, const char *value);

#endif
