#include "cgi-bin/web/seen.h"

#include "lib/base/clock.h"
#include "lib/svc/audit.h"
#include "lib/svc/seen.h"

enum { PART_SIZE = 8 /* characters of each field, to know which ones changed */ };

/* What the form carries: "0123456789abcdef.1764513000.01234567…": what the service said, when that was (s), and each field. */
struct carried {
    struct str digest;
    int64_t since;    /* ms; 0: not said */
    struct str parts; /* PART_SIZE a field */
};

static const char *part_of(struct web_request *rq, const struct seen_field *f)
{
    return arena_strndup(rq->cx.arena, seen_of(&rq->cx, &f->value, 1), PART_SIZE);
}

static const char *to_carry(struct web_request *rq, const char *now, const struct seen_field *field, size_t n)
{
    const char *all = arena_printf(rq->cx.arena, "%s.%lld.", now, (long long)rq->now / 1000);
    for (size_t i = 0; i < n; i++)
        all = arena_printf(rq->cx.arena, "%s%s", all, part_of(rq, &field[i]));
    return all;
}

static struct carried read_carried(const struct web_request *rq)
{
    struct str rest = str_of(web_pairs_get(&rq->form, "seen"));
    struct carried c = {.digest = str_cut(&rest, '.')};
    int64_t s;
    if (str_to_i64(str_cut(&rest, '.'), 1, INT64_MAX / 1000, &s))
        c.since = s * 1000;
    c.parts = rest;
    return c;
}

/* Browsers send CRLF for what is stored as LF. A box that is not ticked sends nothing. */
static bool is_typed(const struct web_request *rq, const struct seen_field *f)
{
    struct str typed = str_of(web_pairs_get(&rq->form, f->name)), now = str_of(f->value);
    size_t at = 0;
    for (size_t i = 0; i < typed.n; i++) {
        if (typed.p[i] == '\r')
            continue;
        if (at == now.n || typed.p[i] != now.p[at++])
            return false;
    }
    return at == now.n;
}

/* Also if it cannot be told. */
static bool is_changed(struct web_request *rq, const struct carried *c, const struct seen_field *field,
                       size_t i)
{
    size_t at = i * PART_SIZE;
    return c->parts.n < at + PART_SIZE || memcmp(c->parts.p + at, part_of(rq, &field[i]), PART_SIZE) != 0;
}

static void say(struct web_request *rq, const struct seen_field *f)
{
    const char *words = f->words ? f->words : f->value;
    struct view_node *row = view_add(rq->values, "Form.seen.now");
    view_set(row, "name", web_t(rq, f->label));
    view_set(row, "text", words && *words ? words : web_t(rq, "Form.seen_nothing"));
}

/* Who it was, if it was since the form was opened: a change elsewhere may have changed this too, as the new name of a hall. */
static enum rc say_who(struct web_request *rq, const struct seen_form *form, int64_t since)
{
    struct audit_last last = {.name = form->who, .at = form->at};
    enum rc rc = form->kind ? audit_last(&rq->cx, form->kind, form->id, form->actions, &last) : RC_OK;
    if (rc != RC_OK || !last.name || !since || last.at < since)
        return rc;
    const char *time = site_period(rq, last.at, NO_TIME);
    bool own = last.user_id && last.user_id == rq->cx.actor->user_id;
    view_set(rq->values, "Form.seen.error",
             own ? web_t(rq, "Form.seen_you", "time", time)
                 : web_t(rq, "Form.seen_who", "who", last.name, "time", time));
    return RC_OK;
}

enum rc seen_show(struct web_request *rq, const struct seen_form *form, const struct seen_field *field,
                  size_t n)
{
    const char *fresh = to_carry(rq, form->now, field, n);
    web_field(rq, "seen", fresh);
    bool older = !form->other && view_get(rq->values, "Form.seen.error");
    const char *value = older || form->other ? fresh : view_get(rq->values, "Form.seen.value");
    view_set(rq->values, arena_printf(rq->cx.arena, "Form.%s.value", form->key ? form->key : "seen"), value);
    if (!older)
        return RC_OK;
    const struct carried c = read_carried(rq);
    view_set(rq->values, "Form.seen.url", form->url);
    for (size_t i = 0; i < n; i++)
        if (!is_typed(rq, &field[i]) && is_changed(rq, &c, field, i))
            say(rq, &field[i]);
    return say_who(rq, form, c.since);
}

const char *seen_sent(const struct web_request *rq)
{
    return web_pairs_get(&rq->form, "seen") ? str_dup(rq->cx.arena, read_carried(rq).digest) : NULL;
}
