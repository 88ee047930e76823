#include "lib/svc/live/refusal.h"

#include "lib/base/words.h"
#include "lib/db/db.h"
#include "lib/svc/policy.h"

enum { SHOWN = 20 };

static const char *const words[LIVE_REASON_COUNT] = {"token", "none", "ended",  "taken",
                                                     "moved", "over", "machine"};
WORDS_NAME(live_reason_name, enum live_reason, words, LIVE_REASON_COUNT)
static WORDS_OF(reason_of, enum live_reason, words, LIVE_REASON_COUNT)

    static const struct {
    enum live_refusal wire;
    const char *text;
} reasons[LIVE_REASON_COUNT] = {
    [LIVE_REASON_TOKEN] = {LIVE_REFUSED_TOKEN,
                           "The token is not valid, or not any more. Make a new one on the page "
                           "of your tokens and enter it as the stream key."},
    [LIVE_REASON_NONE] = {LIVE_REFUSED_LECTURE,
                          "No lecture of yours is due now, and you may upload in no course. Ask the owner "
                          "of the course for the right to upload."},
    [LIVE_REASON_ENDED] = {LIVE_REFUSED_LECTURE,
                           "The live stream of this lecture was ended. Take that back on its page to go on."},
    [LIVE_REASON_TAKEN] =
        {LIVE_REFUSED_TAKEN,
         "Somebody streams this lecture already. End that stream first, or use another view."},
    [LIVE_REASON_MOVED] = {LIVE_REFUSED_TAKEN,
                           "Another program streams in place of this one. Start again to go on."},
    [LIVE_REASON_OVER] = {LIVE_REFUSED_OTHER, "This stream is over. Start again to go on."},
    [LIVE_REASON_MACHINE] =
        {LIVE_REFUSED_INGEST,
         "No machine has a free place for the stream. Try again, or tell your maintainers."},
};

enum live_refusal live_reason_wire(enum live_reason reason)
{
    return reasons[reason].wire;
}

const char *live_reason_text(enum live_reason reason)
{
    return reasons[reason].text;
}

enum rc live_refusal_note(struct cx *cx, int64_t user_id, int64_t lecture_id, enum live_reason reason,
                          const char *from)
{
    return db_exec(cx, SQL_live_refusal_insert, NULL, "iiss", user_id, lecture_id, live_reason_name(reason),
                   from);
}

enum rc live_refusal_list(struct cx *cx, int64_t seconds, struct live_refused_list *out)
{
    struct rows *rows = NULL;
    struct live_refused_list list = {0};
    enum rc rc = db_query(cx, SQL_live_refusal_list, &rows, "iii",
                          cx->actor ? cx->actor->user_id : (int64_t)0, seconds, (int64_t)SHOWN);
    if (rc != RC_OK)
        return rc;
    list.item = arena_array(cx->arena, rows_count(rows) + 1, sizeof *list.item);
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct live_refused *r = &list.item[list.n];
        *r = (struct live_refused){.at = row_time(rows, i, 1),
                                   .from = row_text(rows, i, 2),
                                   .lecture_key = row_text(rows, i, 3),
                                   .lecture_title = row_text(rows, i, 4)};
        list.n += reason_of(row_bytes(rows, i, 0), &r->reason); /* not a word of a newer version */
    }
    *out = list;
    return RC_OK;
}

enum rc live_refusal_sweep(struct cx *cx)
{
    return db_exec(cx, SQL_live_refusal_sweep, NULL, "");
}
