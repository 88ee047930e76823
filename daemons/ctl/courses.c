/* Courses. */
#include "daemons/ctl/ctl.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/svc/people/org.h"
#include "lib/svc/people/user.h"
#include "lib/svc/teaching/course.h"
#include "lib/svc/teaching/course_staff.h"
#include "lib/svc/teaching/course_students.h"
#include "lib/svc/teaching/term.h"

#define VISIBILITY_WORDS "--visibility is public, signedin, enrolled or hidden"

enum { PEOPLE_MAX = 1000 };

/* The term of a slug, or the current one for NULL. */
static enum rc find_term(struct ctl *ctl, const char *slug, int64_t *id)
{
    struct term *term = NULL;
    enum rc rc = slug ? term_get_by_slug(ctl->cx, slug, &term) : term_get_current(ctl->cx, &term);
    if (rc == RC_OK)
        *id = term->id;
    return rc;
}

static int course_add(struct ctl *ctl)
{
    const char *term = NULL, *name = NULL, *org = NULL, *visibility = "public", *staff = NULL, *text = NULL;
    bool downloads = false;
    const struct ctl_option options[] = {{"term", &term, NULL},
                                         {"name", &name, NULL},
                                         {"org", &org, NULL},
                                         {"visibility", &visibility, NULL},
                                         {"staff", &staff, NULL},
                                         {"description", &text, NULL},
                                         {"downloads", NULL, &downloads},
                                         {NULL, NULL, NULL}};
    struct org *o = NULL;
    struct user *person = NULL;
    int64_t id = 0;
    if (!ctl_parse(ctl, options, 1, 1))
        return CTL_USAGE;
    struct course_edit in = {.slug = ctl->argv[0], .description = text, .downloads = downloads};
    in.name = name ? name : in.slug;
    if (!org || !visibility_of(str_of(visibility), &in.visibility))
        return ctl_wrong(org ? VISIBILITY_WORDS : "say whose course it is: --org SLUG");
    enum rc rc = find_term(ctl, term, &in.term_id);
    if (rc == RC_OK)
        rc = org_get_by_slug(ctl->cx, org, &o);
    if (rc == RC_OK && staff)
        rc = user_get_by_login(ctl->cx, staff, &person);
    if (rc == RC_OK) {
        in.organisation_id = o->id;
        rc = course_create(ctl->cx, &in, &id);
    }
    if (rc == RC_OK && staff)
        rc = course_staff_give(ctl->cx, id, staff, STAFF_OWNER, 0);
    return rc == RC_OK ? CTL_OK : ctl_fail_rc(ctl, "cannot add the course");
}

/* Fields without an option keep their value. */
static enum rc fill_edit(struct ctl *ctl, const char *term, const char *org, const struct course *c,
                         struct course_edit *in)
{
    struct org *o = NULL;
    enum rc rc = term ? find_term(ctl, term, &in->term_id) : RC_OK;
    if (rc == RC_OK && org)
        rc = org_get_by_slug(ctl->cx, org, &o);
    if (!term)
        in->term_id = c->term_id;
    in->organisation_id = o ? o->id : c->organisation_id;
    in->name = in->name ? in->name : c->name;
    in->slug = in->slug ? in->slug : c->slug;
    return rc;
}

/* Settings that are on or off: one option gives each, one takes it, and without both it stays as it is. */
enum { S_DOWNLOADS, S_GAPS, S_FIRST, S_COUNT };
static const char *const on_names[S_COUNT] = {"downloads", "keep-gaps", "keep-first"};
static const char *const off_names[S_COUNT] = {"no-downloads", "cut-gaps", "take-over"};

/* -1, or one for which both are given. */
static int find_both(const bool *on, const bool *off)
{
    for (int i = 0; i < S_COUNT; i++)
        if (on[i] && off[i])
            return i;
    return -1;
}

static int course_edit(struct ctl *ctl)
{
    const char *term = NULL, *org = NULL, *visibility = NULL;
    bool on[S_COUNT] = {false}, off[S_COUNT] = {false};
    struct course_edit in = {0};
    struct ctl_option options[7 + 2 * S_COUNT] = {
        {"term", &term, NULL}, {"name", &in.name, NULL},          {"slug", &in.slug, NULL},
        {"org", &org, NULL},   {"visibility", &visibility, NULL}, {"description", &in.description, NULL}};
    struct course *c = NULL;
    for (int i = 0; i < S_COUNT; i++) {
        options[6 + 2 * i] = (struct ctl_option){on_names[i], NULL, &on[i]};
        options[7 + 2 * i] = (struct ctl_option){off_names[i], NULL, &off[i]};
    }
    if (!ctl_parse(ctl, options, 1, 1))
        return CTL_USAGE;
    int both = find_both(on, off);
    if (both >= 0)
        return ctl_wrong("--%s or --%s, not both", on_names[both], off_names[both]);
    if (visibility && !visibility_of(str_of(visibility), &in.visibility))
        return ctl_wrong(VISIBILITY_WORDS);
    enum rc rc = ctl_find_course(ctl, ctl->argv[0], &c);
    if (rc == RC_OK)
        rc = fill_edit(ctl, term, org, c, &in);
    if (rc == RC_OK) {
        in.downloads = on[S_DOWNLOADS] || (c->downloads && !off[S_DOWNLOADS]);
        in.keep_gaps = on[S_GAPS] || (c->keep_gaps && !off[S_GAPS]);
        in.keep_first = on[S_FIRST] || (c->keep_first && !off[S_FIRST]);
        in.visibility = visibility ? in.visibility : c->visibility;
        rc = course_update(ctl->cx, c->id, &in);
    }
    return rc == RC_OK ? CTL_OK : ctl_fail_rc(ctl, "cannot change the course");
}

static void print_course(const struct course *c, bool json, bool first)
{
    if (!json) {
        printf("%-6s %-24s %-9s %4lld  %s\n", c->term_slug, c->slug, visibility_name(c->visibility),
               (long long)c->lecture_count, c->name);
        return;
    }
    printf("%s{\"id\":%lld,\"key\":", first ? "" : ",\n", (long long)c->id);
    ctl_json_text(c->key);
    fputs(",\"term\":", stdout);
    ctl_json_text(c->term_slug);
    fputs(",\"slug\":", stdout);
    ctl_json_text(c->slug);
    fputs(",\"name\":", stdout);
    ctl_json_text(c->name);
    fputs(",\"organisation\":", stdout);
    ctl_json_text(c->organisation_name);
    fputs(",\"staff\":", stdout);
    ctl_json_text(c->staff);
    printf(",\"visibility\":\"%s\",\"downloads\":%s,\"keep_gaps\":%s,\"keep_first\":%s,\"lectures\":%lld}",
           visibility_name(c->visibility), c->downloads ? "true" : "false", c->keep_gaps ? "true" : "false",
           c->keep_first ? "true" : "false", (long long)c->lecture_count);
}

static int list_courses(struct ctl *ctl)
{
    bool json = false;
    const char *term = NULL;
    int64_t term_id = 0;
    struct course_list list;
    const struct ctl_option options[] = {{"json", NULL, &json}, {"term", &term, NULL}, {NULL, NULL, NULL}};
    if (!ctl_parse(ctl, options, 0, 0))
        return CTL_USAGE;
    enum rc rc = term ? find_term(ctl, term, &term_id) : RC_OK;
    if (rc == RC_OK)
        rc = course_list_all(ctl->cx, term_id, &list);
    if (rc != RC_OK)
        return ctl_fail_rc(ctl, "cannot list the courses");
    if (json)
        putchar('[');
    for (size_t i = 0; i < list.n; i++)
        print_course(&list.item[i], json, i == 0);
    if (json)
        puts("]");
    return CTL_OK;
}

/* "texts,upload" as a set of bits; false if a word is none. */
static bool read_rights(const char *words, unsigned *out)
{
    struct str rest = str_of(words);
    unsigned rights = 0;
    enum staff_right right;
    while (rest.n) {
        if (!staff_right_of(str_cut(&rest, ','), &right))
            return false;
        rights |= 1u << right;
    }
    *out = rights;
    return true;
}

static int staff(struct ctl *ctl)
{
    const char *role_word = NULL, *rights_words = NULL;
    const struct ctl_option options[] = {
        {"role", &role_word, NULL}, {"rights", &rights_words, NULL}, {NULL, NULL, NULL}};
    enum staff_role role = STAFF_LECTURER;
    unsigned rights = 0;
    struct course *course = NULL;
    if (!ctl_parse(ctl, options, 2, PEOPLE_MAX))
        return CTL_USAGE;
    if (role_word && !staff_role_of(str_of(role_word), &role))
        return ctl_wrong("--role owner, lecturer or assistant");
    if (rights_words && (role != STAFF_ASSISTANT || !read_rights(rights_words, &rights)))
        return ctl_wrong("--role assistant --rights texts,upload,timetable,people,statistics");
    enum rc rc = ctl_find_course(ctl, ctl->argv[0], &course);
    for (int i = 1; rc == RC_OK && i < ctl->argc; i++)
        rc = course_staff_give(ctl->cx, course->id, ctl->argv[i], role, rights);
    return rc == RC_OK ? CTL_OK : ctl_fail_rc(ctl, "cannot change the course");
}

static int enrol(struct ctl *ctl)
{
    struct course *course = NULL;
    if (!ctl_parse(ctl, NULL, 2, PEOPLE_MAX))
        return CTL_USAGE;
    enum rc rc = ctl_find_course(ctl, ctl->argv[0], &course);
    for (int i = 1; rc == RC_OK && i < ctl->argc; i++)
        rc = course_students_add(ctl->cx, course->id, ctl->argv[i]);
    return rc == RC_OK ? CTL_OK : ctl_fail_rc(ctl, "cannot change the course");
}

const struct ctl_command ctl_course_commands[] = {
    {"course add",
     "SLUG --org SLUG [--term TERM] [--name NAME] [--visibility public|signedin|enrolled|hidden] [--staff "
     "LOGIN] "
     "[--description TEXT] [--downloads]",
     "a course", course_add},
    {"course edit",
     "[TERM/]SLUG [--name NAME] [--slug SLUG] [--term TERM] [--org SLUG] [--visibility "
     "public|signedin|enrolled|hidden] "
     "[--description TEXT] [--downloads | --no-downloads] [--keep-gaps | --cut-gaps] [--keep-first | "
     "--take-over]",
     "changes what is given", course_edit},
    {"course list", "[--term TERM] [--json]", "courses with their lectures", list_courses},
    {"course staff", "[TERM/]SLUG LOGIN… [--role owner|lecturer|assistant] [--rights RIGHT,…]",
     "who runs it, in which role", staff},
    {"course enrol", "[TERM/]SLUG LOGIN…", "students of it", enrol},
    {NULL, NULL, NULL, NULL},
};
