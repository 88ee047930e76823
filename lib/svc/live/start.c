#include "lib/svc/live/start.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/rand.h"
#include "lib/db/db.h"
#include "lib/os/metrics.h"
#include "lib/svc/audit.h"
#include "lib/svc/keys.h"
#include "lib/svc/live/due.h"
#include "lib/svc/live/refusal.h"
#include "lib/svc/live/rehearsal.h"
#include "lib/svc/live/session.h"
#include "lib/svc/people/token.h"
#include "lib/svc/pipeline/flow/dvr.h"
#include "lib/svc/teaching/lecture.h"

enum { JTI_LENGTH = 20 };

struct start {
    const struct node_info *entry;
    const struct wire_live_start *q;
    int64_t token_id;
    enum live_reason refused; /* LIVE_REASON_COUNT: not */
    int64_t lecture_id;       /* 0: none was found */
    const char *lecture_key;
    bool made;       /* a rehearsal that begins now */
    bool keep_first; /* of the course */
    struct live_session session;
    struct job *job;
    int64_t node; /* the ingest, and where it is: */
    const char *url;
};

static enum rc refuse(struct start *t, enum live_reason reason)
{
    t->refused = reason;
    return RC_OK;
}

static bool is_refused(const struct start *t)
{
    return t->refused != LIVE_REASON_COUNT;
}

/* --- the choice of an ingest --- */

static bool is_avoided(const struct wire_live_start *q, int64_t node)
{
    for (size_t i = 0; i < q->avoid_count; i++)
        if (q->avoid[i] == node)
            return true;
    return false;
}

/* Of those that are alive and have a free place, and that the stream has not just left: the nearest owner's, there the one with the
 * most places. None: refused. */
static enum rc choose_ingest(struct cx *cx, struct start *t, const struct lecture *l)
{
    struct rows *rows = NULL;
    int best_distance = NODE_FAR;
    int64_t best_free = 0;
    enum rc rc = db_query(cx, SQL_live_ingests, &rows, "ii", (int64_t)NODE_INGEST, (int64_t)LIVE_INGEST_MS);
    if (rc != RC_OK)
        return rc;
    t->node = 0;
    for (size_t i = 0; i < rows_count(rows); i++) {
        int64_t node = row_i64(rows, i, 0), free = row_i64(rows, i, 4);
        int distance = node_distance(l->organisation_path, row_text(rows, i, 1), row_text(rows, i, 2));
        if (free <= 0 || is_avoided(t->q, node) || distance > best_distance || distance == NODE_FAR ||
            (distance == best_distance && free <= best_free))
            continue;
        best_distance = distance;
        best_free = free;
        t->node = node;
        t->url = row_text(rows, i, 3);
    }
    return t->node ? RC_OK : refuse(t, LIVE_REASON_MACHINE);
}

/* --- a new publisher --- */

static const struct live_due *open_rehearsal(const struct live_due_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->item[i].rehearsal && list->item[i].open)
            return &list->item[i];
    return NULL;
}

/* None is due, or only a rehearsal is wanted (test): a new rehearsal. */
static enum rc choose_lecture(struct cx *cx, struct start *t, bool test)
{
    struct live_due_list list;
    enum rc rc = live_due_list(cx, &list);
    if (rc != RC_OK)
        return rc;
    const struct live_due *first = test ? open_rehearsal(&list) : live_due_first(&list);
    bool chosen = test || (first && first->chosen); /* they say where to go, so no program goes astray */
    for (size_t i = 0; !chosen && i < list.n; i++)
        if (list.item[i].closed_now || (!first && list.item[i].closed)) {
            t->lecture_id = list.item[i].id;
            return refuse(t, LIVE_REASON_ENDED);
        }
    t->made = !first;
    t->keep_first = first && first->keep_first;
    t->lecture_id = first ? first->id : 0;
    if (t->made)
        rc = rehearsal_add(cx, &t->lecture_id);
    return rc;
}

static enum rc find_lecture(struct cx *cx, struct start *t, struct lecture **out)
{
    int64_t test = NO_TIME;
    enum rc rc = live_test_get(cx, &test);
    if (rc == RC_OK)
        rc = choose_lecture(cx, t, test != NO_TIME);
    if (rc != RC_OK || is_refused(t))
        return rc;
    if (!t->lecture_id)
        return refuse(t, LIVE_REASON_NONE);
    rc = lecture_lock(cx, t->lecture_id, out);
    if (rc == RC_OK)
        t->lecture_key = (*out)->key;
    return rc;
}

/* Who streams into the view now gives way if nothing was heard of them; where the course keeps the first, only if they are gone. */
static enum rc check_view(struct cx *cx, struct start *t, enum view_kind view, struct live_session **old,
                          size_t *n)
{
    enum rc rc = live_session_lock_view(cx, t->lecture_id, view, old, n);
    for (size_t i = 0; rc == RC_OK && i < *n; i++)
        if (t->keep_first ? !(*old)[i].quiet : !(*old)[i].silent)
            return refuse(t, LIVE_REASON_TAKEN);
    return rc;
}

static enum rc begin(struct cx *cx, struct start *t, const struct lecture *l, enum view_kind view)
{
    struct live_session_new n = {.lecture_id = t->lecture_id,
                                 .view = view,
                                 .user_id = cx->actor->user_id,
                                 .token_id = t->token_id,
                                 .entry_id = t->entry->id,
                                 .from = t->q->from};
    enum rc rc = dvr_begin(cx, l, view, &n.generation);
    if (rc == RC_OK)
        rc = db_exec(cx, SQL_live_begin, NULL, "ii", t->lecture_id, (int64_t)n.generation);
    if (rc == RC_OK)
        rc = lecture_time_move(cx, t->lecture_id, TIME_ON_START);
    if (rc == RC_OK)
        rc = live_session_add(cx, &n, &t->session);
    if (rc == RC_OK)
        rc = live_session_lease(cx, &t->session, t->node, &t->job);
    if (rc == RC_OK)
        rc = audit_write(cx, "live.start", "lecture", t->lecture_id, "%s %s from %s", t->session.key,
                         wire_view_name(view), n.from);
    return rc;
}

/* The rehearsal does not begin. */
static enum rc drop_made(struct cx *cx, struct start *t)
{
    int64_t id = t->lecture_id;
    t->lecture_id = 0;
    return id ? rehearsal_drop(cx, id) : RC_OK;
}

/* One at a time, so that two get neither the same view nor the last free place. */
static enum rc begin_tx(struct cx *cx, void *arg)
{
    struct start *t = arg;
    enum view_kind view = t->q->view < VIEW_KIND_COUNT ? t->q->view : VIEW_COMB;
    struct live_session *old = NULL;
    struct lecture *l = NULL;
    size_t n = 0;
    t->refused = LIVE_REASON_COUNT;
    t->made = false;
    enum rc rc = db_exec(cx, SQL_turn_take, NULL, "s", "live");
    if (rc == RC_OK)
        rc = find_lecture(cx, t, &l);
    if (rc == RC_OK && !is_refused(t))
        rc = check_view(cx, t, view, &old, &n);
    if (rc == RC_OK && !is_refused(t))
        rc = choose_ingest(cx, t, l);
    if (rc == RC_OK && is_refused(t))
        return t->made ? drop_made(cx, t) : RC_OK;
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        rc = live_session_send_away(cx, &old[i], "taken");
    return rc == RC_OK ? begin(cx, t, l, view) : rc;
}

/* --- a stream that needs another ingest --- */

static enum live_reason why_over(const struct live_session *s)
{
    if (strcmp(s->why, "taken") == 0 || strcmp(s->why, "moved") == 0)
        return LIVE_REASON_MOVED;
    if (strcmp(s->why, "over") == 0)
        return LIVE_REASON_ENDED;
    return strcmp(s->why, "revoked") == 0 ? LIVE_REASON_TOKEN : LIVE_REASON_OVER;
}

/* May it go on? The person may have lost the right since it began. */
static enum rc check_session(struct cx *cx, struct start *t, struct lecture **out)
{
    struct live_session *s = NULL;
    enum rc rc = live_session_lock(cx, t->q->session, &s);
    if (rc != RC_OK)
        return rc;
    if (!s || s->entry_id != t->entry->id)
        return refuse(t, LIVE_REASON_OVER);
    t->session = *s;
    t->lecture_id = s->lecture_id;
    if (s->stopped)
        return refuse(t, why_over(s));
    if (s->token_id != t->token_id)
        return refuse(t, LIVE_REASON_TOKEN);
    rc = lecture_get_by_id(cx, ACT_COURSE_UPLOAD, s->lecture_id, out);
    if (rc == RC_DENIED || rc == RC_NOTFOUND || (rc == RC_OK && (*out)->object.deleted)) {
        err_clear(cx);
        return refuse(t, LIVE_REASON_TOKEN);
    }
    if (rc == RC_OK)
        t->lecture_key = (*out)->key;
    return rc;
}

static enum rc go_on_tx(struct cx *cx, void *arg)
{
    struct start *t = arg;
    struct lecture *l = NULL;
    t->refused = LIVE_REASON_COUNT;
    enum rc rc = db_exec(cx, SQL_turn_take, NULL, "s", "live");
    if (rc == RC_OK)
        rc = check_session(cx, t, &l);
    if (rc == RC_OK && !is_refused(t))
        rc = choose_ingest(cx, t, l);
    if (rc != RC_OK || is_refused(t))
        return rc;
    rc = live_session_lease(cx, &t->session, t->node, &t->job);
    if (rc == RC_OK)
        rc = live_session_heard(cx, t->job, 0);
    return rc == RC_OK ? db_exec(cx, SQL_live_resume, NULL, "i", t->lecture_id) : rc;
}

/* --- the answer --- */

static enum rc sign_ticket(struct cx *cx, const struct start *t, const char **ticket)
{
    char jti[JTI_LENGTH + 1];
    struct jwt_claims c;
    rand_key(jti, sizeof jti);
    jwt_claims_init(&c);
    c.aud = JWT_AUD_INGEST;
    c.exp = clock_now() / 1000 + LIVE_TICKET_S;
    c.jti = jti;
    c.job = t->job->id;
    c.att = t->job->attempt;
    c.fen = t->job->fence;
    c.node = t->node;
    c.ses = t->session.key;
    c.lec = t->lecture_key;
    c.views[0] = wire_view_name(t->session.view);
    return keys_sign(cx, &c, ticket);
}

/* "rtmp://host:port" without what stands around the host and its port. */
static const char *address_of(struct cx *cx, const char *url)
{
    struct str s = str_of(url);
    if (str_starts(s, "rtmp://"))
        s = (struct str){s.p + 7, s.n - 7};
    return str_dup(cx->arena, str_cut(&s, '/'));
}

static enum rc answer_place(struct cx *cx, const struct start *t, struct wire_live_answer *out)
{
    const char *ticket = NULL;
    enum rc rc = sign_ticket(cx, t, &ticket);
    if (rc != RC_OK)
        return rc;
    *out = (struct wire_live_answer){.refused = LIVE_REFUSAL_COUNT,
                                     .text = "",
                                     .session = t->session.key,
                                     .job = t->job->id,
                                     .fence = t->job->fence,
                                     .node = t->node,
                                     .address = address_of(cx, t->url),
                                     .ticket = ticket};
    metric_add(METRIC_web_live_placed_total, 1);
    LOG(INFO, cx, "live stream placed", F_TEXT("session", t->session.key), F_TEXT("lecture", t->lecture_key),
        F_NUM("job", t->job->id), F_NUM("fence", t->job->fence), F_NUM("holder", t->node),
        F_TEXT("from", t->q->from));
    return RC_OK;
}

static enum rc answer_refusal(struct cx *cx, const struct start *t, int64_t user_id,
                              struct wire_live_answer *out)
{
    enum rc rc = user_id ? live_refusal_note(cx, user_id, t->lecture_id, t->refused, t->q->from) : RC_OK;
    if (rc != RC_OK)
        return rc;
    *out = (struct wire_live_answer){.refused = live_reason_wire(t->refused),
                                     .text = live_reason_text(t->refused),
                                     .session = "",
                                     .address = "",
                                     .ticket = ""};
    metric_add(METRIC_web_live_refused_total, 1);
    LOG(INFO, cx, "live stream refused", F_TEXT("reason", live_reason_name(t->refused)),
        F_TEXT("from", t->q->from));
    return RC_OK;
}

/* The token says nothing about a person. If it did when the stream began, the reason is kept for them. */
static enum rc refuse_token(struct cx *cx, struct start *t, struct wire_live_answer *out)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_live_session_person, &rows, "si", t->q->session, t->entry->id);
    if (rc != RC_OK)
        return rc;
    bool known = rows_count(rows) > 0;
    t->refused = LIVE_REASON_TOKEN;
    t->lecture_id = known ? row_i64(rows, 0, 1) : 0;
    return answer_refusal(cx, t, known ? row_i64(rows, 0, 0) : 0, out);
}

enum rc live_start(struct cx *cx, const struct node_info *entry, const struct wire_live_start *q,
                   struct wire_live_answer *out)
{
    struct start t = {.entry = entry, .q = q};
    const struct actor *before = cx->actor;
    struct actor *person = NULL;
    if (!(entry->roles & NODE_ENTRY))
        return err_set(cx, RC_DENIED, NULL, "live_role", "node %lld is no entry", (long long)entry->id);
    /* A stream goes on with the token that it began with, also when its time is over. */
    enum rc rc = (*q->session ? token_open_late : token_open)(cx, str_of(q->token), SCOPE_STREAM, q->from,
                                                              &person, &t.token_id);
    if (rc == RC_DENIED) {
        err_clear(cx);
        return refuse_token(cx, &t, out);
    }
    if (rc != RC_OK)
        return rc;
    cx->actor = person;
    rc = db_tx(cx, *q->session ? go_on_tx : begin_tx, &t);
    if (rc == RC_OK)
        rc = is_refused(&t) ? answer_refusal(cx, &t, person->user_id, out) : answer_place(cx, &t, out);
    cx->actor = before;
    return rc;
}

/* --- the end --- */

struct stop {
    const struct node_info *entry;
    const struct wire_live_stop *q;
};

static enum rc stop_tx(struct cx *cx, void *arg)
{
    const struct stop *t = arg;
    struct live_session *s = NULL;
    enum rc rc = live_session_lock(cx, t->q->session, &s);
    if (rc != RC_OK || !s || s->stopped || s->entry_id != t->entry->id)
        return rc;
    return live_session_stop(cx, s, wire_live_end_name(t->q->why));
}

enum rc live_stop(struct cx *cx, const struct node_info *entry, const struct wire_live_stop *q)
{
    struct stop t = {entry, q};
    if (!(entry->roles & NODE_ENTRY))
        return err_set(cx, RC_DENIED, NULL, "live_role", "node %lld is no entry", (long long)entry->id);
    enum rc rc = db_tx(cx, stop_tx, &t);
    if (rc == RC_OK)
        LOG(INFO, cx, "live stream stopped", F_TEXT("session", q->session),
            F_TEXT("why", wire_live_end_name(q->why)));
    return rc;
}
