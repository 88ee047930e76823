/* The people of a course: who runs it, in which role, and who is enrolled in it. */
#include "cgi-bin/web/seen.h"
#include "cgi-bin/web/staff_fields.h"

#include "lib/svc/people/user.h"
#include "lib/svc/teaching/course_students.h"

enum { STUDENTS_SHOWN = 500, MAX_PAGES = 1000 };

enum { S_ID, S_PAGE, S_COUNT };
static const struct web_param show_params[S_COUNT] = {
    [S_ID] = {"id", WEB_INT, true, 1, INT64_MAX, NULL},
    [S_PAGE] = {"page", WEB_INT, false, 1, MAX_PAGES, NULL},
};

enum { P_ID, P_LOGIN, P_ADD };
static const struct web_param add_params[P_ADD] = {
    [P_ID] = {"id", WEB_INT, true, 1, INT64_MAX, NULL},
    [P_LOGIN] = {"login", WEB_LINE, true, 1, USER_LOGIN_MAX, NULL},
};

enum { R_ID, R_USER, R_AS, R_REMOVE };
static const char *const removed[] = {"student", "staff", NULL};
static const struct web_param remove_params[R_REMOVE] = {
    [R_ID] = {"id", WEB_INT, true, 1, INT64_MAX, NULL},
    [R_USER] = {"user", WEB_INT, true, 1, INT64_MAX, NULL},
    [R_AS] = {"as", WEB_CHOICE, true, 0, 0, removed},
};

enum { C_ID, C_USER, C_COUNT };
static const struct web_param one_params[C_COUNT] = {
    [C_ID] = {"id", WEB_INT, true, 1, INT64_MAX, NULL},
    [C_USER] = {"user", WEB_INT, true, 1, INT64_MAX, NULL},
};

/* --- the lists --- */

static void add_staff(struct web_request *rq, const struct course *c, const struct course_staff_list *staff)
{
    for (size_t i = 0; i < staff->n; i++) {
        const struct course_staff *s = &staff->item[i];
        struct view_node *row = view_add(rq->values, "Staff");
        view_set(row, "name", s->name);
        view_set(row, "login", s->login);
        view_set(row, "role", staff_fields_words(rq, s));
        view_set(row, "url", staff_fields_url(rq, c, s));
        view_set(row, "change", web_t(rq, "People.change", "who", s->name));
    }
}

/* Reads one student more than a page shows: if there is one, there is a next page. */
static void add_students(struct web_request *rq, struct course_students *students, int64_t course,
                         int64_t page)
{
    const char *path = arena_printf(rq->cx.arena, "/teach/course/%lld/people?page=", (long long)course);
    if (page > 1)
        view_set(rq->values, "Pager.previous",
                 arena_printf(rq->cx.arena, "%s%lld", path, (long long)page - 1));
    if (students->n > STUDENTS_SHOWN) {
        view_set(rq->values, "Pager.next", arena_printf(rq->cx.arena, "%s%lld", path, (long long)page + 1));
        students->n = STUDENTS_SHOWN;
    }
    for (size_t i = 0; i < students->n; i++) {
        const struct course_student *s = &students->item[i];
        struct view_node *row = view_add(rq->values, "Students");
        view_num(row, "id", s->user_id);
        view_set(row, "name", s->name);
        view_set(row, "login", s->login);
        view_set(row, "remove", web_t(rq, "People.remove", "who", s->name));
    }
}

enum rc page_people(struct web_request *rq)
{
    struct web_value v[S_COUNT];
    struct course *c;
    struct course_staff_list staff;
    struct course_students students;
    enum rc rc = web_params(rq, show_params, S_COUNT, v);
    int64_t page = v[S_PAGE].given ? v[S_PAGE].num : 1;
    if (rc == RC_OK)
        rc = course_get(&rq->cx, ACT_COURSE_PEOPLE, v[S_ID].num, &c);
    if (rc == RC_OK)
        rc = course_staff_list(&rq->cx, c->id, &staff);
    if (rc == RC_OK)
        rc = course_students_list(&rq->cx, c->id, STUDENTS_SHOWN + 1, (page - 1) * STUDENTS_SHOWN, &students);
    if (rc != RC_OK)
        return rc;
    add_staff(rq, c, &staff);
    add_students(rq, &students, c->id, page);
    web_field(rq, "login", "");
    staff_fields_show(rq, c, true, "student", 0);
    view_num(rq->values, "Course.id", c->id);
    view_set(rq->values, "Course.title", c->name);
    return web_page(rq, "people", web_t(rq, "People.title"));
}

/* Back to the list, which those who changed their own role may not see any more. */
static enum rc back(struct web_request *rq, int64_t id, int64_t user_id)
{
    bool own = user_id == rq->cx.actor->user_id;
    return web_redirect(rq, own ? "/teach"
                                : arena_printf(rq->cx.arena, "/teach/course/%lld/people", (long long)id));
}

enum rc page_people_add(struct web_request *rq)
{
    struct web_value v[P_ADD], f[F_COUNT];
    web_form_page(rq, page_people);
    enum rc rc = web_params(rq, add_params, P_ADD, v);
    if (rc == RC_OK)
        rc = web_params(rq, staff_params, F_COUNT, f);
    if (rc == RC_OK)
        rc = f[F_AS].num == AS_STUDENT ? course_students_add(&rq->cx, v[P_ID].num, v[P_LOGIN].text)
                                       : course_staff_add(&rq->cx, v[P_ID].num, v[P_LOGIN].text,
                                                          staff_fields_role(f), staff_fields_rights(f));
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "person_added", v[P_LOGIN].text, NULL);
    return back(rq, v[P_ID].num, 0);
}

enum rc page_people_remove(struct web_request *rq)
{
    struct web_value v[R_REMOVE];
    web_form_page(rq, page_people);
    enum rc rc = web_params(rq, remove_params, R_REMOVE, v);
    if (rc == RC_OK)
        rc = v[R_AS].num == AS_STUDENT ? course_students_remove(&rq->cx, v[R_ID].num, v[R_USER].num)
                                       : course_staff_take(&rq->cx, v[R_ID].num, v[R_USER].num);
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "person_removed", NULL, NULL);
    return back(rq, v[R_ID].num, v[R_USER].num);
}

/* --- one of the staff --- */

/* What an older form overwrites. */
static enum rc show_seen(struct web_request *rq, const struct course *c, const struct course_staff *s)
{
    struct arena *a = rq->cx.arena;
    const char *role = staff_role_name(s->role);
    struct seen_field fields[1 + RIGHT_COUNT] = {
        {"as", "Staff.role", role, web_t(rq, arena_printf(a, "Staff.%s", role))}};
    for (enum staff_right r = 0; r < RIGHT_COUNT; r++) {
        bool on = s->rights & 1u << r;
        fields[1 + r] = (struct seen_field){staff_params[F_RIGHT + r].name,
                                            arena_printf(a, "Right.%s", staff_right_name(r)), on ? "1" : "",
                                            web_t(rq, on ? "Form.seen_yes" : "Form.seen_no")};
    }
    return seen_show(rq,
                     &(struct seen_form){.now = course_staff_seen(&rq->cx, s),
                                         .url = staff_fields_url(rq, c, s),
                                         .who = s->granted_by,
                                         .at = s->since},
                     fields, sizeof fields / sizeof *fields);
}

enum rc page_staff(struct web_request *rq)
{
    struct web_value v[C_COUNT];
    struct course *c;
    struct course_staff *s;
    enum rc rc = web_params(rq, one_params, C_COUNT, v);
    if (rc == RC_OK)
        rc = course_get(&rq->cx, ACT_COURSE_PEOPLE, v[C_ID].num, &c);
    if (rc == RC_OK)
        rc = course_staff_get(&rq->cx, c->id, v[C_USER].num, &s);
    if (rc != RC_OK)
        return rc;
    if (!staff_fields_url(rq, c, s))
        return err_set(&rq->cx, RC_DENIED, NULL, "more_than_held", "the role of %s", s->login);
    staff_fields_show(rq, c, false, staff_role_name(s->role), s->rights);
    view_num(rq->values, "Course.id", c->id);
    view_set(rq->values, "Course.title", c->name);
    view_num(rq->values, "Person.id", s->user_id);
    view_set(rq->values, "Person.name", s->name);
    view_set(rq->values, "Person.login", s->login);
    view_set(rq->values, "Person.remove", web_t(rq, "People.remove", "who", s->name));
    rc = show_seen(rq, c, s);
    return rc == RC_OK ? web_page(rq, "staff", s->name) : rc;
}

enum rc page_staff_save(struct web_request *rq)
{
    struct web_value one[C_COUNT], f[F_COUNT];
    struct course_staff *s;
    web_form_page(rq, page_staff);
    enum rc rc = web_params(rq, one_params, C_COUNT, one);
    if (rc == RC_OK)
        rc = web_params(rq, staff_params, F_COUNT, f);
    if (rc == RC_OK && f[F_AS].num == AS_STUDENT)
        rc = err_set(&rq->cx, RC_INVALID, "as", "bad_choice", "not a role of the staff");
    if (rc == RC_OK)
        rc = course_staff_get(&rq->cx, one[C_ID].num, one[C_USER].num, &s);
    if (rc == RC_OK)
        rc = course_staff_change(&rq->cx, one[C_ID].num, one[C_USER].num, staff_fields_role(f),
                                 staff_fields_rights(f), seen_sent(rq));
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "role_changed", s->name, NULL);
    return back(rq, one[C_ID].num, s->user_id);
}
