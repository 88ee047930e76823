/* The people of a course: who runs it, in which role, and who is enrolled in it. */
#include "cgi-bin/web/site.h"

#include "lib/svc/people/user.h"
#include "lib/svc/teaching/course_staff.h"
#include "lib/svc/teaching/course_students.h"

enum { STUDENTS_SHOWN = 500, MAX_PAGES = 1000 };

enum { S_ID, S_PAGE, S_COUNT };
static const struct web_param show_params[S_COUNT] = {
    [S_ID] = {"id", WEB_INT, true, 1, INT64_MAX, NULL},
    [S_PAGE] = {"page", WEB_INT, false, 1, MAX_PAGES, NULL},
};

enum { AS_STUDENT, AS_STAFF /* and on: as enum staff_role */ };
static const char *const kinds[] = {"student", "owner", "lecturer", "assistant", NULL};
enum { P_ID, P_LOGIN, P_AS, P_RIGHT, P_ADD = P_RIGHT + RIGHT_COUNT };
static const struct web_param add_params[P_ADD] = {
    [P_ID] = {"id", WEB_INT, true, 1, INT64_MAX, NULL},
    [P_LOGIN] = {"login", WEB_LINE, true, 1, USER_LOGIN_MAX, NULL},
    [P_AS] = {"as", WEB_CHOICE, true, 0, 0, kinds},
    [P_RIGHT + RIGHT_TEXTS] = {"right_texts", WEB_FLAG, false, 0, 0, NULL},
    [P_RIGHT + RIGHT_UPLOAD] = {"right_upload", WEB_FLAG, false, 0, 0, NULL},
    [P_RIGHT + RIGHT_TIMETABLE] = {"right_timetable", WEB_FLAG, false, 0, 0, NULL},
    [P_RIGHT + RIGHT_PEOPLE] = {"right_people", WEB_FLAG, false, 0, 0, NULL},
    [P_RIGHT + RIGHT_STATISTICS] = {"right_statistics", WEB_FLAG, false, 0, 0, NULL},
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

/* --- roles and rights as fields --- */

static unsigned rights_of(const struct web_value *flags)
{
    unsigned rights = 0;
    for (unsigned i = 0; i < RIGHT_COUNT; i++)
        rights |= flags[i].num ? 1u << i : 0;
    return rights;
}

static void add_role(struct web_request *rq, const char *word, const char *chosen)
{
    struct view_node *row = view_add(rq->values, "Form.as.options");
    view_set(row, "value", word);
    view_set(row, "name", web_t(rq, arena_printf(rq->cx.arena, "Staff.%s", word)));
    view_set(row, "hint", web_t(rq, arena_printf(rq->cx.arena, "Staff.hint_%s", word)));
    view_flag(row, "selected", strcmp(chosen, word) == 0);
}

/* What the actor may give, and no more. `old` is the choice before anything was typed. */
static void show_roles(struct web_request *rq, const struct course *c, bool student, const char *old,
                       unsigned old_rights)
{
    struct arena *a = rq->cx.arena;
    web_field(rq, "as", old);
    web_field(rq, "rights", "");
    const char *chosen = view_get(rq->values, "Form.as.value");
    if (student)
        add_role(rq, kinds[AS_STUDENT], chosen);
    for (enum staff_role role = 0; role < STAFF_ROLE_COUNT; role++)
        if (policy_may_give(rq->cx.actor, &c->object, role, 0))
            add_role(rq, staff_role_name(role), chosen);
    for (enum staff_right right = 0; right < RIGHT_COUNT; right++) {
        if (!policy_may_give(rq->cx.actor, &c->object, STAFF_ASSISTANT, 1u << right))
            continue;
        const char *name = add_params[P_RIGHT + right].name;
        web_field_flag(rq, name, old_rights & 1u << right);
        struct view_node *row = view_add(rq->values, "Form.rights.options");
        view_set(row, "name", name);
        view_set(row, "label", web_t(rq, arena_printf(a, "Right.%s", staff_right_name(right))));
        view_set(row, "on", view_get(rq->values, arena_printf(a, "Form.%s.on", name)));
    }
}

/* "Assistant: texts, upload" */
static const char *role_text(struct web_request *rq, const struct course_staff *s)
{
    struct arena *a = rq->cx.arena;
    const char *text = web_t(rq, arena_printf(a, "Staff.%s", staff_role_name(s->role)));
    const char *join = ": ";
    for (enum staff_right right = 0; right < RIGHT_COUNT; right++) {
        if (!(s->rights & 1u << right))
            continue;
        const char *word = web_t(rq, arena_printf(a, "Right.short_%s", staff_right_name(right)));
        text = arena_printf(a, "%s%s%s", text, join, word);
        join = ", ";
    }
    return text;
}

/* --- the lists --- */

static void add_staff(struct web_request *rq, const struct course *c, const struct course_staff_list *staff)
{
    struct arena *a = rq->cx.arena;
    for (size_t i = 0; i < staff->n; i++) {
        const struct course_staff *s = &staff->item[i];
        struct view_node *row = view_add(rq->values, "Staff");
        view_set(row, "name", s->name);
        view_set(row, "login", s->login);
        view_set(row, "role", role_text(rq, s));
        if (!policy_may_give(rq->cx.actor, &c->object, s->role, s->rights))
            continue;
        view_set(row, "url",
                 arena_printf(a, "/teach/course/%lld/staff/%lld", (long long)c->id, (long long)s->user_id));
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
    show_roles(rq, c, true, kinds[AS_STUDENT], 0);
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
    struct web_value v[P_ADD];
    web_form_page(rq, page_people);
    enum rc rc = web_params(rq, add_params, P_ADD, v);
    if (rc == RC_OK)
        rc = v[P_AS].num == AS_STUDENT
                 ? course_students_add(&rq->cx, v[P_ID].num, v[P_LOGIN].text)
                 : course_staff_give(&rq->cx, v[P_ID].num, v[P_LOGIN].text,
                                     (enum staff_role)(v[P_AS].num - AS_STAFF), rights_of(v + P_RIGHT));
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
    if (rc == RC_OK && !policy_may_give(rq->cx.actor, &c->object, s->role, s->rights))
        rc = err_set(&rq->cx, RC_DENIED, NULL, "more_than_held", "the role of %s", s->login);
    if (rc != RC_OK)
        return rc;
    show_roles(rq, c, false, staff_role_name(s->role), s->rights);
    view_num(rq->values, "Course.id", c->id);
    view_set(rq->values, "Course.title", c->name);
    view_num(rq->values, "Person.id", s->user_id);
    view_set(rq->values, "Person.name", s->name);
    view_set(rq->values, "Person.login", s->login);
    view_set(rq->values, "Person.remove", web_t(rq, "People.remove", "who", s->name));
    return web_page(rq, "staff", s->name);
}

enum rc page_staff_save(struct web_request *rq)
{
    struct web_value one[C_COUNT], v[P_ADD];
    struct course_staff *s;
    web_form_page(rq, page_staff);
    enum rc rc = web_params(rq, one_params, C_COUNT, one);
    if (rc == RC_OK)
        rc = web_params(rq, add_params + P_AS, P_ADD - P_AS, v + P_AS);
    if (rc == RC_OK && v[P_AS].num == AS_STUDENT)
        rc = err_set(&rq->cx, RC_INVALID, "as", "bad_choice", "not a role of the staff");
    if (rc == RC_OK)
        rc = course_staff_get(&rq->cx, one[C_ID].num, one[C_USER].num, &s);
    if (rc == RC_OK)
        rc = course_staff_give(&rq->cx, one[C_ID].num, s->login, (enum staff_role)(v[P_AS].num - AS_STAFF),
                               rights_of(v + P_RIGHT));
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "role_changed", s->name, NULL);
    return back(rq, one[C_ID].num, s->user_id);
}
