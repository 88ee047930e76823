#include "lib/svc/sso/rules.h"

#include <string.h>

#include "lib/db/db.h"
#include "lib/svc/audit.h"
#include "lib/svc/people/org.h"
#include "lib/svc/policy.h"
#include "lib/svc/seen.h"
#include "lib/svc/sso/hash.h"
#include "lib/svc/sso/words.h"

enum { ATTRIBUTE_MAX = 200, VALUE_MAX = 255, VALUES_MAX = 100 };

/* What people call the attributes; the others by their Name. */
static const struct {
    const char *friendly, *name;
} attributes[] = {
    {"eduPersonAffiliation", SSO_AFFILIATION},
    {"eduPersonScopedAffiliation", SSO_SCOPED_AFFILIATION},
    {"eduPersonEntitlement", SSO_ENTITLEMENT},
};

struct rule {
    const char *attribute, *value, *gives;
    int64_t organisation_id;
};

struct rules {
    struct rule item[SSO_RULES_MAX];
    size_t n;
};

/* --- as text --- */

static enum rc bad_line(struct cx *cx, int number)
{
    return err_set(cx, RC_INVALID, "rules", "sso_rules",
                   "line %d is not \"attribute = value : role organisation\"", number);
}

static bool gives(struct str word, const char **out)
{
    static const char *const words[] = {"home", "maintainer", "lecturer"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq(word, words[i])) {
            *out = words[i];
            return true;
        }
    return false;
}

/* "attribute = value : role organisation". The value may have colons: the last one counts. */
static enum rc read_line(struct cx *cx, struct str line, int number, struct rule *out)
{
    struct str left = line, attribute = str_trim(str_cut(&left, '='));
    const char *colon = left.n > 0 ? memrchr(left.p, ':', left.n) : NULL;
    struct org *org;
    if (!colon || attribute.n == 0 || attribute.n > ATTRIBUTE_MAX)
        return bad_line(cx, number);
    struct str value = str_trim((struct str){left.p, (size_t)(colon - left.p)});
    struct str right = str_trim((struct str){colon + 1, left.n - (size_t)(colon + 1 - left.p)});
    struct str role = str_cut(&right, ' '), slug = str_trim(right);
    if (value.n == 0 || value.n > VALUE_MAX || slug.n == 0 || !gives(role, &out->gives))
        return bad_line(cx, number);
    out->attribute = str_dup(cx->arena, attribute);
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
        if (str_eq(attribute, attributes[i].friendly))
            out->attribute = attributes[i].name;
    out->value = str_dup(cx->arena, value);
    enum rc rc = org_get_by_slug(cx, str_dup(cx->arena, slug), &org);
    if (rc == RC_NOTFOUND) {
        err_clear(cx);
        rc = err_set(cx, RC_INVALID, "rules", "idp_org", "line %d: there is no such organisation", number);
    }
    if (rc == RC_OK)
        out->organisation_id = org->id;
    return rc;
}

/* *at: the line that is read, from 1. */
static enum rc parse(struct cx *cx, const char *text, struct rules *out, int *at)
{
    struct str rest = str_of(text);
    out->n = 0;
    *at = 1;
    if (rest.n > SSO_RULES_TEXT || !str_is_utf8(rest))
        return bad_line(cx, *at);
    for (; rest.n > 0; (*at)++) {
        struct str line = str_trim(str_cut(&rest, '\n'));
        if (line.n == 0)
            continue;
        if (out->n == SSO_RULES_MAX || str_has_controls(line, false))
            return bad_line(cx, *at);
        enum rc rc = read_line(cx, line, *at, &out->item[out->n]);
        if (rc != RC_OK)
            return rc;
        out->n++;
    }
    return RC_OK;
}

static const char *friendly(const char *name)
{
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
        if (strcmp(name, attributes[i].name) == 0)
            return attributes[i].friendly;
    return name;
}

enum rc sso_rules_text(struct cx *cx, int64_t idp_id, const char **text)
{
    struct rows *rows = NULL;
    const char *all = "";
    enum rc rc = policy_check(cx, ACT_INSTALL, NULL);
    if (rc == RC_OK)
        rc = db_query(cx, SQL_idp_rule_list, &rows, "i", idp_id);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < rows_count(rows); i++)
        all = arena_printf(cx->arena, "%s%s = %s : %s %s\n", all, friendly(row_text(rows, i, 0)),
                           row_text(rows, i, 1), row_text(rows, i, 2), row_text(rows, i, 4));
    *text = all;
    return RC_OK;
}

/* --- setting them --- */

struct set {
    struct idp *idp;
    const struct rules *rules;
    const char *seen;
    bool trial, tried;
    struct sso_changes *changes;
};

const char *sso_rules_seen(struct cx *cx, const char *text)
{
    return seen_of(cx, &text, 1);
}

/* Of two who set them at once, the second sees what the first wrote. */
static enum rc check_seen(struct cx *cx, const struct set *s)
{
    struct rows *rows = NULL;
    const char *text = "";
    enum rc rc = db_query(cx, SQL_idp_lock, &rows, "i", s->idp->id);
    if (rc == RC_OK)
        rc = sso_rules_text(cx, s->idp->id, &text);
    return rc == RC_OK ? seen_check(cx, s->seen, sso_rules_seen(cx, text)) : rc;
}

static void add_changes(struct set *s, const struct rows *rows, bool gains)
{
    size_t n = rows_count(rows);
    if (n > SSO_SHOWN_MAX) {
        s->changes->more = true;
        n = SSO_SHOWN_MAX;
    }
    for (size_t i = 0; i < n; i++)
        s->changes->item[s->changes->n++] = (struct sso_change){.login = row_text(rows, i, 0),
                                                                .name = row_text(rows, i, 1),
                                                                .role = row_text(rows, i, 2),
                                                                .organisation = row_text(rows, i, 3),
                                                                .gains = gains};
}

enum rc sso_rules_follow(struct cx *cx, const struct idp *idp, int64_t user_id, struct sso_moved *out)
{
    const char *provider = sso_provider(cx, idp->entity);
    struct db_done taken = {0}, given = {0};
    enum rc rc = db_exec(cx, SQL_idp_rule_take, &taken, "isii", idp->id, provider, user_id, user_id);
    if (rc == RC_OK)
        rc = user_id ? db_exec(cx, SQL_role_give_person, &given, "ti", clock_now(), user_id)
                     : db_exec(cx, SQL_role_give_people, &given, "ts", clock_now(), provider);
    *out = (struct sso_moved){given.affected, taken.affected};
    return rc;
}

enum rc sso_rules_end(struct cx *cx, const struct idp *idp)
{
    enum rc rc = db_exec(cx, SQL_idp_rule_delete, NULL, "i", idp->id);
    struct sso_moved moved;
    return rc == RC_OK ? sso_rules_follow(cx, idp, 0, &moved) : rc;
}

static enum rc look(struct cx *cx, struct set *s)
{
    struct rows *rows = NULL;
    const char *provider = sso_provider(cx, s->idp->entity);
    *s->changes = (struct sso_changes){0};
    enum rc rc =
        db_query(cx, SQL_idp_rule_gains, &rows, "isi", s->idp->id, provider, (int64_t)SSO_SHOWN_MAX + 1);
    if (rc != RC_OK)
        return rc;
    add_changes(s, rows, true);
    rc = db_query(cx, SQL_idp_rule_losses, &rows, "ii", s->idp->id, (int64_t)SSO_SHOWN_MAX + 1);
    if (rc == RC_OK)
        add_changes(s, rows, false);
    return rc;
}

/* A trial ends with a failure, so that nothing of it stays; `tried` says that it is that one. */
static enum rc set_tx(struct cx *cx, void *arg)
{
    struct set *s = arg;
    struct sso_moved moved = {0};
    s->tried = false;
    enum rc rc = check_seen(cx, s);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_idp_rule_delete, NULL, "i", s->idp->id);
    for (size_t i = 0; rc == RC_OK && i < s->rules->n; i++) {
        const struct rule *r = &s->rules->item[i];
        rc = db_exec(cx, SQL_idp_rule_insert, NULL, "iisssi", s->idp->id, (int64_t)i, r->attribute, r->value,
                     r->gives, r->organisation_id);
    }
    if (rc == RC_OK)
        rc = look(cx, s);
    if (rc == RC_OK && s->trial) {
        s->tried = true;
        return err_set(cx, RC_TIMEOUT, NULL, NULL, "a trial");
    }
    if (rc == RC_OK)
        rc = sso_rules_follow(cx, s->idp, 0, &moved);
    return rc == RC_OK
               ? audit_write(cx, "idp.rules", "idp", s->idp->id, "%zu rules: %lld roles given, %lld taken",
                             s->rules->n, (long long)moved.given, (long long)moved.taken)
               : rc;
}

enum rc sso_rules_set(struct cx *cx, int64_t idp_id, const char *text, const char *seen, bool trial,
                      struct sso_changes *out)
{
    struct rules rules;
    struct set s = {.rules = &rules, .seen = seen, .trial = trial, .changes = out};
    enum rc rc = policy_check(cx, ACT_INSTALL, NULL);
    if (rc == RC_OK)
        rc = idp_get(cx, idp_id, &s.idp);
    if (rc == RC_OK)
        rc = parse(cx, text, &rules, &out->line);
    if (rc == RC_OK)
        rc = db_tx(cx, set_tx, &s);
    if (s.tried) {
        err_clear(cx);
        rc = RC_OK;
    }
    return rc;
}

/* --- at a sign-in --- */

/* Values with a scope count only if it is one of this provider's. */
static bool counts(const struct idp *idp, const struct saml_idp *metadata, const char *attribute,
                   const char *value)
{
    return strlen(value) <= VALUE_MAX &&
           (strcmp(attribute, SSO_SCOPED_AFFILIATION) != 0 || idp_scope_fits(idp, metadata, value));
}

static bool is_kept(const struct rows *rules, const char *name)
{
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
        if (strcmp(name, attributes[i].name) == 0)
            return true;
    for (size_t i = 0; i < rows_count(rules); i++)
        if (strcmp(name, row_text(rules, i, 0)) == 0)
            return true;
    return false;
}

static enum rc keep(struct cx *cx, const struct idp *idp, const struct saml_idp *metadata, int64_t identity,
                    const struct saml_identity *said)
{
    struct rows *rules = NULL;
    int64_t number = 0;
    enum rc rc = db_query(cx, SQL_idp_rule_list, &rules, "i", idp->id);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_identity_attribute_delete, NULL, "i", identity);
    for (size_t i = 0; rc == RC_OK && i < said->attributes_n; i++) {
        const struct saml_attribute *a = &said->attributes[i];
        if (strlen(a->name) > ATTRIBUTE_MAX || !is_kept(rules, a->name))
            continue;
        for (size_t k = 0; rc == RC_OK && k < a->n && number < VALUES_MAX; k++) {
            if (!counts(idp, metadata, a->name, a->values[k]))
                continue;
            rc = db_exec(cx, SQL_identity_attribute_insert, NULL, "iiss", identity, number++, a->name,
                         a->values[k]);
        }
    }
    return rc;
}

enum rc sso_rules_apply(struct cx *cx, const struct idp *idp, const struct saml_idp *metadata,
                        int64_t user_id, int64_t identity_id, const struct saml_identity *said)
{
    struct sso_moved moved = {0};
    enum rc rc = keep(cx, idp, metadata, identity_id, said);
    if (rc == RC_OK)
        rc = sso_rules_follow(cx, idp, user_id, &moved);
    if (rc == RC_OK && (moved.given || moved.taken))
        rc = audit_write(cx, "user.rules", "user", user_id, "%lld roles given, %lld taken by rules of %s",
                         (long long)moved.given, (long long)moved.taken, idp->entity);
    return rc;
}

static bool says(const struct idp *idp, const struct saml_idp *metadata, const struct saml_identity *said,
                 const char *name, const char *value)
{
    const struct saml_attribute *a = saml_attribute_find(said, name);
    for (size_t i = 0; a && i < a->n; i++)
        if (strcmp(a->values[i], value) == 0 && counts(idp, metadata, name, value))
            return true;
    return false;
}

enum rc sso_rules_home(struct cx *cx, const struct idp *idp, const struct saml_idp *metadata,
                       const struct saml_identity *said, int64_t *organisation_id)
{
    struct rows *rules = NULL;
    enum rc rc = db_query(cx, SQL_idp_rule_list, &rules, "i", idp->id);
    if (rc != RC_OK)
        return rc;
    *organisation_id = idp->organisation_id;
    for (size_t i = 0; i < rows_count(rules); i++)
        if (strcmp(row_text(rules, i, 2), "home") == 0 &&
            says(idp, metadata, said, row_text(rules, i, 0), row_text(rules, i, 1))) {
            *organisation_id = row_i64(rules, i, 3);
            break;
        }
    return RC_OK;
}
