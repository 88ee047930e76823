#include "cgi-bin/web/seen.h"

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

static void say(struct web_request *rq, const struct seen_field *f)
{
    const char *words = f->words ? f->words : f->value;
    struct view_node *row = view_add(rq->values, "Form.seen.now");
    view_set(row, "name", web_t(rq, f->label));
    view_set(row, "text", words && *words ? words : web_t(rq, "Form.seen_nothing"));
}

void seen_show(struct web_request *rq, const char *seen, const struct seen_field *field, size_t n)
{
    web_field(rq, "seen", seen);
    if (!view_get(rq->values, "Form.seen.error"))
        return;
    view_set(rq->values, "Form.seen.value", seen);
    for (size_t i = 0; i < n; i++)
        if (!is_typed(rq, &field[i]))
            say(rq, &field[i]);
}

const char *seen_sent(const struct web_request *rq)
{
    return web_pairs_get(&rq->form, "seen");
}
