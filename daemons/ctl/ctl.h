/* lecternctl: commands are data. Each file of this folder has tables of commands, checks and figures;
 * tables.c lists them. A command writes its result to standard output; a failure is one sentence on standard
 * error and an exit status. */
#ifndef DAEMONS_CTL_CTL_H
#define DAEMONS_CTL_CTL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/cx.h"
#include "lib/os/conf.h"

struct course;
struct ctl_command;

/* The run of one command: cx has the database (opened at first use), the configuration and the actor
 * "lecternctl", who may everything. */
struct ctl {
    struct cx *cx;
    const struct conf *conf;
    const struct ctl_command *command;
    int argc; /* words after the command's name */
    char **argv;
};

struct ctl_command {
    const char *name;           /* one or two words: "migrate", "user add" */
    const char *args;           /* "LOGIN --name NAME [--password-stdin]"; "" for none */
    const char *help;           /* one line */
    int (*fn)(struct ctl *ctl); /* gives the exit status */
};

enum { CTL_OK = 0, CTL_FAILED = 1, CTL_USAGE = 2 };

/* Tables of commands, each ending with a NULL name; the list ends with NULL (tables.c). */
extern const struct ctl_command *const ctl_tables[];

/* What `lecternctl check` looks at, ending with a NULL name. fn writes what it found, or what is wrong and
 * the cure. */
struct ctl_check {
    const char *name;
    bool (*fn)(struct ctl *ctl, struct buf *text);
};
extern const struct ctl_check ctl_checks[];

/* What `lecternctl status` tells, ending with a NULL name: fn appends one JSON value. */
struct ctl_figure {
    const char *name;
    enum rc (*fn)(struct ctl *ctl, struct buf *json);
};
extern const struct ctl_figure ctl_figures[];

/* An option of a command: "--json", "--term 2026w" (or --term=2026w). The table ends with a NULL name. */
struct ctl_option {
    const char *name;   /* without the dashes */
    const char **value; /* its word, NULL if not given; the flags have NULL here */
    bool *given;        /* of flags */
};

/* Takes the options out of ctl->argv (in any place; "--" ends them) and checks that `least` to `most` other
 * words remain, which are then argv[0…argc-1]. False: a sentence about the mistake was printed; return
 * CTL_USAGE. */
bool ctl_parse(struct ctl *ctl, const struct ctl_option *options, int least, int most);

/* One sentence on standard error; returns CTL_FAILED. */
int ctl_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The same for wrong words on the command line; returns CTL_USAGE. */
int ctl_wrong(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The failure in cx->err as a sentence; `what` is "cannot add the person". Returns CTL_FAILED. */
int ctl_fail_rc(const struct ctl *ctl, const char *what);

/* The course of "TERM/SLUG", or of SLUG in the newest term that has one. RC_NOTFOUND course_unknown. */
WARN_UNUSED enum rc ctl_find_course(struct ctl *ctl, const char *word, struct course **out);

/* The organisation of a slug; 0 for NULL. RC_NOTFOUND org_unknown. */
WARN_UNUSED enum rc ctl_find_org(struct ctl *ctl, const char *slug, int64_t *id);

/* JSON on standard output: a text or null; ms since 1970 as RFC 3339 or null for NO_TIME. */
void ctl_json_text(const char *text);
void ctl_json_time(int64_t ms);

extern const struct ctl_command ctl_admin_commands[];  /* admin.c: migrate, check, status, audit, metrics */
extern const struct ctl_command ctl_people_commands[]; /* people.c: user */
extern const struct ctl_command ctl_token_commands[];  /* tokens.c: token */
extern const struct ctl_command ctl_org_commands[];    /* orgs.c: org */
extern const struct ctl_command ctl_idp_commands[];    /* idps.c: idp */
extern const struct ctl_command ctl_term_commands[];   /* terms.c: term */
extern const struct ctl_command ctl_course_commands[]; /* courses.c: course */

extern const struct ctl_command ctl_node_commands[];    /* nodes.c: node, key */
extern const struct ctl_command ctl_task_commands[];    /* tasks.c: task */
extern const struct ctl_command ctl_saml_commands[];    /* saml.c: saml */
extern const struct ctl_command ctl_lecture_commands[]; /* lectures.c: lecture */
extern const struct ctl_command ctl_live_commands[];    /* live.c: live */
int ctl_lecture_import(struct ctl *ctl);                /* import.c */

/* What is said of a node that fails whatever it is given, and what to do (nodes.c); in the arena. */
struct node_info;
const char *ctl_failing(struct cx *cx, const struct node_info *n);
/* The code of a failed job (tasks.c) as a sentence; lends. */
const char *ctl_failure(const char *code);
/* The same as a value: a text as RFC 3339, null for NO_TIME. */
json_t *ctl_time(int64_t ms);
/* An address of the core's own with its host; in the arena. Others stay as they are. */
const char *ctl_address(struct ctl *ctl, const char *url);
/* The value on standard output, indented, members in the order they were set; drops the reference. */
void ctl_json_print(json_t *v);
enum rc ctl_figure_jobs(struct ctl *ctl, struct buf *json);
enum rc ctl_figure_nodes(struct ctl *ctl, struct buf *json);

/* checks.c */
bool ctl_check_database(struct ctl *ctl, struct buf *text);
bool ctl_check_schema(struct ctl *ctl, struct buf *text);
bool ctl_check_redis(struct ctl *ctl, struct buf *text);
bool ctl_check_folders(struct ctl *ctl, struct buf *text);
bool ctl_check_tools(struct ctl *ctl, struct buf *text);
bool ctl_check_addresses(struct ctl *ctl, struct buf *text);
bool ctl_check_room(struct ctl *ctl, struct buf *text);
bool ctl_check_keys(struct ctl *ctl, struct buf *text);
bool ctl_check_nodes(struct ctl *ctl, struct buf *text);
bool ctl_check_queue(struct ctl *ctl, struct buf *text);
enum rc ctl_figure_content(struct ctl *ctl, struct buf *json);

#endif
