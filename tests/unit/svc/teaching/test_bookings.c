/* Halls are booked once: overlap and back to back, series, moves, what is cancelled, deleted and restored; and of two who book at the
 * same moment one gets the hall. */
#include "tests/unit/svc/teaching/teaching.h"

#include "lib/base/clock.h"
#include "lib/base/zone.h"
#include "lib/db/db.h"
#include "lib/svc/teaching/booking.h"
#include "lib/svc/teaching/hall.h"
#include "lib/svc/teaching/schedule_change.h"
#include "lib/svc/teaching/schedule_undo.h"

enum { ROUNDS = 60, DATES = 60 };

static int64_t mine, theirs, hall_id, monday;
static struct schedule_changed done;

static int set_up(void **state)
{
    (void)state;
    struct hall_edit in = {"HS 1", "", "", 0, HALL_BELOW, NULL};
    struct wall now = wall_of_day(clock_now() / 86400000);
    monday = wall_day(&now) - (now.weekday + 6) % 7 + 14;
    become(&w, w.admin);
    if (hall_create(cx, w.uni, &in, &hall_id) != RC_OK)
        return -1;
    become(&w, w.lecturer);
    mine = add_course("mine", VIS_ENROLLED);
    theirs = add_course("theirs", VIS_HIDDEN);
    return 0;
}

static int64_t at(int64_t day, int64_t minute)
{
    return (monday + day) * 86400000 + minute * 60000;
}

static enum rc plan(int64_t course, int64_t day, int64_t from, int64_t to, const char **key)
{
    struct lecture_edit in = {
        .title = "Planned", .starts_at = at(day, from), .ends_at = at(day, to), .hall = "HS 1"};
    return lecture_create(cx, course, &in, key, NULL);
}

static struct lecture *get(const char *key)
{
    struct lecture *l;
    become(&w, -1);
    assert_ok(lecture_get(cx, ACT_COURSE_TEACH, key, &l));
    become(&w, w.lecturer);
    return l;
}

static void overlap_is_a_conflict_and_back_to_back_is_not(void **state)
{
    (void)state;
    const char *key, *lost;
    become(&w, w.lecturer);
    assert_ok(shown(cx, plan(mine, 0, 600, 660, &key)));
    assert_int_equal(get(key)->hall_state, HALL_BOOKED);
    assert_ok(plan(theirs, 0, 660, 720, &lost));
    assert_ok(plan(theirs, 0, 540, 600, &lost));
    static const int64_t taken[][2] = {{659, 661}, {599, 601}, {600, 660}, {610, 620}, {540, 720}};
    for (size_t i = 0; i < 5; i++)
        assert_fails(plan(theirs, 0, taken[i][0], taken[i][1], &lost), RC_CONFLICT, "hall_taken");
    /* without an end: four hours */
    struct lecture_edit open = {.title = "Open", .starts_at = at(1, 600), .ends_at = NO_TIME, .hall = "HS 1"};
    assert_ok(lecture_create(cx, mine, &open, &key, NULL));
    assert_fails(plan(theirs, 1, 839, 900, &lost), RC_CONFLICT, "hall_taken");
    assert_ok(plan(theirs, 1, 840, 900, &lost));
    /* a day is the most */
    assert_fails(plan(theirs, 3, 0, 24 * 60 + 1, &lost), RC_CONFLICT, "hall_long");
    assert_ok(plan(theirs, 3, 0, 24 * 60, &lost));
    assert_fails(plan(mine, 3, 24 * 60 - 1, 24 * 60 + 5, &key), RC_CONFLICT, "hall_taken");
}

/* Bookings are looked for by the day on which they begin, which is not that of what they overlap. */
static void a_night_is_of_two_days(void **state)
{
    (void)state;
    const char *key;
    become(&w, w.lecturer);
    assert_ok(shown(cx, plan(mine, 9, 22 * 60, 26 * 60, &key)));
    assert_fails(plan(theirs, 10, 60, 180, &key), RC_CONFLICT, "hall_taken");
    assert_ok(plan(theirs, 10, 120, 180, &key));
    assert_fails(plan(mine, 9, 26 * 60, 26 * 60 + 1, &key), RC_CONFLICT, "hall_taken");
    assert_ok(plan(mine, 9, 21 * 60, 22 * 60, &key));
    assert_fails(plan(mine, 9, 23 * 60, 27 * 60, &key), RC_CONFLICT, "hall_taken");
    assert_ok(plan(mine, 9, 27 * 60, 28 * 60, &key));
}

/* Who has it is named to those who may know the course. */
static void the_taker_is_named_where_it_may_be_known(void **state)
{
    (void)state;
    const char *key;
    struct course *c;
    become(&w, w.lecturer);
    assert_ok(plan(theirs, 5, 600, 660, &key)); /* a hidden course */
    assert_ok(course_get(cx, ACT_COURSE_TEACH, mine, &c));
    struct booking b = {.field = "hall", .hall = "HS 1", .starts_at = at(5, 600), .ends_at = at(5, 630)};
    assert_ok(booking_look(cx, c->object.organisation_path, &b, 1));
    assert_string_equal(b.wrong, "hall_taken");
    assert_non_null(b.by);
    assert_string_equal(b.by->course_name, "theirs");
    become(&w, w.foreign);
    assert_ok(booking_look(cx, c->object.organisation_path, &b, 1));
    assert_string_equal(b.wrong, "hall_taken");
    assert_null(b.by);
}

static void what_is_given_up_is_free(void **state)
{
    (void)state;
    const char *first, *second;
    become(&w, w.lecturer);
    assert_ok(plan(mine, 7, 600, 660, &first));
    /* cancelled: free; restored: not while somebody else has it */
    assert_ok(schedule_cancel(cx, mine, &(struct schedule_keys){.key = &first, .n = 1}, "Ill", &done));
    assert_ok(shown(cx, plan(theirs, 7, 630, 690, &second)));
    assert_fails(schedule_restore(cx, mine, &(struct schedule_keys){.key = &first, .n = 1}, &done),
                 RC_CONFLICT, "hall_taken_meanwhile");
    assert_int_equal(get(first)->time_state, TIME_CANCELLED);
    assert_ok(lecture_delete(cx, second));
    assert_ok(shown(cx, schedule_restore(cx, mine, &(struct schedule_keys){.key = &first, .n = 1}, &done)));
    assert_int_equal(get(first)->hall_state, HALL_BOOKED);
    /* deleted, and the undo comes too late for the hall */
    assert_ok(lecture_undelete(cx, second));
    assert_int_equal(get(second)->hall_state, HALL_LOST);
    assert_string_equal(get(second)->hall, "");
    assert_int_equal(get(second)->hall_id, hall_id);
    /* a deleted course holds nothing */
    assert_ok(course_delete(cx, mine));
    assert_ok(schedule_move(cx, theirs, &(struct schedule_keys){.key = &second, .n = 1},
                            &(struct schedule_move){.hall = "HS 1"}, &done));
    assert_int_equal(get(second)->hall_state, HALL_BOOKED);
    assert_ok(shown(cx, course_undelete(cx, mine)));
    assert_int_equal(get(first)->hall_state, HALL_LOST);
    /* another hall, any text, none */
    assert_ok(schedule_move(cx, theirs, &(struct schedule_keys){.key = &second, .n = 1},
                            &(struct schedule_move){.hall = "Garden"}, &done));
    assert_int_equal(get(second)->hall_id, 0);
    assert_string_equal(get(second)->hall, "Garden");
    assert_ok(schedule_move(cx, mine, &(struct schedule_keys){.key = &first, .n = 1},
                            &(struct schedule_move){.hall = "HS 1"}, &done));
    assert_int_equal(get(first)->hall_state, HALL_BOOKED);
}

/* A hall of the school, and the school's course goes elsewhere: it keeps what it has, and gets nothing new. */
static void a_course_that_moves_keeps_what_it_has(void **state)
{
    (void)state;
    int64_t id, course;
    const char *key;
    struct hall_edit hall = {"School hall", "", "", 0, HALL_BELOW, NULL};
    become(&w, w.admin);
    assert_ok(shown(cx, hall_create(cx, w.school, &hall, &id)));
    course = add_course("wanders", VIS_ENROLLED);
    struct lecture_edit in = {
        .title = "L", .starts_at = at(9, 600), .ends_at = at(9, 660), .hall = "School hall"};
    assert_ok(shown(cx, lecture_create(cx, course, &in, &key, NULL)));
    struct course_edit edit = {.name = "wanders",
                               .slug = "wanders",
                               .term_id = w.term,
                               .organisation_id = w.other,
                               .visibility = VIS_ENROLLED};
    assert_ok(shown(cx, course_update(cx, course, &edit)));
    in.title = "M";
    assert_ok(shown(cx, lecture_update(cx, key, &in)));
    become(&w, w.admin);
    in.ends_at = at(9, 690);
    assert_fails(lecture_update(cx, key, &in), RC_CONFLICT, "hall_archived");
    assert_int_equal(get(key)->hall_id, id);
    assert_int_equal(get(key)->hall_state, HALL_BOOKED);
    become(&w, w.admin);
    in.hall = "Garden";
    assert_ok(lecture_update(cx, key, &in));
    assert_int_equal(get(key)->hall_id, 0);
}

/* Undoing a change takes the old hall at the old time again, or changes nothing. */
static void an_undone_change_takes_its_hall_again(void **state)
{
    (void)state;
    const char *first, *second;
    struct schedule_undone undone;
    become(&w, w.lecturer);
    assert_ok(plan(mine, 8, 600, 660, &first));
    struct schedule_move away = {.hall = "Garden", .has_length = true, .length = 30};
    assert_ok(schedule_move(cx, mine, &(struct schedule_keys){.key = &first, .n = 1}, &away, &done));
    assert_int_equal(get(first)->hall_id, 0);
    assert_ok(shown(cx, schedule_undo(cx, mine, done.undo, &undone)));
    assert_int_equal(undone.n, 1);
    assert_int_equal(get(first)->hall_state, HALL_BOOKED);
    assert_string_equal(get(first)->hall, "HS 1");
    assert_ok(schedule_move(cx, mine, &(struct schedule_keys){.key = &first, .n = 1}, &away, &done));
    assert_ok(plan(theirs, 8, 630, 690, &second));
    assert_fails(schedule_undo(cx, mine, done.undo, &undone), RC_CONFLICT, "hall_taken_meanwhile");
    assert_string_equal(get(first)->hall, "Garden");
    assert_int_equal(get(first)->ends_at, at(8, 630));
    assert_ok(lecture_delete(cx, second));
    assert_ok(shown(cx, schedule_undo(cx, mine, done.undo, &undone)));
    assert_int_equal(get(first)->hall_state, HALL_BOOKED);
}

static void set_rule(enum hall_booking booking)
{
    struct hall_edit in = {"HS 1", "", "", 0, booking, NULL};
    become(&w, w.admin);
    assert_ok(shown(cx, hall_update(cx, hall_id, &in)));
    become(&w, w.lecturer);
}

/* What was given is given again, also what a maintainer gave; unless who may book the hall was changed since. */
static void what_is_restored_takes_what_may_be_booked(void **state)
{
    (void)state;
    const char *key;
    struct schedule_undone undone;
    become(&w, w.lecturer);
    assert_ok(shown(cx, plan(mine, 12, 600, 660, &key)));
    const struct schedule_keys one = {.key = &key, .n = 1};
    set_rule(HALL_ON_REQUEST);
    assert_ok(schedule_cancel(cx, mine, &one, "", &done));
    assert_ok(schedule_restore(cx, mine, &one, &done));
    assert_int_equal(done.asked, 0);
    assert_int_equal(get(key)->hall_state, HALL_BOOKED); /* nothing was changed since */

    assert_ok(schedule_cancel(cx, mine, &one, "", &done));
    set_rule(HALL_MAINTAINERS);
    assert_fails(schedule_restore(cx, mine, &one, &done), RC_CONFLICT, "hall_taken_meanwhile");
    assert_fails(schedule_undo(cx, mine, done.undo, &undone), RC_CONFLICT, "hall_taken_meanwhile");
    assert_int_equal(get(key)->time_state, TIME_CANCELLED);
    set_rule(HALL_ON_REQUEST);
    assert_ok(shown(cx, schedule_restore(cx, mine, &one, &done)));
    assert_int_equal(done.asked, 1);
    assert_int_equal(get(key)->hall_state, HALL_REQUESTED);
    assert_string_equal(get(key)->hall, "");
    become(&w, w.admin); /* who may book it gets it */
    assert_ok(schedule_move(cx, mine, &one, &(struct schedule_move){.hall = "Garden"}, &done));
    assert_ok(schedule_move(cx, mine, &one, &(struct schedule_move){.hall = "HS 1"}, &done));
    assert_ok(schedule_cancel(cx, mine, &one, "", &done));
    set_rule(HALL_MAINTAINERS);
    become(&w, w.admin);
    assert_ok(shown(cx, schedule_restore(cx, mine, &one, &done)));
    assert_int_equal(get(key)->hall_state, HALL_BOOKED);

    /* an undone move takes the hall at its old time */
    set_rule(HALL_BELOW);
    assert_ok(schedule_move(cx, mine, &one, &(struct schedule_move){.hall = "Garden"}, &done));
    set_rule(HALL_ON_REQUEST);
    assert_ok(shown(cx, schedule_undo(cx, mine, done.undo, &undone)));
    assert_true(undone.n == 1 && undone.asked == 1);
    assert_int_equal(get(key)->hall_state, HALL_REQUESTED);
    set_rule(HALL_BELOW);
    assert_ok(schedule_move(cx, mine, &one, &(struct schedule_move){.hall = "Garden"}, &done));
    assert_ok(schedule_move(cx, mine, &one, &(struct schedule_move){.hall = "HS 1"}, &done));
    assert_int_equal(get(key)->hall_state, HALL_BOOKED);
}

/* Deleted lectures and courses come back in any case, without a hall that may not be booked any more. */
static void what_is_undeleted_takes_what_may_be_booked(void **state)
{
    (void)state;
    const char *key;
    become(&w, w.lecturer);
    assert_ok(shown(cx, plan(mine, 13, 600, 660, &key)));
    assert_ok(lecture_delete(cx, key));
    set_rule(HALL_ON_REQUEST);
    assert_ok(shown(cx, lecture_undelete(cx, key)));
    assert_int_equal(get(key)->hall_state, HALL_REQUESTED);
    assert_int_equal(get(key)->hall_id, hall_id);
    set_rule(HALL_BELOW);
    const struct schedule_keys one = {.key = &key, .n = 1};
    assert_ok(schedule_move(cx, mine, &one, &(struct schedule_move){.hall = "Garden"}, &done));
    assert_ok(schedule_move(cx, mine, &one, &(struct schedule_move){.hall = "HS 1"}, &done));
    assert_ok(course_delete(cx, mine));
    set_rule(HALL_MAINTAINERS);
    assert_ok(shown(cx, course_undelete(cx, mine)));
    assert_int_equal(get(key)->hall_state, HALL_LOST);
    set_rule(HALL_BELOW);
    assert_ok(schedule_move(cx, mine, &one, &(struct schedule_move){.hall = "HS 1"}, &done));
    assert_ok(lecture_delete(cx, key));
    become(&w, w.admin);
    assert_ok(hall_archive(cx, hall_id));
    become(&w, w.lecturer);
    assert_ok(shown(cx, lecture_undelete(cx, key)));
    assert_int_equal(get(key)->hall_state, HALL_LOST);
    become(&w, w.admin);
    assert_ok(hall_restore(cx, hall_id));
    become(&w, w.lecturer);
    assert_ok(schedule_move(cx, mine, &one, &(struct schedule_move){.hall = "HS 1"}, &done));
    assert_int_equal(get(key)->hall_state, HALL_BOOKED);
}

static void a_lecture_takes_its_hall_along(void **state)
{
    (void)state;
    const char *first, *second;
    become(&w, w.lecturer);
    assert_ok(plan(mine, 10, 600, 660, &first));
    assert_ok(plan(theirs, 10, 660, 720, &second));
    struct lecture_edit in = {.title = "New title", .starts_at = at(10, 600), .ends_at = at(10, 660)};
    in.hall = "HS 1";
    assert_ok(shown(cx, lecture_update(cx, first, &in))); /* it is not in its own way */
    assert_false(get(first)->edited);
    in.ends_at = at(10, 661);
    assert_fails(lecture_update(cx, first, &in), RC_CONFLICT, "hall_taken");
    assert_int_equal(get(first)->ends_at, at(10, 660));
    in.starts_at = at(10, 590);
    in.ends_at = at(10, 650);
    assert_ok(lecture_update(cx, first, &in));
    assert_true(get(first)->edited);
    assert_ok(plan(theirs, 10, 650, 660, &second)); /* what it left is free */
    struct schedule_move late = {.has_minute = true, .minute = 23 * 60};
    assert_ok(schedule_move(cx, mine, &(struct schedule_keys){.key = &first, .n = 1}, &late, &done));
    assert_int_equal(get(first)->hall_state, HALL_BOOKED);
    assert_ok(plan(theirs, 10, 590, 650, &second));
    /* what is over takes nothing, and its text stays */
    struct lecture_edit past = {.title = "Then", .starts_at = clock_now() - 9 * HOUR, .hall = "HS 1"};
    past.ends_at = past.starts_at + HOUR;
    assert_ok(lecture_create(cx, mine, &past, &first, NULL));
    assert_int_equal(get(first)->hall_id, 0);
    assert_string_equal(get(first)->hall, "HS 1");
}

/* --- series --- */

static struct schedule_new series(struct schedule_date *date, int64_t week, int64_t minute, const char *nonce)
{
    for (int64_t i = 0; i < DATES; i++)
        date[i] = (struct schedule_date){
            .day = monday + 7 * (week + i) + 1, .minute = minute, .length = 90, .hall = "HS 1"};
    return (struct schedule_new){.title = "Week {n}", .number = 1, .nonce = nonce, .date = date, .n = DATES};
}

static void a_series_is_looked_at_and_taken_at_once(void **state)
{
    (void)state;
    struct schedule_date date[DATES];
    struct course *c;
    size_t made = 0, n = 0;
    struct schedule_new in = series(date, 20, 615, "aaaaaaaaaaaaaaaaaaaaaaaa");
    become(&w, w.lecturer);
    assert_ok(course_get(cx, ACT_COURSE_TIMETABLE, mine, &c));
    uint64_t statements = db_count(cx);
    assert_ok(shown(cx, schedule_create(cx, mine, &in, &made)));
    /* BEGIN, course, series, halls, lock, busy, 60 rows, audit, COMMIT */
    assert_int_equal(db_count(cx) - statements, 9);
    assert_int_equal(made, DATES);
    in = series(date, 50, 660,
                "bbbbbbbbbbbbbbbbbbbbbbbb"); /* 30 weeks of the other, from the middle of its lectures on */
    statements = db_count(cx);
    assert_ok(shown(cx, schedule_look(cx, c, date, DATES)));
    assert_int_equal(db_count(cx) - statements,
                     5); /* free days, the course, halls, who has them, their names */
    for (size_t i = 0; i < DATES; i++)
        n += date[i].booking->wrong != NULL;
    assert_int_equal(n, 30);
    assert_string_equal(date[0].booking->by->title, "Week 31");
    assert_null(date[30].booking->wrong);
    made = 77;
    assert_fails(schedule_create(cx, theirs, &in, &made), RC_CONFLICT, "hall_taken");
    assert_int_equal(made, 77);
    for (size_t i = 0; i < 30; i++)
        date[i].skip = true;
    assert_ok(shown(cx, schedule_create(cx, theirs, &in, &made)));
    assert_int_equal(made, 30);
    /* a form that gives one hall twice at a time names the row */
    struct schedule_date two[] = {{.day = monday + 6, .minute = 600, .length = 90, .hall = "HS 1"},
                                  {.day = monday + 6, .minute = 689, .length = 90, .hall = "HS 1"}};
    in.nonce = "cccccccccccccccccccccccc";
    in.date = two;
    in.n = 2;
    assert_int_equal(schedule_create(cx, mine, &in, &made), RC_CONFLICT);
    assert_string_equal(cx->err.field, "hall-2");
    two[1].minute = 690;
    assert_ok(shown(cx, schedule_create(cx, mine, &in, &made)));
}

/* The clock on the wall goes on across summer time: the same hour, an hour apart in UTC, and still nobody else's. */
static void a_series_moves_with_its_hall(void **state)
{
    (void)state;
    struct lecture_list list;
    struct course *c;
    size_t n = 0;
    const char *keys[DATES];
    become(&w, w.lecturer);
    assert_ok(course_get(cx, ACT_COURSE_TIMETABLE, mine, &c));
    assert_ok(list_all(c, &list));
    for (size_t i = 0; i < list.n && n < DATES; i++)
        if (list.item[i].series_id && list.item[i].starts_at > at(7 * 20, 0))
            keys[n++] = list.item[i].key;
    assert_int_equal(n, DATES);
    struct schedule_keys all = {.key = keys, .n = DATES};
    /* the other course comes right after it, every week; half an hour later it would be in the way */
    struct schedule_date date[DATES];
    struct schedule_new in = series(date, 20, 705, "eeeeeeeeeeeeeeeeeeeeeeee");
    assert_ok(shown(cx, schedule_create(cx, theirs, &in, &n)));
    struct schedule_move later = {.has_minute = true, .minute = 645};
    assert_fails(schedule_move(cx, mine, &all, &later, &done), RC_CONFLICT, "hall_taken");
    /* earlier: into their own old time, which is theirs */
    later.minute = 600;
    assert_ok(shown(cx, schedule_move(cx, mine, &all, &later, &done)));
    assert_int_equal(done.n, DATES);
    assert_int_equal(get(keys[59])->hall_state, HALL_BOOKED);
    /* onto one day all at once: they are in each other's way */
    struct schedule_move heap = {.has_day = true, .day = monday + 800};
    assert_fails(schedule_move(cx, mine, &all, &heap, &done), RC_CONFLICT, "hall_taken");
    heap.hall = "";
    assert_ok(schedule_move(cx, mine, &all, &heap, &done));
    assert_int_equal(get(keys[0])->hall_id, 0);
}

/* --- at the same moment --- */

struct booker {
    int64_t course;
    int64_t day, from;
    bool series; /* on the clock of the wall, so it is long enough to be there at that time in UTC */
};

static enum rc book(struct cx *c, void *arg)
{
    const struct booker *b = arg;
    const char *key;
    size_t made;
    struct schedule_date date[3];
    struct lecture_edit in = {.title = "Race", .hall = "HS 1"};
    in.starts_at = at(b->day, b->from);
    in.ends_at = in.starts_at + HOUR;
    if (!b->series)
        return lecture_create(c, b->course, &in, &key, NULL);
    for (int i = 0; i < 3; i++)
        date[i] = (struct schedule_date){
            .day = monday + b->day + i - 1, .minute = b->from, .length = 300, .hall = "hs1"};
    struct schedule_new many = {
        .title = "Race {n}", .nonce = "rrrrrrrrrrrrrrrrrrrrrrrr", .date = date, .n = 3};
    char nonce[SCHEDULE_NONCE + 1];
    snprintf(nonce, sizeof nonce, "r%023lld", (long long)b->day);
    many.nonce = nonce;
    return schedule_create(c, b->course, &many, &made);
}

static void of_two_at_once_one_gets_it(void **state)
{
    (void)state;
    int won[2] = {0};
    for (int64_t round = 0; round < ROUNDS; round++) {
        struct booker one = {mine, 2000 + 5 * round, 600, round % 3 == 1},
                      two = {theirs, 2000 + 5 * round, 630, round % 3 == 2};
        enum rc rc[2];
        world_race(&w, book, (void *[]){&one, &two}, rc);
        assert_true((rc[0] == RC_OK && rc[1] == RC_CONFLICT) || (rc[0] == RC_CONFLICT && rc[1] == RC_OK));
        won[rc[0] == RC_OK ? 0 : 1]++;
    }
    print_message("# the first won %d, the second %d times\n", won[0], won[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(overlap_is_a_conflict_and_back_to_back_is_not),
        cmocka_unit_test(a_night_is_of_two_days),
        cmocka_unit_test(the_taker_is_named_where_it_may_be_known),
        cmocka_unit_test(what_is_given_up_is_free),
        cmocka_unit_test(a_course_that_moves_keeps_what_it_has),
        cmocka_unit_test(an_undone_change_takes_its_hall_again),
        cmocka_unit_test(what_is_restored_takes_what_may_be_booked),
        cmocka_unit_test(what_is_undeleted_takes_what_may_be_booked),
        cmocka_unit_test(a_lecture_takes_its_hall_along),
        cmocka_unit_test(a_series_is_looked_at_and_taken_at_once),
        cmocka_unit_test(a_series_moves_with_its_hall),
        cmocka_unit_test(of_two_at_once_one_gets_it),
    };
    if (!teaching_begin())
        return 0;
    int failed = cmocka_run_group_tests(tests, set_up, NULL);
    teaching_end();
    return failed;
}
