/* Personal tokens: for scripts that set up OBS or a hall for somebody. */
#include "daemons/ctl/ctl.h"

#include "lib/svc/people/token.h"
#include "lib/svc/people/user.h"

enum { LIST_MAX = 1000 };

static bool read_scopes(const char *words, unsigned *scopes)
{
    struct str rest = str_of(words);
    while (rest.n > 0) {
        enum token_scope one;
        if (!token_scope_of(str_cut(&rest, ','), &one))
            return false;
        *scopes |= 1u << one;
    }
    return *scopes != 0;
}

static int create(struct ctl *ctl)
{
    const char *login = NULL, *scopes = NULL, *name = "lecternctl", *days = "365", *text = NULL;
    const struct ctl_option options[] = {{"login", &login, NULL},
                                         {"scopes", &scopes, NULL},
                                         {"name", &name, NULL},
                                         {"days", &days, NULL},
                                         {NULL, NULL, NULL}};
    struct token_new in = {0};
    struct user *user = NULL;
    int64_t n = 0;
    if (!ctl_parse(ctl, options, 0, 0))
        return CTL_USAGE;
    if (!login || !scopes)
        return ctl_wrong("say for whom and what for: --login LOGIN --scopes stream");
    if (!read_scopes(scopes, &in.scopes))
        return ctl_wrong("a scope is: stream");
    if (!str_to_i64(str_of(days), 0, TOKEN_DAYS_MAX, &n))
        return ctl_wrong("--days is a number up to %d; 0: until it is revoked", TOKEN_DAYS_MAX);
    enum rc rc = user_get_by_login(ctl->cx, login, &user);
    if (rc != RC_OK)
        return ctl_fail_rc(ctl, "cannot make the token");
    in.user_id = user->id;
    in.name = name;
    in.days = (int)n;
    if (token_create(ctl->cx, &in, &text) != RC_OK)
        return ctl_fail_rc(ctl, "cannot make the token");
    puts(text);
    return CTL_OK;
}

static const char *scopes_text(struct ctl *ctl, unsigned scopes)
{
    const char *text = "";
    for (int i = 0; i < SCOPE_COUNT; i++)
        if (scopes & 1u << i)
            text = arena_printf(ctl->cx->arena, "%s%s%s", text, *text ? "," : "",
                                token_scope_name((enum token_scope)i));
    return text;
}

static json_t *token_json(struct ctl *ctl, const struct token *t)
{
    json_t *o = json_object();
    json_object_set_new(o, "id", json_integer(t->id));
    json_object_set_new(o, "login", json_string(t->login));
    json_object_set_new(o, "name", json_string(t->name));
    json_object_set_new(o, "scopes", json_string(scopes_text(ctl, t->scopes)));
    json_object_set_new(o, "created", ctl_time(t->created_at));
    json_object_set_new(o, "expires", ctl_time(t->expires_at));
    json_object_set_new(o, "expired", json_boolean(t->expired));
    json_object_set_new(o, "used", ctl_time(t->used_at));
    json_object_set_new(o, "used_from", t->used_from ? json_string(t->used_from) : json_null());
    return o;
}

static int list(struct ctl *ctl)
{
    bool json = false;
    const char *login = NULL;
    struct user *user = NULL;
    struct token_list found;
    const struct ctl_option options[] = {{"login", &login, NULL}, {"json", NULL, &json}, {NULL, NULL, NULL}};
    if (!ctl_parse(ctl, options, 0, 0))
        return CTL_USAGE;
    enum rc rc = login ? user_get_by_login(ctl->cx, login, &user) : RC_OK;
    if (rc == RC_OK)
        rc = token_list(ctl->cx, user ? user->id : 0, LIST_MAX, &found);
    if (rc != RC_OK)
        return ctl_fail_rc(ctl, "cannot list the tokens");
    json_t *all = json_array();
    for (size_t i = 0; i < found.n; i++) {
        const struct token *t = &found.item[i];
        json_array_append_new(all, token_json(ctl, t));
        if (!json)
            printf("%-6lld %-20s %-10s %s%s\n", (long long)t->id, t->login, scopes_text(ctl, t->scopes),
                   t->name, t->expired ? " (expired)" : "");
    }
    if (json)
        ctl_json_print(all);
    else
        json_decref(all);
    return CTL_OK;
}

static int revoke(struct ctl *ctl)
{
    int64_t id;
    if (!ctl_parse(ctl, NULL, 1, 1))
        return CTL_USAGE;
    if (!str_to_i64(str_of(ctl->argv[0]), 1, INT64_MAX, &id))
        return ctl_wrong("a token has a number: lecternctl token list");
    return token_revoke(ctl->cx, id) == RC_OK ? CTL_OK : ctl_fail_rc(ctl, "cannot revoke the token");
}

const struct ctl_command ctl_token_commands[] = {
    {"token create", "--login LOGIN --scopes stream [--name NAME] [--days N]",
     "a personal token, printed once; --days 0: until it is revoked", create},
    {"token list", "[--login LOGIN] [--json]", "personal tokens: last use, and from where", list},
    {"token revoke", "ID", "ends one at once", revoke},
    {NULL, NULL, NULL, NULL},
};
