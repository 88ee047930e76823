/* Who runs a course and who is enrolled in it. */
#include "cgi-bin/web/site.h"

#include "lib/svc/people/user.h"
#include "lib/svc/teaching/course_people.h"

enum { PEOPLE_SHOWN = 500, MAX_PAGES = 1000 };

enum { S_ID, S_PAGE, S_COUNT };
static const struct web_param show_params[S_COUNT] = {
    [S_ID] = {"id", WEB_INT, true, 1, INT64_MAX, NULL},
    [S_PAGE] = {"page", WEB_INT, false, 1, MAX_PAGES, NULL},
};

enum { P_ID, P_LOGIN, P_AS, P_ADD };
static const char *const kinds[] = {"student", "staff", NULL}; /* as enum course_role */
static const struct web_param add_params[P_ADD] = {
    [P_ID] = {"id", WEB_INT, true, 1, INT64_MAX, NULL},
    [P_LOGIN] = {"login", WEB_LINE, true, 1, USER_LOGIN_MAX, NULL},
    [P_AS] = {"as", WEB_CHOICE, true, 0, 0, kinds},
};

enum { R_ID, R_USER, R_AS, R_REMOVE };
static const struct web_param remove_params[R_REMOVE] = {
    [R_ID] = {"id", WEB_INT, true, 1, INT64_MAX, NULL},
    [R_USER] = {"user", WEB_INT, true, 1, INT64_MAX, NULL},
    [R_AS] = {"as", WEB_CHOICE, true, 0, 0, kinds},
};

static void add_people(struct web_request *rq, const char *list, const struct course_people *people)
{
    for (size_t i = 0; i < people->n; i++) {
        struct view_node *row = view_add(rq->values, list);
        view_num(row, "id", people->item[i].user_id);
        view_set(row, "name", people->item[i].name);
        view_set(row, "login", people->item[i].login);
        view_set(row, "remove", web_t(rq, "People.remove", "who", people->item[i].name));
    }
}

/* Reads one student more than a page shows: if there is one, there is a next page. */
static void add_students(struct web_request *rq, struct course_people *students, int64_t course, int64_t page)
{
    const char *path = arena_printf(rq->cx.arena, "/teach/course/%lld/people?page=", (long long)course);
    if (page > 1)
        view_set(rq->values, "Pager.previous",
                 arena_printf(rq->cx.arena, "%s%lld", path, (long long)page - 1));
    if (students->n > PEOPLE_SHOWN) {
        view_set(rq->values, "Pager.next", arena_printf(rq->cx.arena, "%s%lld", path, (long long)page + 1));
        students->n = PEOPLE_SHOWN;
    }
    add_people(rq, "Students", students);
}

enum rc page_people(struct web_request *rq)
{
    struct web_value v[S_COUNT];
    struct course *c;
    struct course_people staff, students;
    enum rc rc = web_params(rq, show_params, S_COUNT, v);
    int64_t page = v[S_PAGE].given ? v[S_PAGE].num : 1;
    if (rc == RC_OK)
        rc = course_get(&rq->cx, ACT_COURSE_STAFF, v[S_ID].num, &c);
    if (rc == RC_OK)
        rc = course_people_list(&rq->cx, c->id, COURSE_STAFF, PEOPLE_SHOWN, 0, &staff);
    if (rc == RC_OK)
        rc = course_people_list(&rq->cx, c->id, COURSE_STUDENT, PEOPLE_SHOWN + 1, (page - 1) * PEOPLE_SHOWN,
                                &students);
    if (rc != RC_OK)
        return rc;
    add_people(rq, "Staff", &staff);
    add_students(rq, &students, c->id, page);
    web_field(rq, "login", "");
    web_field(rq, "as", "student");
    view_num(rq->values, "Course.id", c->id);
    view_set(rq->values, "Course.title", c->name);
    return web_page(rq, "people", web_t(rq, "People.title"));
}

static enum rc back(struct web_request *rq, int64_t id)
{
    return web_redirect(rq, arena_printf(rq->cx.arena, "/teach/course/%lld/people", (long long)id));
}

enum rc page_people_add(struct web_request *rq)
{
    struct web_value v[P_ADD];
    web_form_page(rq, page_people);
    enum rc rc = web_params(rq, add_params, P_ADD, v);
    if (rc == RC_OK)
        rc = course_people_add(&rq->cx, v[P_ID].num, (enum course_role)v[P_AS].num, v[P_LOGIN].text);
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "person_added", v[P_LOGIN].text, NULL);
    return back(rq, v[P_ID].num);
}

enum rc page_people_remove(struct web_request *rq)
{
    struct web_value v[R_REMOVE];
    web_form_page(rq, page_people);
    enum rc rc = web_params(rq, remove_params, R_REMOVE, v);
    if (rc == RC_OK)
        rc = course_people_remove(&rq->cx, v[R_ID].num, (enum course_role)v[R_AS].num, v[R_USER].num);
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "person_removed", NULL, NULL);
    return back(rq, v[R_ID].num);
}
