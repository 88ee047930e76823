/* Ingests: PUT /live/v1/<lecture>/g<N>/<view>/<fence>.<child>/…, with the put token of their job. A repeat is answered
 * as the first time, so an ingest sends again whatever was not answered. */
#include <errno.h>
#include <event2/buffer.h>
#include <string.h>

#include "daemons/lived/answer.h"
#include "daemons/lived/waiting.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/net/json.h"
#include "lib/os/file.h"
#include "lib/os/metrics.h"

enum { RUN_MAX = 4096, CREATED = 201, CONFLICT = 409, GONE = 410, UNPROCESSABLE = 422, NO_SPACE = 507 };

#define NUMBER_MOST (INT64_C(1) << 53)

/* What an address names. */
struct target {
    struct stream_name name;
    struct str base; /* "<lecture>/g<N>/<view>/<fence>" */
    int64_t fence, child;
    struct str rest; /* run, end, TRACK/init, TRACK/SEGMENT.PART */
};

static bool read_target(struct str path, struct target *t)
{
    struct str all = path;
    if (!stream_name_read(&path, &t->name))
        return false;
    struct str run = str_cut(&path, '/'), fence = str_cut(&run, '.');
    t->base = (struct str){all.p, (size_t)(fence.p + fence.n - all.p)};
    t->rest = path;
    return str_to_i64(fence, 0, NUMBER_MOST, &t->fence) && str_to_i64(run, 0, NUMBER_MOST, &t->child);
}

/* --- the token --- */

static enum rc check(struct cx *cx, struct lived *d, struct evhttp_request *rq, const struct target *t,
                     int64_t *job)
{
    struct jwt_claims c;
    const char *head = evhttp_find_header(evhttp_request_get_input_headers(rq), "Authorization");
    struct str token = str_of(head);
    if (!str_eq(str_cut(&token, ' '), "Bearer"))
        return err_set(cx, RC_DENIED, NULL, NULL, "no token");
    enum rc rc = node_keys_verify(cx, d->keys, clock_now() / 1000, token, &c);
    if (rc != RC_OK)
        return rc;
    const char *put = arena_printf(cx->arena, "live/%.*s", (int)t->base.n, t->base.p);
    if (!c.put || strcmp(c.put, put) != 0)
        return err_set(cx, RC_DENIED, NULL, NULL, "the token is for another stream");
    *job = c.job;
    return RC_OK;
}

/* --- a run --- */

static enum rc read_track(struct cx *cx, const json_t *o, struct origin_run *r)
{
    const char *name = NULL;
    int64_t width = 0, height = 0, rate = 0;
    enum rc rc = js_str(cx, o, "name", ORIGIN_NAME, &name);
    int track = rc == RC_OK ? origin_track_of(str_of(name)) : -1;
    if (rc == RC_OK)
        rc = js_opt_i64(cx, o, "width", 0, ORIGIN_SIZE_MAX, &width);
    if (rc == RC_OK)
        rc = js_opt_i64(cx, o, "height", 0, ORIGIN_SIZE_MAX, &height);
    if (rc == RC_OK)
        rc = js_opt_i64(cx, o, "bitrate", 0, ORIGIN_RATE_MAX, &rate);
    if (rc != RC_OK)
        return rc;
    if (track < 0 || r->in[track].announced)
        return err_set(cx, RC_INVALID, "name", NULL, "no track, or twice");
    r->in[track] =
        (struct origin_input){.announced = true, .width = (int)width, .height = (int)height, .rate = rate};
    return RC_OK;
}

static enum rc read_run(struct cx *cx, struct str body, struct origin_run *r)
{
    const json_t *o = NULL, *tracks = NULL;
    const char *session = NULL;
    enum rc rc = js_parse_object(cx, body, RUN_MAX, &o);
    if (rc == RC_OK)
        rc = js_str(cx, o, "session", ORIGIN_SESSION - 1, &session);
    if (rc == RC_OK)
        rc = js_i64(cx, o, "at", 0, NUMBER_MOST, &r->at);
    if (rc == RC_OK)
        rc = js_arr(cx, o, "tracks", &tracks);
    if (rc == RC_OK && !store_is_name(str_of(session)))
        rc = err_set(cx, RC_INVALID, "session", NULL, "no session");
    for (size_t i = 0; rc == RC_OK && i < json_array_size(tracks); i++)
        rc = read_track(cx, json_array_get(tracks, i), r);
    if (rc == RC_OK)
        memcpy(r->session, session, strlen(session));
    return rc;
}

static enum origin_said take_run(struct cx *cx, struct stream *s, const struct target *t, int64_t job,
                                 struct str body)
{
    struct origin_run r = {.fence = t->fence, .child = t->child};
    if (job > 0 && s->job > 0 && job < s->job)
        return ORIGIN_OLD;
    if (read_run(cx, body, &r) != RC_OK)
        return ORIGIN_BAD;
    enum origin_said said = origin_run(&s->origin, &r);
    if (said == ORIGIN_TAKEN) {
        s->job = job > 0 ? job : 0;
        metric_add(METRIC_lived_runs_total, 1);
        LOG(INFO, cx, "run begun", F_TEXT("lecture", s->lecture), F_TEXT("view", wire_view_name(s->view)),
            F_TEXT("session", r.session), F_NUM("fence", r.fence), F_NUM("child", r.child));
    }
    return said;
}

/* --- its tracks --- */

static enum origin_said take_init(struct cx *cx, struct stream *s, int track, struct str body)
{
    char name[ORIGIN_FILE];
    if (body.n > LIVED_INIT_MAX)
        return ORIGIN_BAD;
    enum origin_said said = origin_track_init(&s->origin, track, body);
    if (said != ORIGIN_TAKEN)
        return said;
    origin_init_name(track, s->origin.run_count - 1, name);
    if (stream_write(cx, s, name, body) == RC_OK)
        return ORIGIN_TAKEN;
    log_err(LOG_ERROR, cx, "an init could not be written");
    s->disk_error = file_is_full(cx) ? ENOSPC : EIO;
    origin_current(&s->origin)->in[track].ready = false;
    return ORIGIN_DISK;
}

static enum origin_said take_part(struct stream *s, int track, struct str place, struct str body)
{
    int64_t k, p;
    struct str segment = str_cut(&place, '.');
    if (!str_to_i64(segment, 0, NUMBER_MOST, &k) || !str_to_i64(place, 0, NUMBER_MOST, &p))
        return ORIGIN_BAD;
    enum origin_said said = origin_part(&s->origin, track, k, p, body, clock_now());
    if (said == ORIGIN_TAKEN) {
        metric_add(METRIC_lived_received_parts_total, 1);
        metric_add(METRIC_lived_received_bytes_total, (int64_t)body.n);
    }
    return said;
}

static enum origin_said take(struct cx *cx, struct stream *s, const struct target *t, int64_t job,
                             struct str body)
{
    struct str rest = t->rest;
    if (str_eq(rest, "run"))
        return take_run(cx, s, t, job, body);
    if (job > 0 && s->job > 0 && job != s->job)
        return job < s->job ? ORIGIN_OLD : ORIGIN_BAD;
    enum origin_said said = origin_find(&s->origin, t->fence, t->child);
    if (said != ORIGIN_TAKEN)
        return said;
    if (str_eq(rest, "end")) {
        origin_end(&s->origin);
        return ORIGIN_TAKEN;
    }
    int track = origin_track_of(str_cut(&rest, '/'));
    if (track < 0)
        return ORIGIN_BAD;
    return str_eq(rest, "init") ? take_init(cx, s, track, body) : take_part(s, track, rest, body);
}

/* --- the request --- */

static void answer_disk(struct evhttp_request *rq, bool full)
{
    answer_word(rq, full ? NO_SPACE : HTTP_SERVUNAVAIL, full ? wire_failure_name(FAIL_DISK_FULL) : "later");
}

static void answer_said(struct evhttp_request *rq, const struct stream *s, enum origin_said said)
{
    static const struct {
        int status;
        const char *word;
    } answers[] = {[ORIGIN_TAKEN] = {CREATED, NULL},      [ORIGIN_HAD] = {HTTP_OK, NULL},
                   [ORIGIN_OLD] = {CONFLICT, "old"},      [ORIGIN_SEALED] = {GONE, "sealed"},
                   [ORIGIN_BAD] = {UNPROCESSABLE, "bad"}, [ORIGIN_TOO_MANY] = {UNPROCESSABLE, "too_many"}};
    if (said != ORIGIN_DISK)
        answer_word(rq, answers[said].status, answers[said].word);
    else if (s->disk_error == ENOENT) /* the folder was removed, and the lecture with it */
        answer_word(rq, GONE, "removed");
    else
        answer_disk(rq, file_error_key(s->disk_error) != NULL);
}

static void answer_rc(struct cx *cx, struct evhttp_request *rq, enum rc rc)
{
    bool full = file_is_full(cx);
    log_err(rc == RC_UNAVAIL ? LOG_WARN : LOG_INFO, cx, "an ingest is refused");
    if (rc == RC_DENIED)
        answer_word(rq, FORBIDDEN, "token");
    else if (rc == RC_NOTFOUND)
        answer_word(rq, UNPROCESSABLE, "run");
    else
        answer_disk(rq, full);
}

void take_serve(struct lived *d, struct evhttp_request *rq, struct str path)
{
    struct cx *cx = &d->cx;
    struct stream *s = NULL;
    struct target t;
    int64_t job = 0;
    struct evbuffer *in = evhttp_request_get_input_buffer(rq);
    struct str body = {"", evbuffer_get_length(in)};
    if (body.n > 0)
        body.p = (const char *)evbuffer_pullup(in, -1);
    enum rc rc = read_target(path, &t) && evhttp_request_get_command(rq) == EVHTTP_REQ_PUT
                     ? check(cx, d, rq, &t, &job)
                     : err_set(cx, RC_DENIED, NULL, NULL, "no address of a part");
    if (rc == RC_OK)
        rc = stream_find(cx, d, &t.name, str_eq(t.rest, "run"), &s);
    if (rc != RC_OK) {
        metric_add(METRIC_lived_put_refused_total, 1);
        answer_rc(cx, rq, rc);
        return;
    }
    enum origin_said said = take(cx, s, &t, job, body);
    if (said != ORIGIN_TAKEN && said != ORIGIN_HAD) {
        metric_add(METRIC_lived_put_refused_total, 1);
        LOG(INFO, cx, "an ingest is refused", F_TEXT("lecture", s->lecture), F_NUM("said", said));
    }
    answer_said(rq, s, said);
    waiting_look(s);
}
