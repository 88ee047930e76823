#include "lib/svc/sso/person.h"

#include <string.h>

#include "lib/svc/check.h"
#include "lib/svc/people/user.h"
#include "lib/svc/sso/words.h"

enum { LOGIN_WISH_MAX = 40 };

static enum rc refuse(struct cx *cx, const char *what, const char *why)
{
    return err_set(cx, RC_DENIED, NULL, "sso_failed", "%s: %s", what, why);
}

/* The first value of an attribute, or NULL. */
static const char *value_of(const struct saml_identity *said, const char *name)
{
    const struct saml_attribute *a = saml_attribute_find(said, name);
    return a && a->n > 0 && *a->values[0] ? a->values[0] : NULL;
}

/* --- who it is --- */

static char *lower(struct cx *cx, const char *text)
{
    char *out = arena_strdup(cx->arena, text);
    for (char *p = out; *p; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p - 'A' + 'a');
    return out;
}

static enum rc keep(struct cx *cx, const char *kind, const char *value, const char **subject)
{
    const char *whole = arena_printf(cx->arena, "%s:%s", kind, value);
    if (strlen(whole) > SSO_SUBJECT_MAX)
        return refuse(cx, kind, "too long");
    *subject = whole;
    return RC_OK;
}

static const struct {
    const char *attribute, *kind;
} scoped[] = {{SSO_SUBJECT_ID, "subject-id"}, {SSO_PAIRWISE_ID, "pairwise-id"}, {SSO_EPPN, "eppn"}};
enum { SCOPED_STRONG = 2 }; /* of these; a persistent NameID comes before the last */

/* Identifiers with a scope do not depend on case (SAML subject identifiers 1.0, section 3.3.1). */
static enum rc scoped_subject(struct cx *cx, const struct idp *idp, const struct saml_idp *metadata,
                              const struct saml_attribute *a, const char *kind, const char **subject)
{
    if (a->n != 1)
        return refuse(cx, kind, "not exactly one value");
    if (!idp_scope_fits(idp, metadata, a->values[0]))
        return refuse(cx, kind, "a scope that is not in the metadata of this provider");
    return keep(cx, kind, lower(cx, a->values[0]), subject);
}

static bool is_persistent(const struct saml_nameid *name)
{
    return name->text && name->format && strcmp(name->format, SSO_PERSISTENT) == 0;
}

static enum rc find_subject(struct cx *cx, const struct idp *idp, const struct saml_idp *metadata,
                            const struct saml_identity *said, const char **subject)
{
    const struct saml_nameid *name = &said->name;
    for (size_t i = 0; i < sizeof scoped / sizeof *scoped; i++) {
        const struct saml_attribute *a = saml_attribute_find(said, scoped[i].attribute);
        if (i == SCOPED_STRONG && is_persistent(name))
            return keep(cx, "nameid", name->text, subject);
        if (a && a->n > 0)
            return scoped_subject(cx, idp, metadata, a, scoped[i].kind, subject);
    }
    return refuse(
        cx, "identity",
        "no subject-id, pairwise-id, persistent NameID or eduPersonPrincipalName: the provider must "
        "release one of them");
}

/* Both are never given to anybody else (SAML subject identifiers 1.0, section 3.4; [Core] 8.3.7). */
static void find_former(struct cx *cx, const struct idp *idp, const struct saml_idp *metadata,
                        const struct saml_identity *said, struct sso_person *p)
{
    const struct saml_attribute *pairwise = saml_attribute_find(said, SSO_PAIRWISE_ID);
    const char *all[SSO_FORMER_MAX] = {NULL};
    size_t n = 0;
    if (pairwise && pairwise->n == 1 && idp_scope_fits(idp, metadata, pairwise->values[0]))
        all[0] = arena_printf(cx->arena, "pairwise-id:%s", lower(cx, pairwise->values[0]));
    if (is_persistent(&said->name))
        all[1] = arena_printf(cx->arena, "nameid:%s", said->name.text);
    for (size_t i = 0; i < SSO_FORMER_MAX; i++)
        if (all[i] && strcmp(all[i], p->subject) != 0)
            p->former[n++] = all[i];
}

/* --- how the account is called --- */

static const char *name_of(struct cx *cx, const struct saml_identity *said)
{
    const char *name = value_of(said, SSO_DISPLAY_NAME), *given = value_of(said, SSO_GIVEN_NAME),
               *family = value_of(said, SSO_SURNAME);
    if (!name && given && family)
        name = arena_printf(cx->arena, "%s %s", given, family);
    if (!name)
        name = value_of(said, SSO_COMMON_NAME);
    if (!name)
        return NULL;
    char *clean = str_printable(cx->arena, str_utf8_cut(str_of(name), USER_NAME_MAX));
    for (char *p = clean; *p; p++)
        if (*p == '\n' || *p == '\r' || *p == '\t')
            *p = ' ';
    return str_trim(str_of(clean)).n > 0 ? clean : NULL;
}

static const char *mail_of(struct cx *cx, const struct saml_identity *said)
{
    const char *mail = value_of(said, SSO_MAIL);
    if (mail && check_email(cx, mail) != RC_OK) {
        err_clear(cx);
        mail = NULL;
    }
    return mail;
}

/* What stands before the @, as far as it fits a login. NULL: nothing does. */
static const char *wish_of(struct cx *cx, const char *text)
{
    char out[LOGIN_WISH_MAX + 1];
    size_t n = 0;
    if (!text)
        return NULL;
    text = lower(cx, text);
    for (const char *p = text; *p && *p != '@' && n < LOGIN_WISH_MAX; p++)
        if ((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || (n > 0 && strchr("._-", *p)))
            out[n++] = *p;
    return n > 0 ? arena_strndup(cx->arena, out, n) : NULL;
}

enum rc sso_person_of(struct cx *cx, const struct idp *idp, const struct saml_idp *metadata,
                      const struct saml_identity *said, struct sso_person *out)
{
    static const char *const wishes[] = {SSO_UID, SSO_EPPN, SSO_MAIL};
    struct sso_person p = {0};
    enum rc rc = find_subject(cx, idp, metadata, said, &p.subject);
    if (rc != RC_OK)
        return rc;
    find_former(cx, idp, metadata, said, &p);
    for (size_t i = 0; i < sizeof wishes / sizeof *wishes && !p.login; i++)
        p.login = wish_of(cx, value_of(said, wishes[i]));
    if (!p.login)
        p.login = "guest";
    p.said_name = name_of(cx, said);
    p.name = p.said_name ? p.said_name : p.login;
    p.mail = mail_of(cx, said);
    *out = p;
    return RC_OK;
}
