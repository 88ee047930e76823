/* Organisations: the tree. */
#include "daemons/ctl/ctl.h"

#include "lib/svc/people/org_list.h"
#include "lib/svc/people/org_tree.h"

enum rc ctl_find_org(struct ctl *ctl, const char *slug, int64_t *id)
{
    struct org *org = NULL;
    *id = 0;
    if (!slug)
        return RC_OK;
    enum rc rc = org_get_by_slug(ctl->cx, slug, &org);
    if (rc == RC_OK)
        *id = org->id;
    return rc;
}

static int add(struct ctl *ctl)
{
    const char *parent = NULL;
    struct org_new in = {0};
    const struct ctl_option options[] = {{"name", &in.name, NULL},
                                         {"parent", &parent, NULL},
                                         {"zone", &in.zone, NULL},
                                         {"lang", &in.lang, NULL},
                                         {NULL, NULL, NULL}};
    if (!ctl_parse(ctl, options, 1, 1))
        return CTL_USAGE;
    in.slug = ctl->argv[0];
    in.name = in.name ? in.name : in.slug;
    enum rc rc = ctl_find_org(ctl, parent, &in.parent_id);
    if (rc == RC_OK)
        rc = org_create(ctl->cx, &in, NULL);
    return rc == RC_OK ? CTL_OK : ctl_fail_rc(ctl, "cannot add the organisation");
}

/* Fields without an option keep their value. */
static int edit(struct ctl *ctl)
{
    struct org_edit in = {0};
    struct org *o = NULL;
    const struct ctl_option options[] = {{"name", &in.name, NULL},       {"slug", &in.slug, NULL},
                                         {"zone", &in.zone, NULL},       {"lang", &in.lang, NULL},
                                         {"contact", &in.contact, NULL}, {NULL, NULL, NULL}};
    if (!ctl_parse(ctl, options, 1, 1))
        return CTL_USAGE;
    enum rc rc = org_get_by_slug(ctl->cx, ctl->argv[0], &o);
    if (rc == RC_OK) {
        in.name = in.name ? in.name : o->name;
        in.slug = in.slug ? in.slug : o->slug;
        in.zone = in.zone ? in.zone : o->zone;
        in.lang = in.lang ? in.lang : o->lang;
        in.contact = in.contact ? in.contact : o->contact;
        rc = org_update(ctl->cx, o->id, &in);
    }
    return rc == RC_OK ? CTL_OK : ctl_fail_rc(ctl, "cannot change the organisation");
}

static int move(struct ctl *ctl)
{
    const char *parent = NULL;
    bool root = false;
    int64_t id, parent_id;
    const struct ctl_option options[] = {
        {"parent", &parent, NULL}, {"root", NULL, &root}, {NULL, NULL, NULL}};
    if (!ctl_parse(ctl, options, 1, 1))
        return CTL_USAGE;
    if (root == (parent != NULL))
        return ctl_wrong("say where to: --parent SLUG, or --root for none above it");
    enum rc rc = ctl_find_org(ctl, ctl->argv[0], &id);
    if (rc == RC_OK)
        rc = ctl_find_org(ctl, parent, &parent_id);
    if (rc == RC_OK)
        rc = org_move(ctl->cx, id, parent_id);
    return rc == RC_OK ? CTL_OK : ctl_fail_rc(ctl, "cannot move the organisation");
}

static int change(struct ctl *ctl, enum rc (*fn)(struct cx *cx, int64_t id), const char *what)
{
    const struct ctl_option options[] = {{NULL, NULL, NULL}};
    int64_t id;
    if (!ctl_parse(ctl, options, 1, 1))
        return CTL_USAGE;
    enum rc rc = ctl_find_org(ctl, ctl->argv[0], &id);
    if (rc == RC_OK)
        rc = fn(ctl->cx, id);
    return rc == RC_OK ? CTL_OK : ctl_fail_rc(ctl, what);
}

static int archive(struct ctl *ctl)
{
    return change(ctl, org_archive, "cannot archive the organisation");
}

static int restore(struct ctl *ctl)
{
    return change(ctl, org_restore, "cannot restore the organisation");
}

static void print_org(const struct org *o, bool json, bool first)
{
    if (!json) {
        printf("%*s%-*s %s%s\n", o->depth * 2, "", 30 - o->depth * 2, o->slug, o->name,
               o->archived_by ? " (archived)" : "");
        return;
    }
    printf("%s{\"id\":%lld,\"parent\":%lld,\"slug\":", first ? "" : ",\n", (long long)o->id,
           (long long)o->parent_id);
    ctl_json_text(o->slug);
    fputs(",\"name\":", stdout);
    ctl_json_text(o->name);
    fputs(",\"zone\":", stdout);
    ctl_json_text(o->zone);
    fputs(",\"lang\":", stdout);
    ctl_json_text(o->lang);
    fputs(",\"contact\":", stdout);
    ctl_json_text(o->contact);
    fputs(",\"archived\":", stdout);
    ctl_json_time(o->archived_at);
    putchar('}');
}

static int list(struct ctl *ctl)
{
    bool json = false;
    struct org_list all;
    const struct ctl_option options[] = {{"json", NULL, &json}, {NULL, NULL, NULL}};
    if (!ctl_parse(ctl, options, 0, 0))
        return CTL_USAGE;
    if (org_list(ctl->cx, &all) != RC_OK)
        return ctl_fail_rc(ctl, "cannot list the organisations");
    if (json)
        putchar('[');
    for (size_t i = 0; i < all.n; i++)
        print_org(&all.item[i], json, i == 0);
    if (json)
        puts("]");
    return CTL_OK;
}

const struct ctl_command ctl_org_commands[] = {
    {"org add", "SLUG [--name NAME] [--parent SLUG] [--zone ZONE] [--lang CODE]", "an organisation", add},
    {"org edit", "SLUG [--name NAME] [--slug SLUG] [--zone ZONE] [--lang CODE] [--contact ADDRESS]",
     "changes what is given; a former slug leads to it", edit},
    {"org move", "SLUG --parent SLUG | SLUG --root", "with everything below it", move},
    {"org archive", "SLUG", "with everything below: no new courses; what exists goes on playing", archive},
    {"org restore", "SLUG", "undoes that", restore},
    {"org list", "[--json]", "the tree of organisations", list},
    {NULL, NULL, NULL, NULL},
};
