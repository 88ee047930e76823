#include "cgi-bin/web/staff_fields.h"

static const char *const kinds[] = {"student", "owner", "lecturer", "assistant", NULL};
const struct web_param staff_params[F_COUNT] = {
    [F_AS] = {"as", WEB_CHOICE, true, 0, 0, kinds},
    [F_RIGHT + RIGHT_TEXTS] = {"right_texts", WEB_FLAG, false, 0, 0, NULL},
    [F_RIGHT + RIGHT_UPLOAD] = {"right_upload", WEB_FLAG, false, 0, 0, NULL},
    [F_RIGHT + RIGHT_TIMETABLE] = {"right_timetable", WEB_FLAG, false, 0, 0, NULL},
    [F_RIGHT + RIGHT_PEOPLE] = {"right_people", WEB_FLAG, false, 0, 0, NULL},
    [F_RIGHT + RIGHT_STATISTICS] = {"right_statistics", WEB_FLAG, false, 0, 0, NULL},
};

enum staff_role staff_fields_role(const struct web_value *v)
{
    return (enum staff_role)(v[F_AS].num - AS_STAFF);
}

unsigned staff_fields_rights(const struct web_value *v)
{
    unsigned rights = 0;
    for (unsigned i = 0; i < RIGHT_COUNT; i++)
        rights |= v[F_RIGHT + i].num ? 1u << i : 0;
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

static void add_right(struct web_request *rq, enum staff_right right, bool on)
{
    const char *name = staff_params[F_RIGHT + right].name;
    web_field_flag(rq, name, on);
    struct view_node *row = view_add(rq->values, "Form.rights.options");
    view_set(row, "name", name);
    view_set(row, "label", web_t(rq, arena_printf(rq->cx.arena, "Right.%s", staff_right_name(right))));
    view_set(row, "on", view_get(rq->values, arena_printf(rq->cx.arena, "Form.%s.on", name)));
}

void staff_fields_show(struct web_request *rq, const struct course *c, bool student, const char *role,
                       unsigned rights)
{
    web_field(rq, "as", role);
    web_field(rq, "rights", "");
    const char *chosen = view_get(rq->values, "Form.as.value");
    if (student)
        add_role(rq, kinds[AS_STUDENT], chosen);
    for (enum staff_role r = 0; r < STAFF_ROLE_COUNT; r++)
        if (policy_may_give(rq->cx.actor, &c->object, r, 0))
            add_role(rq, staff_role_name(r), chosen);
    for (enum staff_right r = 0; r < RIGHT_COUNT; r++)
        if (policy_may_give(rq->cx.actor, &c->object, STAFF_ASSISTANT, 1u << r))
            add_right(rq, r, rights & 1u << r);
}

const char *staff_fields_words(struct web_request *rq, const struct course_staff *s)
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

const char *staff_fields_url(struct web_request *rq, const struct course *c, const struct course_staff *s)
{
    if (!policy_may_give(rq->cx.actor, &c->object, s->role, s->rights))
        return NULL;
    return arena_printf(rq->cx.arena, "/teach/course/%lld/staff/%lld", (long long)c->id,
                        (long long)s->user_id);
}
