/* A lecturer's courses: list, create, edit, delete. */
#include "cgi-bin/web/picker.h"
#include "cgi-bin/web/seen.h"

#include "lib/base/clock.h"
#include "lib/os/conf.h"

enum { MAX_DELETED = 50, TEACH_PAGE = 200, MAX_PAGES = 100 };

/* First the texts: who may change nothing else has a form that ends with them. The service refuses an empty slug. */
enum {
    P_ID,
    P_TITLE,
    P_DESCRIPTION,
    P_SLUG,
    P_TERM,
    P_ORG,
    P_VISIBILITY,
    P_DOWNLOADS,
    P_GAPS,
    P_FIRST,
    P_COUNT
};
enum { TEXTS_COUNT = P_SLUG };
static const struct web_param params[P_COUNT] = {
    [P_ID] = {"id", WEB_INT, false, 1, INT64_MAX, NULL},
    [P_TITLE] = {"title", WEB_LINE, true, 1, COURSE_NAME_MAX, NULL},
    [P_DESCRIPTION] = {"description", WEB_TEXT, false, 0, COURSE_DESCRIPTION_MAX, NULL},
    [P_SLUG] = {"slug", WEB_SLUG, false, 1, COURSE_SLUG_MAX, NULL},
    [P_TERM] = {"term", WEB_INT, true, 1, INT64_MAX, NULL},
    [P_ORG] = {"org", WEB_INT, true, 1, INT64_MAX, NULL},
    [P_VISIBILITY] = {"visibility", WEB_CHOICE, true, 0, 0, visibility_names},
    [P_DOWNLOADS] = {"downloads", WEB_FLAG, false, 0, 0, NULL},
    [P_GAPS] = {"keep_gaps", WEB_FLAG, false, 0, 0, NULL},
    [P_FIRST] = {"keep_first", WEB_FLAG, false, 0, 0, NULL},
};
static const struct web_param *const param_id = &params[P_ID];
static const char *const parts[] = {"texts", NULL};
static const struct web_param param_only = {"only", WEB_CHOICE, false, 0, 0, parts};

static const char *number(struct web_request *rq, int64_t n)
{
    return arena_printf(rq->cx.arena, "%lld", (long long)n);
}

/* --- the list --- */

/* Each lecture is counted once: as failed, as not published, or as published. */
static void show_course(struct web_request *rq, struct view_node *row, const struct course *c)
{
    struct arena *a = rq->cx.arena;
    site_course_row(rq, row, c);
    view_set(row, "url", arena_printf(a, "/teach/course/%lld", (long long)c->id));
    view_set(row, "sub",
             arena_printf(a, "%s · %s", site_visibility(rq, c->visibility), c->organisation_name));
    bool only_drafts = c->lecture_count == 0 && c->draft_count > 0;
    view_set(row, "count", only_drafts ? "" : i18n_count(a, rq->lang, "Course.published", c->lecture_count));
    if (c->draft_count > 0)
        view_set(row, "drafts", i18n_count(a, rq->lang, "Teach.drafts", c->draft_count));
    if (c->failed_count > 0)
        view_set(row, "failed", i18n_count(a, rq->lang, "Teach.failed", c->failed_count));
}

static void show_deleted_course(struct web_request *rq, const struct course *c)
{
    site_zone(rq, c->organisation_zone);
    site_deleted_row(rq, view_add(rq->values, "Deleted"), c->name, c->deleted_at,
                     arena_printf(rq->cx.arena, "/teach/course/%lld/undelete", (long long)c->id));
}

static void show_taught(struct web_request *rq, const struct course_list *courses)
{
    struct view_node *term = NULL;
    const char *last = "";
    for (size_t i = 0; i < courses->n; i++) {
        const struct course *c = &courses->item[i];
        if (!term || strcmp(last, c->term_slug) != 0) {
            term = view_add(rq->values, "Terms");
            view_set(term, "name", site_term_name(rq, c->term_year, c->term_half));
            view_set(term, "slug", c->term_slug);
            last = c->term_slug;
        }
        show_course(rq, view_add(term, "courses"), c);
    }
}

/* Reads one course more than a page shows: if there is one, there is a next page. */
static void show_pager(struct web_request *rq, struct course_list *courses, int64_t page)
{
    if (page > 1)
        view_set(rq->values, "Pager.previous",
                 arena_printf(rq->cx.arena, "/teach?page=%lld", (long long)page - 1));
    if (courses->n <= TEACH_PAGE)
        return;
    courses->n = TEACH_PAGE;
    if (page < MAX_PAGES)
        view_set(rq->values, "Pager.next",
                 arena_printf(rq->cx.arena, "/teach?page=%lld", (long long)page + 1));
}

enum rc page_teach(struct web_request *rq)
{
    static const struct web_param param_page = {"page", WEB_INT, false, 1, MAX_PAGES, NULL};
    struct web_value v;
    struct course_list courses, deleted;
    if (!actor_teaches(rq->cx.actor))
        return err_set(&rq->cx, RC_DENIED, NULL, "not_a_lecturer", "no role and no course");
    enum rc rc = web_params(rq, &param_page, 1, &v);
    int64_t page = v.given ? v.num : 1;
    if (rc == RC_OK)
        rc = course_list_taught(&rq->cx, TEACH_PAGE + 1, (page - 1) * TEACH_PAGE, &courses);
    if (rc == RC_OK)
        rc = course_list_deleted(&rq->cx, MAX_DELETED, &deleted);
    if (rc != RC_OK)
        return rc;
    show_pager(rq, &courses, page);
    show_taught(rq, &courses);
    for (size_t i = 0; i < deleted.n; i++)
        show_deleted_course(rq, &deleted.item[i]);
    view_flag(rq->values, "Teach.may_create", actor_has_role(rq->cx.actor, ROLE_LECTURER));
    return web_page(rq, "teach", web_t(rq, "Teach.title"));
}

/* --- the form --- */

static void add_option(struct web_request *rq, const char *list, int64_t id, const char *name,
                       const char *chosen)
{
    struct view_node *row = view_add(rq->values, list);
    view_num(row, "value", id);
    view_set(row, "name", name);
    view_flag(row, "selected", strcmp(chosen, number(rq, id)) == 0);
}

static enum rc show_choices(struct web_request *rq, const struct course *c)
{
    struct term_list terms;
    bool stays = c && !policy_may(rq->cx.actor, ACT_COURSE_OWN, &c->object); /* in its organisation */
    enum rc rc = term_list(&rq->cx, &terms);
    view_flag(rq->values, "Form.org.fixed", stays);
    if (stays) /* of an older form, too: it is no choice of theirs */
        view_set(rq->values, "Form.org.value", number(rq, c->organisation_id));
    if (rc == RC_OK && !stays)
        rc = picker_show(rq, &(struct picker){.field = "org", .purpose = "course"});
    if (rc != RC_OK)
        return rc;
    if (!c && !rq->retry && !view_get(rq->values, "Form.org.options"))
        return err_set(&rq->cx, RC_DENIED, NULL, "not_a_lecturer", "no organisation to teach in");
    const char *term = view_get(rq->values, "Form.term.value");
    for (size_t i = 0; i < terms.n; i++) {
        const struct term *t = &terms.item[i];
        const char *chosen = *term || !t->current ? term : number(rq, t->id);
        add_option(rq, "Form.term.options", t->id, site_term_name(rq, t->year, t->half), chosen);
    }
    return RC_OK;
}

/* What an older form overwrites. texts: the form has nothing else. */
static enum rc show_seen(struct web_request *rq, const struct course *c, bool texts)
{
    const char *word = visibility_name(c->visibility);
    const struct seen_field fields[] = {
        {"title", "Field.title", c->name, NULL},
        {"description", "Field.description", c->description, NULL},
        {"slug", "Field.slug", c->slug, NULL},
        {"term", "Field.term", number(rq, c->term_id), site_term_name(rq, c->term_year, c->term_half)},
        {"org", "Field.org", number(rq, c->organisation_id), c->organisation_name},
        {"visibility", "Field.visibility", word,
         web_t(rq, arena_printf(rq->cx.arena, "Visibility.choice_%s", word))},
        {"downloads", "CourseEdit.downloads_label", c->downloads ? "1" : "",
         web_t(rq, c->downloads ? "Form.seen_yes" : "Form.seen_no")},
        {"keep_gaps", "CourseEdit.gaps_label", c->keep_gaps ? "1" : "",
         web_t(rq, c->keep_gaps ? "Form.seen_yes" : "Form.seen_no")},
        {"keep_first", "CourseEdit.first_label", c->keep_first ? "1" : "",
         web_t(rq, c->keep_first ? "Form.seen_yes" : "Form.seen_no")},
    };
    return seen_show(
        rq,
        &(struct seen_form){.now = course_seen(&rq->cx, c, texts),
                            .url = arena_printf(rq->cx.arena, "/teach/course/%lld", (long long)c->id),
                            .kind = "course",
                            .id = c->id,
                            .actions = "course.update"},
        fields, texts ? 2 : sizeof fields / sizeof *fields);
}

/* c is NULL for a new course. */
static enum rc show_form(struct web_request *rq, const struct course *c)
{
    web_field(rq, "title", c ? c->name : "");
    if (c)
        web_field(rq, "slug", c->slug);
    else
        site_slug_field(rq, "title", COURSE_SLUG_MAX);
    web_field(rq, "term", c ? number(rq, c->term_id) : "");
    web_field(rq, "org", c ? number(rq, c->organisation_id) : "");
    web_field(rq, "visibility", c ? visibility_name(c->visibility) : "enrolled");
    web_field_flag(rq, "downloads", c && c->downloads);
    web_field_flag(rq, "keep_gaps", c && c->keep_gaps);
    web_field_flag(rq, "keep_first", c && c->keep_first);
    web_field(rq, "description", c && c->description ? c->description : "");
    const char *chosen = view_get(rq->values, "Form.visibility.value");
    for (enum visibility i = 0; i < VIS_COUNT; i++) {
        const char *word = visibility_name(i);
        struct view_node *row = view_add(rq->values, "Form.visibility.options");
        view_set(row, "value", word);
        view_set(row, "name", web_t(rq, arena_printf(rq->cx.arena, "Visibility.choice_%s", word)));
        view_set(row, "hint", web_t(rq, arena_printf(rq->cx.arena, "Visibility.hint_%s", word)));
        view_flag(row, "selected", strcmp(chosen, word) == 0);
    }
    bool texts = c && !policy_may(rq->cx.actor, ACT_COURSE_SETTINGS, &c->object);
    enum rc rc = c ? show_seen(rq, c, texts) : RC_OK;
    return texts || rc != RC_OK ? rc : show_choices(rq, c);
}

/* The form as a course; the description is always sent along. */
static struct course_edit edit_of(const struct web_value *v)
{
    struct course_edit edit = {
        .name = v[P_TITLE].text, .slug = v[P_SLUG].text, .description = v[P_DESCRIPTION].text};
    edit.term_id = v[P_TERM].num;
    edit.organisation_id = v[P_ORG].num;
    edit.visibility = (enum visibility)v[P_VISIBILITY].num;
    edit.downloads = v[P_DOWNLOADS].num != 0;
    edit.keep_gaps = v[P_GAPS].num != 0;
    edit.keep_first = v[P_FIRST].num != 0;
    return edit;
}

enum rc page_course_new(struct web_request *rq)
{
    enum rc rc = show_form(rq, NULL);
    return rc == RC_OK ? web_page(rq, "course_new", web_t(rq, "CourseEdit.new")) : rc;
}

enum rc page_course_create(struct web_request *rq)
{
    struct web_value v[P_COUNT];
    int64_t id;
    web_form_page(rq, page_course_new);
    if (picker_asked(rq, "org"))
        return web_form_again(rq);
    enum rc rc = web_params(rq, params, P_COUNT, v);
    struct course_edit edit = edit_of(v);
    edit.slug = site_slug(rq, &v[P_SLUG], &v[P_TITLE], COURSE_SLUG_MAX);
    if (rc == RC_OK)
        rc = site_field(rq, "name", "title", course_create(&rq->cx, &edit, &id));
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "course_created", v[P_TITLE].text, NULL);
    return web_redirect(rq, arena_printf(rq->cx.arena, "/teach/course/%lld", (long long)id));
}

/* --- one course --- */

static void show_lecture(struct web_request *rq, const struct lecture *l)
{
    static const char *const access_looks[ACCESS_COUNT] = {"warn", "ok", "warn"};
    static const char *const media_looks[MEDIA_STATE_COUNT] = {[MEDIA_FAILED] = "bad"};
    struct view_node *row = view_add(rq->values, "Lectures");
    struct arena *a = rq->cx.arena;
    site_lecture_row(rq, row, l, site_period(rq, l->starts_at, l->ends_at));
    view_set(row, "url", arena_printf(a, "/teach/lecture/%s", l->key));
    view_set(row, "percent", "");
    if (l->media_state != MEDIA_COMPLETE)
        view_set(row, "end", web_t(rq, arena_printf(a, "Media.%s", media_state_name(l->media_state))));
    view_set(row, "end_look", media_looks[l->media_state]);
    bool cancelled = l->time_state == TIME_CANCELLED;
    view_set(
        row, "tag",
        web_t(rq, cancelled ? "Schedule.cancelled" : arena_printf(a, "Access.%s", access_name(l->access))));
    view_set(row, "look", cancelled ? "bad" : access_looks[l->access]);
}

static void show_course_head(struct web_request *rq, const struct course *c)
{
    struct arena *a = rq->cx.arena;
    view_num(rq->values, "Course.id", c->id);
    view_set(rq->values, "Course.title", c->name);
    view_set(rq->values, "Course.term", site_term_name(rq, c->term_year, c->term_half));
    view_set(rq->values, "Course.term_slug", c->term_slug);
    view_set(rq->values, "Course.url", site_course_url(rq, c));
    view_set(
        rq->values, "Course.slug_hint",
        web_t(rq, "CourseEdit.slug_hint", "path", arena_printf(a, "/course/%s/%s", c->term_slug, c->slug)));
    if (c->visibility == VIS_HIDDEN) {
        view_set(rq->values, "Course.link", site_course_url(rq, c));
        view_set(rq->values, "Course.link_text",
                 arena_printf(a, "%s%s", rq->app->conf->base_url, site_course_url(rq, c)));
    }
    site_may(rq, &c->object);
}

enum { E_ID, E_AFTER, E_BEFORE, E_COUNT };
static const struct web_param edit_params[E_COUNT] = {
    [E_ID] = {"id", WEB_INT, true, 1, INT64_MAX, NULL},
    [E_AFTER] = {"after", WEB_KEY, false, 1, LECTURE_KEY_LENGTH, NULL},
    [E_BEFORE] = {"before", WEB_KEY, false, 1, LECTURE_KEY_LENGTH, NULL},
};

/* The newest first, a page of them. *total: of all pages. */
static enum rc show_lectures(struct web_request *rq, const struct course *c, const struct web_value *v,
                             int64_t *total)
{
    struct lecture_part part;
    struct arena *a = rq->cx.arena;
    struct lecture_range range = {.newest = true, .limit = LECTURE_PAGE};
    range.after = v[E_AFTER].given ? v[E_AFTER].text : NULL;
    range.before = v[E_BEFORE].given && !range.after ? v[E_BEFORE].text : NULL;
    enum rc rc = lecture_list_by_course(&rq->cx, c, &range, &part);
    if (rc != RC_OK)
        return rc;
    const struct lecture_list *list = &part.list;
    for (size_t i = 0; i < list->n; i++)
        show_lecture(rq, &list->item[i]);
    if (part.previous && list->n)
        view_set(rq->values, "Pager.previous",
                 arena_printf(a, "/teach/course/%lld?before=%s", (long long)c->id, list->item[0].key));
    if (part.next && list->n)
        view_set(
            rq->values, "Pager.next",
            arena_printf(a, "/teach/course/%lld?after=%s", (long long)c->id, list->item[list->n - 1].key));
    *total = part.total;
    return RC_OK;
}

enum rc page_course_edit(struct web_request *rq)
{
    struct web_value v[E_COUNT];
    struct course *c;
    struct lecture_list deleted;
    int64_t total;
    enum rc rc = web_params(rq, edit_params, E_COUNT, v);
    if (rc == RC_OK)
        rc = course_get(&rq->cx, ACT_COURSE_TEACH, v[E_ID].num, &c);
    if (rc == RC_OK)
        rc = lecture_list_deleted(&rq->cx, c, MAX_DELETED, &deleted);
    if (rc == RC_OK)
        rc = show_form(rq, c);
    if (rc != RC_OK)
        return rc;
    site_zone(rq, c->organisation_zone);
    rc = show_lectures(rq, c, v, &total);
    if (rc != RC_OK)
        return rc;
    show_course_head(rq, c);
    for (size_t i = 0; i < deleted.n; i++)
        site_deleted_row(rq, view_add(rq->values, "Deleted"), deleted.item[i].title,
                         deleted.item[i].deleted_at,
                         arena_printf(rq->cx.arena, "/teach/lecture/%s/undelete", deleted.item[i].key));
    if (c->deleted_at != NO_TIME)
        site_deleted_row(rq, view_child(rq->values, "Course.deleted"), c->name, c->deleted_at,
                         arena_printf(rq->cx.arena, "/teach/course/%lld/undelete", (long long)c->id));
    view_set(rq->values, "Course.delete_text",
             i18n_count(rq->cx.arena, rq->lang, "CourseEdit.delete_text", total));
    view_set(rq->values, "Course.delete_button", web_t(rq, "CourseEdit.delete_button", "what", c->name));
    return web_page(rq, "course_edit", c->name);
}

static enum rc save(struct web_request *rq, const struct web_value *v, bool texts)
{
    if (texts)
        return course_set_texts(&rq->cx, v[P_ID].num, v[P_TITLE].text, v[P_DESCRIPTION].text, seen_sent(rq));
    struct course_edit edit = edit_of(v);
    edit.seen = seen_sent(rq);
    return course_update(&rq->cx, v[P_ID].num, &edit);
}

enum rc page_course_save(struct web_request *rq)
{
    struct web_value v[P_COUNT], only;
    web_form_page(rq, page_course_edit);
    enum rc rc = web_params(rq, &param_only, 1, &only);
    if (rc == RC_OK)
        rc = web_params(rq, params, only.given ? TEXTS_COUNT : P_COUNT, v);
    if (rc == RC_OK)
        rc = site_field(rq, "name", "title", save(rq, v, only.given));
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "course_saved", v[P_TITLE].text, NULL);
    return web_redirect(rq, rq->path);
}

enum rc page_course_delete(struct web_request *rq)
{
    struct web_value id;
    struct course *c;
    enum rc rc = web_params(rq, param_id, 1, &id);
    if (rc == RC_OK)
        rc = course_get(&rq->cx, ACT_COURSE_OWN, id.num, &c);
    if (rc == RC_OK)
        rc = course_delete(&rq->cx, c->id);
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "course_deleted", c->name,
              arena_printf(rq->cx.arena, "/teach/course/%lld/undelete", (long long)c->id));
    return web_redirect(rq, "/teach");
}

enum rc page_course_undelete(struct web_request *rq)
{
    struct web_value id;
    enum rc rc = web_params(rq, param_id, 1, &id);
    if (rc == RC_OK)
        rc = course_undelete(&rq->cx, id.num);
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "restored", NULL, NULL);
    return web_redirect(rq, arena_printf(rq->cx.arena, "/teach/course/%lld", (long long)id.num));
}
