/* All commands of lecternctl: add a table here when you add a file. */
#include "daemons/ctl/ctl.h"

const struct ctl_command *const ctl_tables[] = {
    ctl_admin_commands,
    ctl_people_commands,
    ctl_token_commands,
    ctl_org_commands,
    ctl_idp_commands,
    ctl_term_commands,
    ctl_course_commands,
    ctl_lecture_commands,
    ctl_live_commands,
    ctl_task_commands,
    ctl_node_commands,
    ctl_saml_commands,
    NULL,
};

const struct ctl_check ctl_checks[] = {
    {"addresses", ctl_check_addresses},
    {"database", ctl_check_database},
    {"schema", ctl_check_schema},
    {"redis", ctl_check_redis},
    {"folders", ctl_check_folders},
    {"room", ctl_check_room},
    {"keys", ctl_check_keys},
    {"tools", ctl_check_tools},
    {"nodes", ctl_check_nodes},
    {"queue", ctl_check_queue},
    {NULL, NULL},
};

const struct ctl_figure ctl_figures[] = {
    {"content", ctl_figure_content},
    {"jobs", ctl_figure_jobs},
    {"nodes", ctl_figure_nodes},
    {NULL, NULL},
};
