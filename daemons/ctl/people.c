/* People: accounts and roles. */
#include "daemons/ctl/ctl.h"

#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/rand.h"
#include "lib/svc/people/user.h"

enum { RANDOM_LENGTH = 20, LIST_MAX = 100000 };

/* The password the options ask for: a line of standard input, a random one (printed by the caller), or
 * NULL. */
static bool read_password(struct ctl *ctl, bool from_stdin, bool random, const char **password)
{
    *password = NULL;
    if (from_stdin && random) {
        ctl_fail("--password-stdin or --password-random, not both");
        return false;
    }
    if (random) {
        char *p = arena_alloc(ctl->cx->arena, RANDOM_LENGTH + 1);
        rand_key(p, RANDOM_LENGTH + 1);
        *password = p;
    }
    if (from_stdin) {
        char line[USER_PASSWORD_MAX + 64];
        if (!fgets(line, sizeof line, stdin)) {
            ctl_fail("there is no password on standard input");
            return false;
        }
        line[strcspn(line, "\r\n")] = '\0';
        *password = arena_strdup(ctl->cx->arena, line);
        mem_wipe(line, sizeof line);
    }
    return true;
}

static int user_add(struct ctl *ctl)
{
    const char *name = NULL, *email = NULL, *org = NULL;
    bool from_stdin = false, random = false;
    const struct ctl_option options[] = {{"name", &name, NULL},
                                         {"email", &email, NULL},
                                         {"org", &org, NULL},
                                         {"password-stdin", NULL, &from_stdin},
                                         {"password-random", NULL, &random},
                                         {NULL, NULL, NULL}};
    struct user_new in = {0};
    if (!ctl_parse(ctl, options, 1, 1))
        return CTL_USAGE;
    in.login = ctl->argv[0];
    in.name = name ? name : in.login;
    in.email = email;
    if (!read_password(ctl, from_stdin, random, &in.password))
        return CTL_USAGE;
    enum rc rc = ctl_find_org(ctl, org, &in.organisation_id);
    if (rc == RC_OK)
        rc = user_create(ctl->cx, &in, NULL);
    if (rc != RC_OK)
        return ctl_fail_rc(ctl, "cannot add the person");
    if (random)
        puts(in.password);
    return CTL_OK;
}

static int user_passwd(struct ctl *ctl)
{
    bool from_stdin = false, random = false;
    const char *password = NULL;
    struct user *user = NULL;
    const struct ctl_option options[] = {
        {"password-stdin", NULL, &from_stdin}, {"password-random", NULL, &random}, {NULL, NULL, NULL}};
    if (!ctl_parse(ctl, options, 1, 1) || !read_password(ctl, from_stdin, random, &password))
        return CTL_USAGE;
    if (!password)
        return ctl_wrong("give --password-stdin or --password-random");
    enum rc rc = user_get_by_login(ctl->cx, ctl->argv[0], &user);
    if (rc == RC_OK)
        rc = user_set_password(ctl->cx, user->id, password);
    if (rc != RC_OK)
        return ctl_fail_rc(ctl, "cannot set the password");
    if (random)
        puts(password);
    return CTL_OK;
}

static int set_disabled(struct ctl *ctl, bool disabled)
{
    struct user *user = NULL;
    if (!ctl_parse(ctl, NULL, 1, 1))
        return CTL_USAGE;
    enum rc rc = user_get_by_login(ctl->cx, ctl->argv[0], &user);
    if (rc == RC_OK)
        rc = user_set_disabled(ctl->cx, user->id, disabled);
    return rc == RC_OK ? CTL_OK : ctl_fail_rc(ctl, "cannot change the account");
}

static int disable(struct ctl *ctl)
{
    return set_disabled(ctl, true);
}

static int enable(struct ctl *ctl)
{
    return set_disabled(ctl, false);
}

static int change_grant(struct ctl *ctl, enum rc (*fn)(struct cx *, int64_t, enum role, int64_t))
{
    const char *org = NULL;
    struct user *user = NULL;
    int64_t org_id = 0;
    enum role role;
    const struct ctl_option options[] = {{"org", &org, NULL}, {NULL, NULL, NULL}};
    if (!ctl_parse(ctl, options, 2, 2))
        return CTL_USAGE;
    if (!role_of(str_of(ctl->argv[1]), &role))
        return ctl_wrong("a role is admin, maintainer or lecturer");
    if ((role == ROLE_ADMIN) != (org == NULL))
        return ctl_wrong(role == ROLE_ADMIN ? "admins are admins of everything: leave --org out"
                                            : "say for which organisation: --org SLUG");
    enum rc rc = user_get_by_login(ctl->cx, ctl->argv[0], &user);
    if (rc == RC_OK)
        rc = ctl_find_org(ctl, org, &org_id);
    if (rc == RC_OK)
        rc = fn(ctl->cx, user->id, role, org_id);
    return rc == RC_OK ? CTL_OK : ctl_fail_rc(ctl, "cannot change the roles");
}

static int grant(struct ctl *ctl)
{
    return change_grant(ctl, user_grant);
}

static int revoke(struct ctl *ctl)
{
    return change_grant(ctl, user_revoke);
}

static void print_user(const struct user *u, bool json, bool first)
{
    if (!json) {
        printf("%-24s %-30s %s%s\n", u->login, u->name, u->roles ? u->roles : "",
               u->disabled ? " (disabled)" : "");
        return;
    }
    printf("%s{\"id\":%lld,\"login\":", first ? "" : ",\n", (long long)u->id);
    ctl_json_text(u->login);
    fputs(",\"name\":", stdout);
    ctl_json_text(u->name);
    fputs(",\"email\":", stdout);
    ctl_json_text(u->email);
    fputs(",\"roles\":", stdout);
    ctl_json_text(u->roles ? u->roles : "");
    printf(",\"disabled\":%s,\"created\":", u->disabled ? "true" : "false");
    ctl_json_time(u->created_at);
    putchar('}');
}

static int list_users(struct ctl *ctl)
{
    bool json = false;
    struct user_list list;
    const struct ctl_option options[] = {{"json", NULL, &json}, {NULL, NULL, NULL}};
    if (!ctl_parse(ctl, options, 0, 0))
        return CTL_USAGE;
    if (user_list(ctl->cx, LIST_MAX, 0, &list) != RC_OK)
        return ctl_fail_rc(ctl, "cannot list the people");
    if (json)
        putchar('[');
    for (size_t i = 0; i < list.n; i++)
        print_user(&list.item[i], json, i == 0);
    if (json)
        puts("]");
    return CTL_OK;
}

#define PASSWORD_WORDS "[--password-stdin | --password-random]"

const struct ctl_command ctl_people_commands[] = {
    {"user add", "LOGIN [--name NAME] [--email E] [--org SLUG] " PASSWORD_WORDS, "an account", user_add},
    {"user passwd", "LOGIN --password-stdin | --password-random", "a new password; ends every session",
     user_passwd},
    {"user disable", "LOGIN", "ends every session, and no new one begins", disable},
    {"user enable", "LOGIN", "undoes that", enable},
    {"user grant", "LOGIN admin | LOGIN maintainer|lecturer --org SLUG", "a role", grant},
    {"user revoke", "LOGIN admin | LOGIN maintainer|lecturer --org SLUG", "takes a role away", revoke},
    {"user list", "[--json]", "all accounts with their roles", list_users},
    {NULL, NULL, NULL, NULL},
};
