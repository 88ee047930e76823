/* lecternctl: commands are data. Each file of this folder exports one table of commands; main.c lists the
 * tables. A command writes its result to standard output; failures are one sentence on standard error and an
 * exit status. */
#ifndef DAEMONS_CTL_CTL_H
#define DAEMONS_CTL_CTL_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/cx.h"
#include "lib/os/conf.h"

/* An option of a command: "--json", "--term 2026w". After ctl_parse, `given` tells whether it was there and
 * *value its word (options with a word). The table ends with a NULL name. */
struct ctl_option {
    const char *name;   /* without the dashes */
    const char **value; /* NULL: a flag */
    bool *given;        /* may be NULL for options with a word: *value is then NULL if it was not given */
};

/* The run of one command: cx has database (opened lazily), configuration and the system actor. */
struct ctl {
    struct cx *cx;
    const struct conf *conf;
    int argc; /* words after the command's name */
    char **argv;
};

struct ctl_command {
    const char *name;           /* one or two words: "migrate", "user add" */
    const char *args;           /* "LOGIN --name NAME [--password-stdin]"; "" for none */
    const char *help;           /* one line */
    int (*fn)(struct ctl *ctl); /* exit status */
};

/* The tables, each ending with a NULL name. */
extern const struct ctl_command ctl_admin_commands[];  /* migrate, check, status */
extern const struct ctl_command ctl_people_commands[]; /* user, org */
extern const struct ctl_command ctl_course_commands[]; /* term, course */

enum { CTL_OK = 0, CTL_FAILED = 1, CTL_USAGE = 2 };

/* Takes the options out of ctl->argv (anywhere among the words; "--" ends them) and wants `least` to `most`
 * other words, which are then argv[0…argc-1]. False after a sentence about what is wrong: return CTL_USAGE.
 */
bool ctl_parse(struct ctl *ctl, const struct ctl_option *options, int least, int most);

/* One sentence on standard error; returns CTL_FAILED. */
int ctl_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The failure in cx->err in English, with its detail; logs nothing; returns CTL_FAILED. `what` is "cannot add
 * user". */
int ctl_fail_rc(const struct ctl *ctl, const char *what);

/* Writes text as a JSON string to standard output; NULL becomes null. */
void ctl_json_text(const char *text);
/* Milliseconds UTC as a JSON string in RFC 3339, NO_TIME as null. */
void ctl_json_time(int64_t ms);

/* What pipe and others add to `status` and `check`: listed in main.c, called in order. */
struct ctl_check {
    const char *name; /* "ffmpeg" */
    bool (*fn)(struct ctl *ctl, char *text,
               unsigned long size); /* false: text says what is wrong and the cure */
};
extern const struct ctl_check ctl_checks[];

#endif
