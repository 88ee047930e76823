/* lecture import: recordings of an archive are sent to the storage node as a browser sends them (tus 1.0);
 * there is no second way in. After a broken connection a transfer continues where it stopped. */
#include "daemons/ctl/ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/rand.h"
#include "lib/net/http.h"
#include "lib/svc/pipeline/doors/publication.h"
#include "lib/svc/pipeline/flow/arrival.h"
#include "lib/svc/teaching/course.h"
#include "lib/svc/teaching/lecture.h"
#include "lib/svc/teaching/schedule_twice.h"

enum {
    NONCE_SIZE = 33,
    TRIES = 20, /* of one transfer, in a row, in which no byte arrived */
    PAUSE_MS = 1000,
    NODE_WAIT_MS = 30000, /* for a storage node that has just been started */
    POLL_MS = 500,
    SHOW_MS = 1000,
    LINE_SIZE = 64
};

struct transfer {
    struct ctl *ctl;
    struct http *http;
    const char *path, *view, *location;
    const struct upload_ticket *ticket;
    int64_t size, offset;
    int64_t shown; /* monotonic, ms */
    int percent;   /* as shown last */
};

static void pause_ms(int ms)
{
    usleep((useconds_t)ms * 1000);
}

static void say(const char *view, const char *text)
{
    printf("%s: %s\n", view, text);
    fflush(stdout);
}

static bool on_progress(void *arg, int64_t done, int64_t total)
{
    struct transfer *t = arg;
    int64_t now = clock_mono();
    int percent = (int)((t->offset + done) * 100 / t->size);
    (void)total;
    if (now - t->shown >= SHOW_MS && percent != t->percent) {
        t->shown = now;
        t->percent = percent;
        printf("%s: %d %% sent\n", t->view, percent);
        fflush(stdout);
    }
    return true;
}

/* "/store/v1/uploads/U" or a whole address. */
static const char *absolute(const struct transfer *t, const char *location)
{
    const char *host, *slash;
    if (location[0] != '/')
        return location;
    host = strstr(t->ticket->url, "://");
    slash = host ? strchr(host + 3, '/') : NULL;
    return arena_printf(t->ctl->cx->arena, "%.*s%s", slash ? (int)(slash - t->ticket->url) : 0,
                        t->ticket->url, location);
}

static enum rc answered(struct transfer *t, const struct http_response *rs, const char *what)
{
    if (rs->status >= 500 || rs->status == 423 || rs->status == 429)
        return err_set(t->ctl->cx, RC_UNAVAIL, NULL, NULL, "%s: the storage node answers %d", what,
                       rs->status);
    return err_set(t->ctl->cx, RC_INVALID, NULL, NULL, "%s: the storage node answers %d %.*s", what,
                   rs->status, (int)(rs->body.n > 300 ? 300 : rs->body.n), rs->body.p ? rs->body.p : "");
}

static enum rc create(struct transfer *t)
{
    struct cx *cx = t->ctl->cx;
    const char *slash = strrchr(t->path, '/'), *name = slash ? slash + 1 : t->path;
    const char *headers[] = {
        "Tus-Resumable: 1.0.0", arena_printf(cx->arena, "Upload-Length: %lld", (long long)t->size),
        arena_printf(cx->arena, "Upload-Metadata: filename %s", str_b64(cx->arena, name, strlen(name))),
        NULL};
    struct http_request rq = {.method = "POST",
                              .url = t->ticket->url,
                              .bearer = t->ticket->token,
                              .headers = headers,
                              .body = STR(""), /* empty, so that Content-Length: 0 is sent */
                              .content_type = "application/octet-stream"};
    struct http_response rs;
    enum rc rc = http_call(cx, t->http, &rq, &rs);
    if (rc != RC_OK)
        return rc;
    if (rs.status != 201 || !rs.location)
        return answered(t, &rs, "cannot begin");
    t->location = absolute(t, rs.location);
    t->offset = rs.upload_offset > 0 ? rs.upload_offset : 0;
    return RC_OK;
}

static enum rc ask_offset(struct transfer *t)
{
    const char *headers[] = {"Tus-Resumable: 1.0.0", NULL};
    struct http_request rq = {
        .method = "HEAD", .url = t->location, .bearer = t->ticket->token, .headers = headers};
    struct http_response rs;
    enum rc rc = http_call(t->ctl->cx, t->http, &rq, &rs);
    if (rc != RC_OK)
        return rc;
    if (rs.status != 200 || rs.upload_offset < 0)
        return answered(t, &rs, "cannot go on");
    t->offset = rs.upload_offset;
    return RC_OK;
}

static enum rc send_rest(struct transfer *t)
{
    struct cx *cx = t->ctl->cx;
    const char *headers[] = {"Tus-Resumable: 1.0.0",
                             arena_printf(cx->arena, "Upload-Offset: %lld", (long long)t->offset), NULL};
    struct http_request rq = {.method = "PATCH",
                              .url = t->location,
                              .bearer = t->ticket->token,
                              .headers = headers,
                              .content_type = "application/offset+octet-stream",
                              .progress = on_progress,
                              .progress_arg = t};
    struct http_response rs;
    enum rc rc = http_send_file(cx, t->http, &rq, t->path, t->offset, -1, &rs);
    if (rc != RC_OK)
        return rc;
    if (rs.status != 204)
        return rs.status == 409 ? RC_UNAVAIL : answered(t, &rs, "cannot send");
    t->offset = rs.upload_offset;
    return RC_OK;
}

static enum rc send_file(struct transfer *t)
{
    enum rc rc = RC_OK;
    for (int tries = 0; tries < TRIES; tries++) {
        int64_t before = t->offset;
        rc = t->location ? ask_offset(t) : create(t);
        if (rc == RC_OK && t->offset < t->size)
            rc = send_rest(t);
        if (rc == RC_OK && t->offset >= t->size)
            return RC_OK;
        if (rc != RC_OK && rc != RC_UNAVAIL && rc != RC_TIMEOUT)
            return rc;
        if (t->offset > before)
            tries = 0;
        say(t->view, "the connection broke, going on soon");
        err_clear(t->ctl->cx);
        pause_ms(PAUSE_MS);
    }
    return err_set(t->ctl->cx, RC_UNAVAIL, NULL, NULL, "the storage node does not answer");
}

/* A node that has just been started may not have reported yet. */
static enum rc open_upload(struct ctl *ctl, const char *lecture, const char *view, const char *path,
                           int64_t size, struct upload **out)
{
    const char *slash = strrchr(path, '/');
    char nonce[NONCE_SIZE];
    int64_t until = clock_mono() + NODE_WAIT_MS;
    enum rc rc;
    rand_hex(nonce, sizeof nonce);
    for (;;) {
        rc = arrival_open(ctl->cx, lecture, str_of(view), str_of(slash ? slash + 1 : path), size,
                          str_of(nonce), out);
        if (rc != RC_UNAVAIL || clock_mono() > until)
            return rc;
        err_clear(ctl->cx);
        pause_ms(PAUSE_MS);
    }
}

static enum rc file_size(struct ctl *ctl, const char *path, int64_t *size)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd == -1 || fstat(fd, &st) != 0) {
        (void)err_set(ctl->cx, RC_INVALID, NULL, NULL, "cannot read %s: %s", path, strerror(errno));
        if (fd != -1)
            close(fd);
        return RC_INVALID;
    }
    close(fd);
    if (!S_ISREG(st.st_mode) || st.st_size == 0)
        return err_set(ctl->cx, RC_INVALID, NULL, NULL, "%s is not a file with something in it", path);
    *size = st.st_size;
    return RC_OK;
}

static enum rc import_view(struct ctl *ctl, struct http *http, const char *lecture, const char *view,
                           const char *path)
{
    struct transfer t = {.ctl = ctl, .http = http, .path = path, .view = view, .percent = -1};
    struct upload_ticket ticket;
    struct upload *u;
    enum rc rc = file_size(ctl, path, &t.size);
    if (rc == RC_OK)
        rc = open_upload(ctl, lecture, view, path, t.size, &u);
    if (rc == RC_OK)
        rc = upload_ticket(ctl->cx, u, &ticket);
    if (rc != RC_OK)
        return rc;
    if (ticket.url[0] == '/')
        ticket.url = arena_printf(ctl->cx->arena, "%s%s", ctl->conf->base_url, ticket.url);
    t.ticket = &ticket;
    rc = send_file(&t);
    if (rc == RC_OK)
        say(view, "sent");
    return rc;
}

/* --- waiting --- */

static bool is_over(const struct publication_work *w)
{
    return strcmp(w->state, "done") == 0 || strcmp(w->state, "failed") == 0 ||
           strcmp(w->state, "expired") == 0;
}

static void show_work(const struct publication_work *w, char last[LINE_SIZE])
{
    const char *view = wire_view_name(w->view);
    bool moving =
        !w->waiting && !is_over(w) && strcmp(w->state, "uploading") != 0 && strcmp(w->state, "live") != 0;
    char line[LINE_SIZE];
    if (moving)
        snprintf(line, sizeof line, "%s %d %%", w->state, (int)(w->progress * 100));
    else
        snprintf(line, sizeof line, "%s%s", w->state, w->waiting ? ", waiting" : "");
    if (strcmp(last, line) == 0)
        return;
    memcpy(last, line, sizeof line);
    say(view, line);
    if (strcmp(w->state, "failed") == 0)
        say(view, ctl_failure(w->error_code));
}

/* Waits until the lecture is complete or has failed. If the database is away, it goes on waiting. Each look
 * has a context of its own, so that hours of waiting take no memory. */
static int wait_for(struct ctl *ctl, int64_t lecture)
{
    char last[VIEW_KIND_COUNT][LINE_SIZE] = {{0}};
    struct publication *p;
    bool over = false, failed = false;
    struct cx cx;
    cx_init(&cx);
    cx.db = ctl->cx->db;
    cx.conf = ctl->conf;
    for (; !over; pause_ms(over ? 0 : POLL_MS)) {
        cx_reset(&cx);
        if (publication_get(&cx, lecture, &p) != RC_OK)
            continue;
        over = true;
        for (size_t i = 0; i < p->work_count; i++) {
            show_work(&p->work[i], last[p->work[i].view]);
            over = over && is_over(&p->work[i]);
            failed = failed || (is_over(&p->work[i]) && strcmp(p->work[i].state, "done") != 0);
        }
    }
    cx_fini(&cx);
    return failed ? CTL_FAILED : CTL_OK;
}

/* All files are checked before anything is made, so that a wrong name leaves no empty lecture behind. */
static enum rc look_at_files(struct ctl *ctl, const char *const files[VIEW_KIND_COUNT])
{
    int64_t size;
    enum rc rc = RC_OK;
    for (int v = 0; rc == RC_OK && v < VIEW_KIND_COUNT; v++)
        if (files[v])
            rc = file_size(ctl, files[v], &size);
    return rc;
}

/* Lectures in parallel rooms are possible: it is said, and refused by nobody. */
static enum rc say_twice(struct ctl *ctl, const struct course *c, const struct lecture_edit *edit)
{
    struct schedule_span span = {.starts_at = edit->starts_at, .ends_at = edit->ends_at};
    enum rc rc = schedule_find_twice(ctl->cx, c->id, &span, 1);
    if (rc == RC_OK && span.twice)
        fprintf(stderr, "lecternctl: %s of this course takes place at that time, too\n", span.twice);
    return rc;
}

static enum rc make_lecture(struct ctl *ctl, const char *course, const char *title, const char *starts,
                            const char **key, int64_t *id)
{
    struct lecture_edit edit = {.title = title, .starts_at = clock_now(), .ends_at = NO_TIME};
    struct course *c;
    enum rc rc;
    if (starts && !clock_parse_iso(starts, &edit.starts_at))
        return err_set(ctl->cx, RC_INVALID, "starts", NULL, "--starts is a time like 2026-11-24T10:15:00Z");
    rc = ctl_find_course(ctl, course, &c);
    if (rc == RC_OK && starts)
        rc = say_twice(ctl, c, &edit);
    return rc == RC_OK ? lecture_create(ctl->cx, c->id, &edit, key, id) : rc;
}

static enum rc import_views(struct ctl *ctl, const char *lecture, const char *const files[VIEW_KIND_COUNT])
{
    struct http *http;
    enum rc rc = RC_OK;
    http_global_init();
    http = http_new(ctl->conf->core_ca_file);
    for (int v = 0; rc == RC_OK && v < VIEW_KIND_COUNT; v++)
        if (files[v])
            rc = import_view(ctl, http, lecture, wire_view_name((enum view_kind)v), files[v]);
    http_free(http);
    return rc;
}

int ctl_lecture_import(struct ctl *ctl)
{
    const char *course = NULL, *title = NULL, *starts = NULL, *key, *files[VIEW_KIND_COUNT] = {0};
    bool wait = false, publish = false;
    const struct ctl_option options[] = {
        {"course", &course, NULL},       {"title", &title, NULL},           {"starts", &starts, NULL},
        {"cam", &files[VIEW_CAM], NULL}, {"pres", &files[VIEW_PRES], NULL}, {"comb", &files[VIEW_COMB], NULL},
        {"wait", NULL, &wait},           {"publish", NULL, &publish},       {NULL, NULL, NULL}};
    int64_t id;
    int status = CTL_OK;
    enum rc rc;
    if (!ctl_parse(ctl, options, 0, 0))
        return CTL_USAGE;
    if (!course || !title || (!files[VIEW_CAM] && !files[VIEW_PRES] && !files[VIEW_COMB]))
        return ctl_wrong("say --course, --title and at least one of --cam, --pres, --comb");
    rc = look_at_files(ctl, files);
    if (rc == RC_OK)
        rc = make_lecture(ctl, course, title, starts, &key, &id);
    if (rc != RC_OK)
        return ctl_fail_rc(ctl, "cannot import the lecture");
    if (publish)
        rc = lecture_publish(ctl->cx, key);
    if (rc == RC_OK)
        rc = import_views(ctl, key, files);
    if (rc != RC_OK)
        return ctl_fail_rc(ctl, arena_printf(ctl->cx->arena,
                                             "cannot import all of lecture %s, which is there "
                                             "now (lecternctl lecture delete %s removes it)",
                                             key, key));
    if (wait)
        status = wait_for(ctl, id);
    puts(key);
    return status;
}
