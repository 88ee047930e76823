/* lecternctl: what administrators and scripts do from a shell. It checks no rights: whoever can read the
 * configuration and reach the database administers the installation. The audit names "lecternctl". */
#include <getopt.h>
#include <string.h>

#include "daemons/ctl/ctl.h"
#include "lib/db/db.h"
#include "lib/svc/policy.h"

enum { NAME_MAX_LENGTH = 48, USAGE_COLUMN = 60 };

static void usage(FILE *out)
{
    fputs("usage: lecternctl [-c FILE] COMMAND …\n\n", out);
    for (size_t t = 0; ctl_tables[t]; t++) {
        for (const struct ctl_command *c = ctl_tables[t]; c->name; c++) {
            char left[USAGE_COLUMN * 4];
            snprintf(left, sizeof left, "%s %s", c->name, c->args);
            if (strlen(left) > USAGE_COLUMN)
                fprintf(out, "  %s\n  %-*s  %s\n", left, USAGE_COLUMN, "", c->help);
            else
                fprintf(out, "  %-*s  %s\n", USAGE_COLUMN, left, c->help);
        }
    }
    fputs("\n  -c FILE  configuration; else $LECTERN_CONF, else " LECTERN_SYSCONFDIR
          "/lectern.conf\n  -V       version\n",
          out);
}

/* The command of the first one or two words; *words is how many it took. */
static const struct ctl_command *find(int argc, char **argv, int *words)
{
    char name[NAME_MAX_LENGTH];
    for (*words = argc < 2 ? argc : 2; *words > 0; --*words) {
        snprintf(name, sizeof name, "%s%s%s", argv[0], *words == 2 ? " " : "", *words == 2 ? argv[1] : "");
        for (size_t t = 0; ctl_tables[t]; t++)
            for (const struct ctl_command *c = ctl_tables[t]; c->name; c++)
                if (strcmp(c->name, name) == 0)
                    return c;
    }
    return NULL;
}

static int run(const struct ctl_command *command, const struct conf *conf, int argc, char **argv)
{
    struct cx cx;
    struct actor actor = policy_system("lecternctl");
    cx_init(&cx);
    cx.conf = conf;
    cx.actor = &actor;
    cx.db = db_new_conf(conf);
    int status =
        command->fn(&(struct ctl){.cx = &cx, .conf = conf, .command = command, .argc = argc, .argv = argv});
    db_free(cx.db);
    cx_fini(&cx);
    if (fflush(stdout) != 0)
        return ctl_fail("cannot write the result");
    return status;
}

int main(int argc, char **argv)
{
    const char *file = NULL;
    int words = 0;
    for (int o; (o = getopt(argc, argv, "+c:Vh")) != -1;) {
        switch (o) {
        case 'c':
            file = optarg;
            break;
        case 'V':
            puts("lecternctl " PACKAGE_VERSION);
            return CTL_OK;
        case 'h':
            usage(stdout);
            return CTL_OK;
        default:
            usage(stderr);
            return CTL_USAGE;
        }
    }
    argc -= optind;
    argv += optind;
    if (argc > 0 && strcmp(argv[0], "help") == 0) {
        usage(stdout);
        return CTL_OK;
    }
    const struct ctl_command *command = find(argc, argv, &words);
    if (!command) {
        if (argc > 0)
            ctl_fail("there is no command %s; lecternctl help lists them", argv[0]);
        else
            usage(stderr);
        return CTL_USAGE;
    }
    return run(command, conf_start("lecternctl", file), argc - words, argv + words);
}
