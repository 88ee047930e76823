/* Nodes, the tokens they join with, and the keys that sign tokens. */
#include "daemons/ctl/ctl.h"

#include <string.h>

#include "lib/svc/keys.h"
#include "lib/svc/pipeline/records/node.h"

enum { USES_DEFAULT = 10, USES_MAX = 1000 };

static int token(struct ctl *ctl)
{
    const char *org = NULL, *roles_text = "worker", *uses_text = NULL, *text;
    const struct ctl_option options[] = {
        {"org", &org, NULL}, {"roles", &roles_text, NULL}, {"uses", &uses_text, NULL}, {NULL, NULL, NULL}};
    unsigned roles;
    int64_t uses = USES_DEFAULT;
    if (!ctl_parse(ctl, options, 0, 0))
        return CTL_USAGE;
    if (!org)
        return ctl_wrong("say for which organisation: --org SLUG");
    if (!wire_roles_of(str_of(roles_text), &roles))
        return ctl_wrong("--roles is a list of worker, storage, edge, ingest");
    if (uses_text && !str_to_i64(str_of(uses_text), 1, USES_MAX, &uses))
        return ctl_wrong("--uses is a number from 1 to %d", USES_MAX);
    if (keys_ensure(ctl->cx) != RC_OK || node_token_issue(ctl->cx, org, roles, (int)uses, &text) != RC_OK)
        return ctl_fail_rc(ctl, "cannot make a token");
    puts(text);
    return CTL_OK;
}

static json_t *node_json(struct cx *cx, const struct node_info *n)
{
    json_t *o = json_object(), *slots = json_object();
    for (int lane = 0; lane < LANE_COUNT; lane++)
        json_object_set_new(slots, wire_lane_name((enum job_lane)lane), json_integer(n->slots[lane]));
    json_object_set_new(o, "id", json_integer(n->id));
    json_object_set_new(o, "name", json_string(n->name));
    json_object_set_new(o, "organisation", json_string(n->org_slug));
    json_object_set_new(o, "roles", json_string(wire_roles_text(cx->arena, n->roles)));
    json_object_set_new(o, "sharing", json_string(n->sharing));
    json_object_set_new(o, "url", json_string(n->url));
    json_object_set_new(o, "version", json_string(n->version));
    json_object_set_new(o, "alive", json_boolean(n->alive));
    json_object_set_new(o, "revoked", json_boolean(n->revoked));
    json_object_set_new(o, "joined", ctl_time(n->created));
    json_object_set_new(o, "seen", ctl_time(n->seen));
    json_object_set_new(o, "cpu", json_real(n->cpu));
    json_object_set_new(o, "memory_used", json_integer(n->memory_used));
    json_object_set_new(o, "memory_total", json_integer(n->memory_total));
    json_object_set_new(o, "disk_free", json_integer(n->disk_free));
    json_object_set_new(o, "disk_total", json_integer(n->disk_total));
    json_object_set_new(o, "uptime", json_integer(n->uptime));
    json_object_set_new(o, "free_slots", slots);
    json_object_set_new(o, "jobs", json_integer(n->jobs));
    json_object_set_new(o, "links_from", n->store ? json_integer(n->store) : json_null());
    json_object_set_new(o, "failed_in_a_row", json_integer(n->failed));
    json_object_set_new(o, "failing", json_boolean(node_is_failing(n)));
    return o;
}

const char *ctl_failing(struct cx *cx, const struct node_info *n)
{
    return arena_printf(
        cx->arena,
        "failed %d lectures in a row, the last one with \"%s\", so it gets one job at a time until "
        "one succeeds: see lecternctl task show %lld; unless the files are to blame, repair the "
        "machine, or lecternctl node revoke %lld",
        n->failed, ctl_failure(n->failed_code), (long long)n->failed_task, (long long)n->id);
}

static void print_node(struct cx *cx, const struct node_info *n)
{
    const char *state = n->revoked ? "revoked" : n->alive ? "alive" : "away";
    printf("%4lld  %-8s %-20s %-16s %-16s cpu %3d %%  disk free %lld GB  jobs %d%s\n", (long long)n->id,
           state, n->name, n->org_slug, wire_roles_text(cx->arena, n->roles), (int)(n->cpu * 100 + 0.5),
           (long long)(n->disk_free / 1000000000), n->jobs,
           n->store ? arena_printf(cx->arena, "  links from %lld", (long long)n->store) : "");
    if (node_is_failing(n))
        printf("      failing: %s\n", ctl_failing(cx, n));
}

static int list_nodes(struct ctl *ctl)
{
    bool json = false;
    const struct ctl_option options[] = {{"json", NULL, &json}, {NULL, NULL, NULL}};
    struct node_info *nodes;
    json_t *list = json_array();
    size_t n;
    if (!ctl_parse(ctl, options, 0, 0))
        return CTL_USAGE;
    if (node_list(ctl->cx, &nodes, &n) != RC_OK)
        return ctl_fail_rc(ctl, "cannot list the nodes");
    for (size_t i = 0; i < n; i++) {
        if (json)
            json_array_append_new(list, node_json(ctl->cx, &nodes[i]));
        else
            print_node(ctl->cx, &nodes[i]);
    }
    if (json)
        ctl_json_print(list);
    else
        json_decref(list);
    return CTL_OK;
}

static int revoke(struct ctl *ctl)
{
    int64_t id;
    if (!ctl_parse(ctl, NULL, 1, 1))
        return CTL_USAGE;
    if (!str_to_i64(str_of(ctl->argv[0]), 1, INT64_MAX, &id))
        return ctl_wrong("%s is not the number of a node: lecternctl node list", ctl->argv[0]);
    if (node_revoke(ctl->cx, id) != RC_OK)
        return ctl_fail_rc(ctl, "cannot revoke the node");
    return CTL_OK;
}

static int rotate(struct ctl *ctl)
{
    static const char *const all[] = {JWT_AUD_JOIN, JWT_AUD_STORE, JWT_AUD_PLAY, JWT_AUD_INGEST};
    const char *kid;
    if (!ctl_parse(ctl, NULL, 0, 1))
        return CTL_USAGE;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const char *aud = ctl->argc ? ctl->argv[0] : all[i];
        if (keys_rotate(ctl->cx, aud, &kid) != RC_OK)
            return ctl_fail_rc(ctl, "cannot make a new key");
        printf("%s %s\n", aud, kid);
        if (ctl->argc)
            break;
    }
    return CTL_OK;
}

enum rc ctl_figure_nodes(struct ctl *ctl, struct buf *json)
{
    struct node_info *nodes;
    size_t n, alive = 0, revoked = 0;
    enum rc rc = node_list(ctl->cx, &nodes, &n);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < n; i++) {
        alive += nodes[i].alive;
        revoked += nodes[i].revoked;
    }
    buf_printf(json, "{\"alive\":%zu,\"away\":%zu,\"revoked\":%zu}", alive, n - alive - revoked, revoked);
    return RC_OK;
}

const struct ctl_command ctl_node_commands[] = {
    {"node token", "--org SLUG [--roles worker,storage,edge,ingest,entry] [--uses N]",
     "an organisation token for new machines, valid seven hours", token},
    {"node list", "[--json]", "machines that joined", list_nodes},
    {"node revoke", "ID", "void a node's token; its jobs go elsewhere", revoke},
    {"key rotate", "[join|store|play]", "new signing keys; tokens made with the old ones stay valid", rotate},
    {NULL, NULL, NULL, NULL},
};
