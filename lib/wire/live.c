#include "lib/wire/live.h"

#include "lib/wire/inner.h"
#include "lib/wire/rows.h"

/* As MESSAGE of rows.h, for the list in beat.c. */
#define LIVE_MESSAGE(id)                                                                                     \
    const struct wire_message inner_live_##id = {"live_" #id, sizeof(struct wire_live_##id), id##_rows,      \
                                                 sizeof id##_rows / sizeof *id##_rows}

static const struct wire_member start_rows[] = {
    {TEXT(struct wire_live_start, token, WIRE_MUST, WIRE_TOKEN_MAX)},
    {TEXT(struct wire_live_start, from, WIRE_MUST, WIRE_CLIENT_MAX)},
    {WORD(struct wire_live_start, view, 0, wire_view_names, VIEW_KIND_COUNT, -1)},
    {KEY(struct wire_live_start, session, 0)},
    {NUMBERS(struct wire_live_start, avoid, avoid_count, 0, WIRE_AVOID_MAX, 1)},
};
LIVE_MESSAGE(start);

static const struct wire_member answer_rows[] = {
    {WORD(struct wire_live_answer, refused, 0, inner_live_refusals, LIVE_REFUSAL_COUNT, LIVE_REFUSED_OTHER)},
    {TEXT(struct wire_live_answer, text, 0, WIRE_TEXT_MAX)},
    {KEY(struct wire_live_answer, session, 0)},
    {INT64(struct wire_live_answer, job, 0, 0, INT64_MAX)},
    {INT64(struct wire_live_answer, fence, 0, 0, INT64_MAX)},
    {INT64(struct wire_live_answer, node, 0, 0, INT64_MAX)},
    {TEXT(struct wire_live_answer, address, 0, WIRE_ADDRESS_MAX)},
    {TEXT(struct wire_live_answer, ticket, 0, WIRE_TOKEN_MAX)},
};
LIVE_MESSAGE(answer);

static const struct wire_member stop_rows[] = {
    {KEY(struct wire_live_stop, session, WIRE_MUST)},
    {WORD(struct wire_live_stop, why, WIRE_MUST, inner_live_ends, LIVE_END_COUNT, LIVE_END_LOST)},
};
LIVE_MESSAGE(stop);

static const struct wire_member upload_rows[] = {
    {KEY(struct wire_live_upload, session, WIRE_MUST)},
    {INT64(struct wire_live_upload, fence, WIRE_MUST, 0, INT64_MAX)},
    {BOOL(struct wire_live_upload, less)},
};
LIVE_MESSAGE(upload);

static const struct wire_member target_rows[] = {
    {KEY(struct wire_live_target, upload, WIRE_MUST)},
    {TEXT(struct wire_live_target, url, WIRE_MUST, WIRE_URL_MAX)},
    {TEXT(struct wire_live_target, token, WIRE_MUST, WIRE_TOKEN_MAX)},
    {INT64(struct wire_live_target, until, WIRE_MUST, 1, INT64_MAX)},
};
LIVE_MESSAGE(target);

static enum rc read_strictly(struct cx *cx, const struct wire_message *m, const json_t *o, void *out)
{
    const char *odd = NULL;
    return wire_read(cx, m, o, out, &odd);
}

json_t *wire_live_start_write(struct cx *cx, const struct wire_live_start *s)
{
    return wire_write(cx, &inner_live_start, s);
}

enum rc wire_live_start_read(struct cx *cx, const json_t *o, struct wire_live_start *out)
{
    return read_strictly(cx, &inner_live_start, o, out);
}

json_t *wire_live_answer_write(struct cx *cx, const struct wire_live_answer *a)
{
    return wire_write(cx, &inner_live_answer, a);
}

enum rc wire_live_answer_read(struct cx *cx, const json_t *o, struct wire_live_answer *out)
{
    struct wire_live_answer a;
    enum rc rc = read_strictly(cx, &inner_live_answer, o, &a);
    if (rc != RC_OK)
        return rc;
    bool placed = *a.session && a.job > 0 && a.node > 0 && *a.address && *a.ticket;
    if (a.refused == LIVE_REFUSAL_COUNT && !placed)
        return err_set(cx, RC_INVALID, NULL, NULL, "an answer that neither refuses nor says where");
    *out = a;
    return RC_OK;
}

json_t *wire_live_stop_write(struct cx *cx, const struct wire_live_stop *s)
{
    return wire_write(cx, &inner_live_stop, s);
}

enum rc wire_live_stop_read(struct cx *cx, const json_t *o, struct wire_live_stop *out)
{
    return read_strictly(cx, &inner_live_stop, o, out);
}

json_t *wire_live_upload_write(struct cx *cx, const struct wire_live_upload *u)
{
    return wire_write(cx, &inner_live_upload, u);
}

enum rc wire_live_upload_read(struct cx *cx, const json_t *o, struct wire_live_upload *out)
{
    return read_strictly(cx, &inner_live_upload, o, out);
}

json_t *wire_live_target_write(struct cx *cx, const struct wire_live_target *t)
{
    return wire_write(cx, &inner_live_target, t);
}

enum rc wire_live_target_read(struct cx *cx, const json_t *o, struct wire_live_target *out)
{
    return read_strictly(cx, &inner_live_target, o, out);
}
