/* The tree of organisations: rename, move, archive, and what two changes at once may not do. */
#include "tests/unit/testing.h"

#include <pthread.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/db/db.h"
#include "lib/svc/people/accent.h"
#include "lib/svc/people/org_list.h"
#include "lib/svc/people/org_look.h"
#include "lib/svc/people/org_tree.h"
#include "lib/svc/people/user.h"
#include "lib/svc/teaching/course.h"
#include "tests/unit/svc/world.h"

static struct world w;
static struct cx *cx;

static void assert_fails(enum rc got, enum rc rc, const char *key)
{
    assert_int_equal(got, rc);
    assert_string_equal(cx->err.key ? cx->err.key : "(none)", key);
    err_clear(cx);
}

static int64_t add(const char *slug, int64_t parent)
{
    int64_t id = 0;
    assert_ok(
        shown(cx, org_create(cx, &(struct org_new){.slug = slug, .name = slug, .parent_id = parent}, &id)));
    return id;
}

static struct org *get(int64_t id)
{
    struct org *org = NULL;
    assert_ok(shown(cx, org_get(cx, id, &org)));
    return org;
}

/* Every organisation is reached from a root, and its path is that of its parent with its own id. */
static void assert_tree(void)
{
    struct org_list list;
    struct rows *rows = NULL;
    assert_ok(shown(cx, org_list(cx, &list)));
    assert_ok(db_query(cx, SQL_org_list, &rows, ""));
    assert_int_equal(list.n, rows_count(rows));
    const char *above[ORG_DEPTH_MAX + 1] = {"/"};
    for (size_t i = 0; i < list.n; i++) {
        const struct org *o = &list.item[i];
        assert_in_range(o->depth, 0, ORG_DEPTH_MAX - 1);
        assert_string_equal(o->path, arena_printf(cx->arena, "%s%lld/", above[o->depth], (long long)o->id));
        above[o->depth + 1] = o->path;
    }
}

static void fields_are_changed_together(void **state)
{
    (void)state;
    struct org *org;
    become(&w, -1);
    int64_t id = add("before", w.school);
    struct org_edit in = {"after", "Après", "Europe/Paris", "fr", "help@example.org", NULL};
    become(&w, w.maintainer);
    assert_ok(shown(cx, org_update(cx, id, &in)));
    org = get(id);
    assert_string_equal(org->slug, "after");
    assert_string_equal(org->name, "Après");
    assert_string_equal(org->zone, "Europe/Paris");
    assert_string_equal(org->lang, "fr");
    assert_string_equal(org->contact, "help@example.org");
    int64_t child = add("after-child", id);
    assert_string_equal(get(child)->zone, "Europe/Paris");
    assert_string_equal(get(child)->lang, "fr");
    in.contact = "https://example.org/help?a=b";
    assert_ok(org_update(cx, id, &in));
    in.contact = "javascript:alert(1)@x.y z";
    assert_fails(org_update(cx, id, &in), RC_INVALID, "contact_invalid");
    in.contact = "https://a b";
    assert_fails(org_update(cx, id, &in), RC_INVALID, "contact_invalid");
    in = (struct org_edit){"after", "A", "Europe/Paris", "x", "", NULL};
    assert_fails(org_update(cx, id, &in), RC_INVALID, "lang_invalid");
    in = (struct org_edit){"school", "A", "Europe/Paris", "", "", NULL};
    assert_fails(org_update(cx, id, &in), RC_CONFLICT, "slug_taken");
    in.slug = "after";
    become(&w, w.foreign);
    assert_fails(org_update(cx, id, &in), RC_DENIED, "not_allowed");
    become(&w, w.lecturer);
    assert_fails(org_update(cx, id, &in), RC_DENIED, "not_allowed");
    become(&w, 0);
    assert_fails(org_update(cx, id, &in), RC_DENIED, "signin");
    assert_string_equal(get(id)->name, "Après");
}

static enum rc rename_to(int64_t id, const char *slug)
{
    struct org_edit in = {slug, slug, "UTC", "", "", NULL};
    return org_update(cx, id, &in);
}

static const char *slug_behind(const char *slug)
{
    struct org *org;
    assert_ok(shown(cx, org_get_by_slug(cx, slug, &org)));
    return org->slug;
}

static void old_addresses_lead_on(void **state)
{
    (void)state;
    struct org *org;
    become(&w, -1);
    int64_t id = add("one", w.school);
    assert_fails(org_get_by_slug(cx, "two", &org), RC_NOTFOUND, "org_unknown");
    assert_ok(rename_to(id, "two"));
    assert_ok(rename_to(id, "three"));
    assert_string_equal(slug_behind("one"), "three");
    assert_string_equal(slug_behind("two"), "three");
    assert_ok(rename_to(id, "two")); /* back */
    assert_string_equal(slug_behind("two"), "two");
    assert_string_equal(slug_behind("three"), "two");
    int64_t other = add("one", w.school); /* whoever has it now comes first, and keeps it */
    assert_string_equal(slug_behind("one"), "one");
    assert_ok(rename_to(other, "four"));
    assert_string_equal(slug_behind("one"), "four");
    assert_ok(rename_to(id, "four-2"));
    assert_ok(rename_to(other, "two"));
    assert_string_equal(slug_behind("two"), "two");
    assert_string_equal(slug_behind("three"), "four-2");
}

static void a_subtree_moves_with_everything_in_it(void **state)
{
    (void)state;
    become(&w, -1);
    int64_t a = add("m-a", w.school), b = add("m-b", a), c = add("m-c", b);
    assert_ok(shown(cx, org_move(cx, a, w.other)));
    assert_int_equal(get(a)->parent_id, w.other);
    assert_int_equal(get(c)->depth, 4);
    assert_tree();
    assert_ok(org_move(cx, a, w.other)); /* it is there */
    assert_fails(org_move(cx, a, a), RC_INVALID, "org_below_itself");
    assert_fails(org_move(cx, a, c), RC_INVALID, "org_below_itself");
    assert_fails(org_move(cx, a, 99999), RC_NOTFOUND, "org_unknown");
    assert_ok(org_move(cx, b, 0));
    assert_int_equal(get(b)->depth, 0);
    assert_ok(org_move(cx, b, a));
    assert_tree();
    /* undone, while it is where the move brought it */
    assert_fails(org_move_back(cx, b, w.other, 0), RC_CONFLICT, "org_moved_since");
    assert_fails(org_move_back(cx, b, 0, a), RC_CONFLICT, "org_moved_since");
    assert_ok(org_move_back(cx, b, a, 0));
    assert_int_equal(get(b)->depth, 0);
    assert_fails(org_move_back(cx, b, a, 0), RC_CONFLICT, "org_moved_since");
    assert_ok(org_move_back(cx, b, 0, a));
    assert_ok(org_archive(cx, w.other));
    assert_fails(org_move_back(cx, b, a, w.school), RC_CONFLICT, "org_archived");
    assert_ok(org_restore(cx, w.other));
    assert_tree();
}

static void the_height_of_what_is_moved_counts(void **state)
{
    (void)state;
    become(&w, -1);
    int64_t deep = w.school, tower = add("tower", w.other), top = tower;
    for (int i = 0; i < 6; i++)
        deep = add(arena_printf(cx->arena, "deep-%d", i), deep); /* the last one stands on level 8 */
    for (int i = 0; i < 4; i++)
        top = add(arena_printf(cx->arena, "tower-%d", i), top); /* the tower has five levels */
    assert_int_equal(get(deep)->depth, 7);
    assert_fails(org_move(cx, tower, deep), RC_INVALID, "org_too_deep");
    assert_ok(org_move(cx, tower, get(deep)->parent_id)); /* levels 8 to 12 */
    assert_int_equal(get(top)->depth, ORG_DEPTH_MAX - 1);
    struct org_new in = {.slug = "too-deep", .name = "x", .parent_id = top};
    assert_rc(org_create(cx, &in, NULL), RC_INVALID);
    assert_null(cx->err.field); /* the form has no field for the place */
    assert_fails(org_create(cx, &in, NULL), RC_INVALID, "org_too_deep");
    assert_tree();
}

static void a_move_needs_the_right_on_both_ends(void **state)
{
    (void)state;
    become(&w, -1);
    int64_t mine = add("mv-mine", w.school), below = add("mv-below", mine),
            theirs = add("mv-theirs", w.other);
    become(&w, w.maintainer); /* of school */
    assert_true(org_may_move(cx, get(mine)));
    assert_false(org_may_move(cx, get(w.school)));
    assert_fails(org_move(cx, w.school, mine), RC_DENIED, "org_move_denied");
    assert_fails(org_move(cx, theirs, mine), RC_DENIED, "org_move_denied");
    assert_fails(org_move(cx, mine, w.other), RC_DENIED, "org_place_denied");
    assert_fails(org_move(cx, mine, 0), RC_DENIED, "org_place_denied");
    assert_ok(org_move(cx, below, w.school));
    become(&w, w.student);
    assert_fails(org_move(cx, below, mine), RC_DENIED, "org_move_denied");
    become(&w, w.admin);
    assert_ok(org_move(cx, mine, w.other));
    become(&w, w.maintainer); /* the right has gone with it */
    assert_fails(org_move(cx, mine, w.school), RC_DENIED, "org_move_denied");
    assert_tree();
}

static enum rc add_course(const char *slug, int64_t org, int64_t *id)
{
    struct course_edit in = {
        .name = slug, .slug = slug, .term_id = w.term, .organisation_id = org, .visibility = VIS_PUBLIC};
    return course_create(cx, &in, id);
}

static void what_is_archived_gets_nothing_new(void **state)
{
    (void)state;
    int64_t course, other_course;
    become(&w, -1);
    int64_t a = add("ar-a", w.school), b = add("ar-b", a), c = add("ar-c", a), d = add("ar-d", w.school);
    assert_ok(add_course("ar-1", b, &course));
    assert_ok(add_course("ar-2", d, &other_course));
    become(&w, w.maintainer);
    assert_ok(org_archive(cx, c));
    assert_ok(shown(cx, org_archive(cx, a)));
    assert_ok(org_archive(cx, a));
    assert_int_equal(get(b)->archived_by, a);
    assert_int_equal(get(c)->archived_by, c);
    assert_true(get(b)->archived_at != NO_TIME);
    struct course_edit in = {.name = "x", .slug = "ar-2", .term_id = w.term, .organisation_id = b};
    assert_fails(add_course("ar-3", b, NULL), RC_CONFLICT, "org_archived");
    assert_fails(course_update(cx, other_course, &in), RC_CONFLICT, "org_archived");
    in.slug = "ar-1"; /* what is there may be changed, and go to another term */
    in.term_id = w.old_term;
    assert_ok(shown(cx, course_update(cx, course, &in)));
    struct org_new child = {.slug = "ar-e", .name = "x", .parent_id = b};
    assert_fails(org_create(cx, &child, NULL), RC_CONFLICT, "org_archived");
    assert_fails(org_move(cx, b, w.school), RC_CONFLICT, "org_archived");
    assert_fails(org_move(cx, d, b), RC_CONFLICT, "org_archived");
    assert_fails(org_restore(cx, b), RC_CONFLICT, "org_archived_above");
    assert_fails(org_restore(cx, c), RC_CONFLICT, "org_archived_above");
    become(&w, w.foreign);
    assert_fails(org_restore(cx, a), RC_DENIED, "not_allowed");
    assert_fails(org_archive(cx, d), RC_DENIED, "not_allowed");
    become(&w, w.maintainer);
    assert_ok(org_restore(cx, a));
    assert_ok(org_restore(cx, a));
    assert_int_equal(get(b)->archived_by, 0);
    assert_int_equal(get(c)->archived_by, c); /* it had been archived by itself */
    assert_ok(org_restore(cx, c));
    assert_int_equal(get(c)->archived_by, 0);
    assert_ok(add_course("ar-3", b, NULL));
}

/* --- choosing --- */

static void find(enum action action, const char *words, struct org_list *list)
{
    struct org_search in = {.action = action, .words = words, .limit = 20};
    assert_ok(shown(cx, org_find(cx, &in, list)));
}

static bool has(const struct org_list *list, const char *slug)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->item[i].slug, slug) == 0)
            return true;
    return false;
}

static void a_search_stays_within_what_one_may(void **state)
{
    (void)state;
    struct org_list list;
    become(&w, -1);
    int64_t a = add("fi-inside", w.school);
    add("fi-below", a);
    int64_t archived = add("fi-archived", a);
    assert_ok(org_archive(cx, archived));
    int64_t outside = add("fi-outside", w.other);
    become(&w, w.lecturer); /* of school */
    find(ACT_COURSE_CREATE, "fi-", &list);
    assert_int_equal(list.n, 2);
    assert_true(has(&list, "fi-inside") && has(&list, "fi-below"));
    assert_string_equal(list.item[0].above, "uni › school › fi-inside");
    find(ACT_ORG_MANAGE, "fi-", &list);
    assert_int_equal(list.n, 0);
    become(&w, w.maintainer); /* of school */
    find(ACT_ORG_MANAGE, "FI-IN", &list);
    assert_int_equal(list.n, 1);
    become(&w, w.admin);
    find(ACT_ORG_MANAGE, "fi-", &list);
    assert_int_equal(list.n, 3);
    assert_true(has(&list, "fi-outside"));
    struct org_search in = {.action = ACT_ORG_MANAGE, .words = "fi-", .limit = 1, .except = get(a)->path};
    assert_ok(org_find(cx, &in, &list));
    assert_int_equal(list.n, 1);
    assert_int_equal(list.item[0].id, outside);
    assert_false(list.more);
    in.except = NULL;
    assert_ok(org_find(cx, &in, &list));
    assert_true(list.n == 1 && list.more);
    in = (struct org_search){.action = ACT_ORG_MANAGE, .words = "", .limit = 1000, .except = get(a)->path};
    assert_ok(org_find(cx, &in, &list));
    assert_true(has(&list, "fi-outside") && !has(&list, "fi-inside") && !has(&list, "fi-below"));
    in.except = NULL;
    assert_ok(org_find(cx, &in, &list));
    assert_true(has(&list, "fi-inside") && has(&list, "fi-below") && !has(&list, "fi-archived"));
    become(&w, w.student);
    find(ACT_COURSE_CREATE, "fi-", &list);
    assert_int_equal(list.n, 0);
    find(ACT_COURSE_CREATE, "", &list);
    assert_int_equal(list.n, 0);
    become(&w, 0);
    find(ACT_COURSE_CREATE, "fi-", &list);
    assert_int_equal(list.n, 0);
}

static void words_are_found_in_any_order(void **state)
{
    (void)state;
    struct org_list list;
    become(&w, -1);
    int64_t id = add("wo-1", w.school);
    struct org_edit in = {"wo-1", "Lehrstuhl für Öffentliches Recht 100%", "UTC", "", "", NULL};
    assert_ok(org_update(cx, id, &in));
    add("wo-2", w.school);
    become(&w, w.admin);
    static const char *const good[] = {
        "öffentliches", "OFFENT recht", "recht lehrstuhl", "wo-1", "100%", " recht  wo ", "ö"};
    static const char *const bad[] = {"recht medizin", "100_", "1%0", "\\", "wo-1 wo-2"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        find(ACT_ORG_MANAGE, good[i], &list);
        assert_true(has(&list, "wo-1"));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        find(ACT_ORG_MANAGE, bad[i], &list);
        assert_false(has(&list, "wo-1"));
    }
    /* what is searched follows the name */
    become(&w, -1);
    in.name = "Straßenbau";
    assert_ok(org_update(cx, id, &in));
    become(&w, w.admin);
    find(ACT_ORG_MANAGE, "STRASSENB", &list);
    assert_true(has(&list, "wo-1"));
    find(ACT_ORG_MANAGE, "recht", &list);
    assert_false(has(&list, "wo-1"));
}

static void rights_begin_at_the_grants(void **state)
{
    (void)state;
    struct org_list list;
    become(&w, -1);
    int64_t id = world_person(&w, "tops"), below = add("to-below", w.school);
    assert_ok(user_grant(cx, id, ROLE_MAINTAINER, below));
    assert_ok(user_grant(cx, id, ROLE_LECTURER, w.other));
    become(&w, id);
    assert_ok(org_list_tops(cx, ACT_COURSE_CREATE, 10, 0, &list));
    assert_int_equal(list.n, 2);
    assert_ok(org_list_tops(cx, ACT_ORG_MANAGE, 10, 0, &list));
    assert_int_equal(list.n, 1);
    assert_string_equal(list.item[0].slug, "to-below");
    find(ACT_COURSE_CREATE, "to-", &list); /* in both subtrees, and nowhere else */
    assert_true(list.n == 1 && has(&list, "to-below"));
    find(ACT_COURSE_CREATE, "other", &list);
    assert_true(has(&list, "other") && !has(&list, "uni"));
    find(ACT_COURSE_CREATE, "school", &list);
    assert_false(has(&list, "school"));
    become(&w, -1);
    assert_ok(user_grant(cx, id, ROLE_LECTURER, w.school)); /* the maintainer's right is below it */
    become(&w, id);
    assert_ok(org_list_tops(cx, ACT_COURSE_CREATE, 10, 0, &list));
    assert_int_equal(list.n, 2);
    assert_true(has(&list, "school") && has(&list, "other"));
    assert_ok(org_list_tops(cx, ACT_ORG_MANAGE, 10, 0, &list));
    assert_int_equal(list.n, 1);
    become(&w, w.admin);
    assert_ok(org_list_tops(cx, ACT_ORG_MANAGE, 1, 0, &list));
    assert_true(has(&list, "uni"));
}

static void a_page_knows_what_is_above_and_below(void **state)
{
    (void)state;
    struct org_list list;
    struct org_children children;
    struct org_counts counts;
    become(&w, -1);
    int64_t a = add("pa-a", w.school), b = add("pa-b", a);
    add("pa-c", a);
    add("pa-d", b);
    assert_ok(add_course("pa-1", b, NULL));
    become(&w, w.maintainer);
    assert_ok(org_list_above(cx, get(b)->path, &list));
    assert_int_equal(list.n, 4);
    assert_string_equal(list.item[0].slug, "uni");
    assert_string_equal(list.item[3].slug, "pa-b");
    assert_ok(org_list_children(cx, get(a), 1, 0, &children));
    assert_true(children.n == 1 && children.more);
    assert_string_equal(children.item[0].org.slug, "pa-b");
    assert_int_equal(children.item[0].children, 1);
    assert_int_equal(children.item[0].courses, 1);
    assert_ok(org_list_children(cx, get(a), 1, 1, &children));
    assert_true(children.n == 1 && !children.more);
    assert_ok(org_count(cx, get(a), &counts));
    assert_int_equal(counts.below, 3);
    assert_int_equal(counts.courses, 1);
    assert_int_equal(counts.people, 0);
    become(&w, w.lecturer);
    assert_fails(org_count(cx, get(a), &counts), RC_DENIED, "not_allowed");
    assert_fails(org_list_children(cx, get(a), 1, 0, &children), RC_DENIED, "not_allowed");
}

/* --- look --- */

static void a_colour_must_be_read_in_both_themes(void **state)
{
    (void)state;
    struct accent a;
    static const char *const bad[] = {"", "2f5bd8", "#2f5bd", "#2f5bd8x", "#2f5bg8", "red"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(accent_read(bad[i], &a));
    assert_true(accent_read("#2F5BD8", &a) && accent_good(&a));
    assert_string_equal(a.light, "#2f5bd8");
    assert_string_equal(a.nearest, "#2f5bd8");
    assert_string_not_equal(a.dark, a.light); /* too dark for the dark theme */
    assert_true(accent_read("#ffd800", &a));
    assert_false(accent_good(&a));
    char nearest[ACCENT_LENGTH + 1];
    snprintf(nearest, sizeof nearest, "%s", a.nearest);
    assert_true(accent_read(nearest, &a) && accent_good(&a));
    assert_true(accent_read("#000000", &a) && accent_good(&a));
    assert_true(accent_read("#ffffff", &a) && !accent_good(&a));
    assert_non_null(strstr(accent_sheet(cx->arena, &a), "prefers-color-scheme: dark"));
}

static const char PNG[] = "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x20\0\0\0\x18\x08\x02\0\0\0crc!"
                          "\0\0\0\x02IDAT\x78\x9c"
                          "crc!\0\0\0\0IENDcrc!";

static void look_comes_from_the_nearest_above(void **state)
{
    (void)state;
    struct org_look look;
    struct org_logo logo;
    struct str png = {PNG, sizeof PNG - 1};
    become(&w, -1);
    int64_t a = add("lo-a", w.school), b = add("lo-b", a);
    become(&w, w.maintainer);
    assert_ok(org_get_look(cx, get(b)->path, &look));
    assert_null(look.accent);
    assert_null(look.name);
    assert_string_equal(look.contact, "");
    assert_ok(shown(cx, org_set_accent(cx, a, "#2F5BD8")));
    assert_fails(org_set_accent(cx, a, "#ffd800"), RC_INVALID, "accent_pale");
    assert_fails(org_set_accent(cx, a, "blue"), RC_INVALID, "accent_invalid");
    assert_ok(shown(cx, org_set_logo(cx, a, png)));
    struct org_edit in = {"lo-a", "A", "UTC", "de", "a@example.org", NULL};
    assert_ok(org_update(cx, a, &in));
    assert_ok(org_get_look(cx, get(a)->path, &look));
    assert_string_equal(look.lang, "de");
    assert_ok(org_get_look(cx, get(b)->path, &look));
    assert_string_equal(look.accent, "#2f5bd8");
    assert_string_equal(look.contact, "a@example.org");
    assert_string_equal(look.name, "A");
    assert_int_equal(look.logo.width, 32);
    assert_ok(org_get_logo(cx, look.logo.hash, &logo));
    assert_int_equal(logo.bytes.n, png.n);
    assert_memory_equal(logo.bytes.p, PNG, png.n);
    assert_ok(org_set_accent(cx, b, "#1c7a43"));
    assert_ok(org_get_look(cx, get(b)->path, &look));
    assert_string_equal(look.accent, "#1c7a43");
    assert_ok(org_set_accent(cx, b, ""));
    assert_ok(org_set_logo(cx, b, png)); /* the same picture, once */
    assert_ok(org_set_logo(cx, a, (struct str){NULL, 0}));
    assert_ok(org_get_logo(cx, look.logo.hash, &logo));
    assert_ok(org_set_logo(cx, b, (struct str){NULL, 0}));
    assert_rc(org_get_logo(cx, look.logo.hash, &logo), RC_NOTFOUND); /* nobody shows it any more */
    assert_rc(org_get_logo(cx, "ü", &logo), RC_NOTFOUND);
}

static void a_logo_is_a_small_picture(void **state)
{
    (void)state;
    char bytes[sizeof PNG];
    become(&w, -1);
    int64_t id = add("pic", w.school);
    memcpy(bytes, PNG, sizeof bytes);
    bytes[19] = 15; /* pixels wide */
    assert_fails(org_set_logo(cx, id, (struct str){bytes, sizeof PNG - 1}), RC_INVALID, "logo_size");
    bytes[18] = 8; /* 2,063 */
    assert_fails(org_set_logo(cx, id, (struct str){bytes, sizeof PNG - 1}), RC_INVALID, "logo_size");
    bytes[0] = 'x';
    assert_fails(org_set_logo(cx, id, (struct str){bytes, sizeof PNG - 1}), RC_INVALID, "logo_invalid");
    char *big = arena_alloc(cx->arena, ORG_LOGO_BYTES + 1);
    assert_fails(org_set_logo(cx, id, (struct str){big, ORG_LOGO_BYTES + 1}), RC_TOOBIG, "logo_too_big");
    become(&w, w.foreign);
    assert_fails(org_set_logo(cx, id, (struct str){PNG, sizeof PNG - 1}), RC_DENIED, "not_allowed");
    assert_fails(org_set_accent(cx, id, "#2f5bd8"), RC_DENIED, "not_allowed");
}

/* --- two at once --- */

enum { ROUNDS = 60 };

struct racer {
    struct cx cx;
    pthread_barrier_t *start;
    int64_t id, to;
    bool create; /* one below `to`, instead of moving `id` there */
    int round;
    enum rc rc;
};

static void *race(void *arg)
{
    struct racer *r = arg;
    const char *slug = arena_printf(r->cx.arena, "race-%d", r->round);
    struct org_new in = {.slug = slug, .name = slug, .parent_id = r->to};
    r->rc = db_ping(&r->cx); /* connected before the start */
    pthread_barrier_wait(r->start);
    if (r->rc == RC_OK)
        r->rc = r->create ? org_create(&r->cx, &in, NULL) : org_move(&r->cx, r->id, r->to);
    return NULL;
}

static void run(struct racer racers[2])
{
    pthread_barrier_t start;
    pthread_t threads[2];
    assert_int_equal(pthread_barrier_init(&start, NULL, 2), 0);
    for (int i = 0; i < 2; i++) {
        racers[i].start = &start;
        err_clear(&racers[i].cx);
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&start);
}

static void init_racers(struct racer racers[2])
{
    for (int i = 0; i < 2; i++) {
        racers[i] = (struct racer){0};
        test_cx_init(&racers[i].cx, w.server);
        racers[i].cx.actor = &w.program;
    }
}

static void fini_racers(struct racer racers[2])
{
    for (int i = 0; i < 2; i++)
        test_cx_fini(&racers[i].cx);
}

static void two_moves_at_once_make_no_ring(void **state)
{
    (void)state;
    struct racer racers[2];
    become(&w, -1);
    int64_t a = add("ring-a", w.school), b = add("ring-b", w.school);
    init_racers(racers);
    for (int i = 0; i < ROUNDS; i++) {
        racers[0].id = racers[1].to = a;
        racers[1].id = racers[0].to = b;
        run(racers);
        assert_true((racers[0].rc == RC_OK) != (racers[1].rc == RC_OK));
        const struct racer *lost = racers[0].rc == RC_OK ? &racers[1] : &racers[0];
        assert_int_equal(lost->rc, RC_INVALID);
        assert_string_equal(lost->cx.err.key, "org_below_itself");
        assert_tree();
        assert_ok(org_move(cx, a, w.school));
        assert_ok(org_move(cx, b, w.school));
    }
    fini_racers(racers);
}

static void one_created_below_a_moving_one_moves_with_it(void **state)
{
    (void)state;
    struct racer racers[2];
    become(&w, -1);
    int64_t a = add("moving", w.school), below = add("moving-below", a);
    init_racers(racers);
    for (int i = 0; i < ROUNDS; i++) {
        racers[0].id = a;
        racers[0].to = i % 2 ? w.school : w.other;
        racers[1].to = below;
        racers[1].create = true;
        racers[1].round = i;
        run(racers);
        assert_int_equal(racers[0].rc, RC_OK);
        assert_int_equal(racers[1].rc, RC_OK);
        assert_tree();
    }
    fini_racers(racers);
}

/* The form was made before somebody else saved the same organisation. */
static void an_older_form_is_refused(void **state)
{
    (void)state;
    become(&w, -1);
    int64_t id = add("stale-form", w.school);
    const char *seen = org_seen(cx, get(id));
    struct org_edit in = {"stale-form", "Stale", "UTC", "", "help@example.org", seen};
    become(&w, w.maintainer);
    assert_ok(shown(cx, org_update(cx, id, &in)));
    in.contact = "";
    in.name = "Corrected";
    assert_fails(org_update(cx, id, &in), RC_CONFLICT, "changed_meanwhile");
    assert_string_equal(get(id)->contact, "help@example.org");
    in.seen = org_seen(cx, get(id));
    assert_ok(org_update(cx, id, &in));
    assert_string_equal(get(id)->contact, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_changed_together),
        cmocka_unit_test(an_older_form_is_refused),
        cmocka_unit_test(old_addresses_lead_on),
        cmocka_unit_test(a_subtree_moves_with_everything_in_it),
        cmocka_unit_test(the_height_of_what_is_moved_counts),
        cmocka_unit_test(a_move_needs_the_right_on_both_ends),
        cmocka_unit_test(what_is_archived_gets_nothing_new),
        cmocka_unit_test(a_search_stays_within_what_one_may),
        cmocka_unit_test(words_are_found_in_any_order),
        cmocka_unit_test(rights_begin_at_the_grants),
        cmocka_unit_test(a_page_knows_what_is_above_and_below),
        cmocka_unit_test(a_colour_must_be_read_in_both_themes),
        cmocka_unit_test(look_comes_from_the_nearest_above),
        cmocka_unit_test(a_logo_is_a_small_picture),
        cmocka_unit_test(two_moves_at_once_make_no_ring),
        cmocka_unit_test(one_created_below_a_moving_one_moves_with_it),
    };
    if (!world_init(&w))
        return 0;
    cx = &w.cx;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    world_fini(&w);
    return failed;
}
