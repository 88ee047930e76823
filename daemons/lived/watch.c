/* Players: /m/<token>/<lecture>/g<N>/<view>/… with playlists that grow, and parts. Whole segments and inits are files,
 * which the web server sends. */
#include <event2/keyvalq_struct.h>
#include <string.h>

#include "daemons/lived/answer.h"
#include "daemons/lived/waiting.h"
#include "lib/base/log.h"
#include "lib/os/metrics.h"

#define NUMBER_MOST (INT64_C(1) << 53)

/* A name ends with that; it is taken off. */
static bool cut_end(struct str *name, const char *end)
{
    size_t n = strlen(end);
    if (name->n < n || memcmp(name->p + name->n - n, end, n) != 0)
        return false;
    name->n -= n;
    return true;
}

/* A whole number of the query; -1: it is not there. False: it is no number. */
static bool query_number(const struct evkeyvalq *query, const char *name, int64_t *out)
{
    const char *text = evhttp_find_header(query, name);
    *out = -1;
    return !text || str_to_i64(str_of(text), 0, NUMBER_MOST, out);
}

static void serve_list(struct stream *s, struct evhttp_request *rq, struct str token, int track, bool low)
{
    struct evkeyvalq query;
    struct wish w = {.track = track, .form = low ? ORIGIN_LOW : ORIGIN_PLAIN, .list = true, .token = token};
    const char *asked = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(rq));
    if (evhttp_parse_query_str(asked ? asked : "", &query) != 0) {
        answer_word(rq, HTTP_BADREQUEST, "query");
        return;
    }
    bool ok = query_number(&query, "_HLS_msn", &w.msn) && query_number(&query, "_HLS_part", &w.part) &&
              (w.part < 0 || w.msn >= 0);
    if (low && evhttp_find_header(&query, "_HLS_skip"))
        w.form = ORIGIN_LOW_SKIP;
    evhttp_clear_headers(&query);
    if (!ok) {
        answer_word(rq, HTTP_BADREQUEST, "query");
    } else if (w.msn < 0 || !low) {
        metric_add(METRIC_lived_lists_total, 1);
        answer_bytes(rq, ANSWER_LIST, "no-store", stream_list_of(s, track, w.form));
    } else {
        waiting_add(s, rq, &w);
    }
}

static void serve_master(struct stream *s, struct evhttp_request *rq, const char *prefix)
{
    struct buf text;
    buf_init(&text, LIVED_TEXT_MAX);
    if (origin_master(&s->origin, prefix, false, &text)) {
        metric_add(METRIC_lived_lists_total, 1);
        answer_text(rq, ANSWER_LIST, "no-store", buf_view(&text));
    } else {
        answer_word(rq, HTTP_NOTFOUND, "nothing");
    }
    buf_fini(&text);
}

/* "v0-12.3" */
static void serve_part(struct stream *s, struct evhttp_request *rq, struct str token, struct str name)
{
    struct wish w = {.track = origin_track_of(str_cut(&name, '-')), .token = token};
    struct str msn = str_cut(&name, '.');
    if (w.track >= 0 && str_to_i64(msn, 0, NUMBER_MOST, &w.msn) && str_to_i64(name, 0, NUMBER_MOST, &w.part))
        waiting_add(s, rq, &w);
    else
        answer_word(rq, HTTP_NOTFOUND, "nothing");
}

static void serve_file(struct stream *s, struct evhttp_request *rq, struct str token, struct str name)
{
    static const struct {
        const char *master, *prefix;
        bool low;
    } forms[] = {{"live", "live-", true}, {"plain", "plain-", false}};
    if (cut_end(&name, ".m4s")) {
        serve_part(s, rq, token, name);
        return;
    }
    bool list = cut_end(&name, ".m3u8");
    for (size_t i = 0; list && i < sizeof forms / sizeof *forms; i++) {
        size_t n = strlen(forms[i].prefix);
        int track =
            str_starts(name, forms[i].prefix) ? origin_track_of((struct str){name.p + n, name.n - n}) : -1;
        if (str_eq(name, forms[i].master)) {
            serve_master(s, rq, forms[i].prefix);
            return;
        }
        if (track >= 0 && origin_has_track(&s->origin, track)) {
            serve_list(s, rq, token, track, forms[i].low);
            return;
        }
    }
    answer_word(rq, HTTP_NOTFOUND, "nothing");
}

/* RC_OK: *path is what the token allows to have. */
static enum rc check(struct cx *cx, struct lived *d, const char *method, const char *uri, struct str *token,
                     struct str *path)
{
    struct grant g;
    bool known;
    if (!decide_split(uri, token, path))
        return err_set(cx, RC_DENIED, NULL, NULL, "no token in the address");
    enum rc rc = play_look_up(cx, d->play, *token, &g, &known);
    if (rc == RC_OK && !decide_allow_path(method, *path, &g))
        rc = err_set(cx, RC_DENIED, NULL, NULL, "the token is for another object or method");
    return rc;
}

void watch_serve(struct lived *d, struct evhttp_request *rq, const char *uri)
{
    struct cx *cx = &d->cx;
    struct stream *s = NULL;
    struct stream_name name;
    struct str token = {"", 0}, path = token;
    const char *method = evhttp_request_get_command(rq) == EVHTTP_REQ_HEAD ? "HEAD" : "GET";
    enum rc rc = check(cx, d, method, uri, &token, &path);
    if (rc == RC_DENIED)
        metric_add(METRIC_lived_play_refused_total, 1);
    else if (rc == RC_OK && !stream_name_read(&path, &name))
        rc = err_set(cx, RC_NOTFOUND, NULL, NULL, "no stream has such an address");
    if (rc == RC_OK)
        rc = stream_find(cx, d, &name, false, &s);
    if (rc == RC_OK) {
        serve_file(s, rq, token, path);
        return;
    }
    log_err(rc == RC_UNAVAIL ? LOG_WARN : LOG_DEBUG, cx, "a player is refused");
    answer_word(rq,
                rc == RC_DENIED     ? FORBIDDEN
                : rc == RC_NOTFOUND ? HTTP_NOTFOUND
                                    : HTTP_SERVUNAVAIL,
                rc == RC_DENIED     ? "token"
                : rc == RC_NOTFOUND ? "nothing"
                                    : "later");
}
