#include "lib/svc/pipeline/doors/publication.h"

#include "lib/base/clock.h"
#include "lib/base/words.h"
#include "lib/db/db.h"
#include "lib/net/json.h"
#include "lib/svc/pipeline/records/job.h"
#include "lib/svc/teaching/lecture.h"

enum { PLAN_MAX = 1024 * 1024, WORDS_MAX = 64 };

static struct publication_view *find_view(struct publication *p, struct str kind)
{
    for (size_t i = 0; i < p->view_count; i++)
        if (str_eq(kind, wire_view_name(p->views[i].kind)))
            return &p->views[i];
    return NULL;
}

/* The number of rows from `at` on that have the same view. */
static size_t run_of(const struct rows *rows, size_t at)
{
    size_t n = 1;
    while (at + n < rows_count(rows) && strcmp(row_text(rows, at, 0), row_text(rows, at + n, 0)) == 0)
        n++;
    return n;
}

static enum rc read_views(struct cx *cx, struct publication *p)
{
    struct rows *rows;
    enum rc rc = db_query(cx, SQL_publication_views, &rows, "i", p->lecture_id);
    if (rc != RC_OK)
        return rc;
    p->view_count = rows_count(rows);
    p->views = arena_array(cx->arena, p->view_count + 1, sizeof *p->views);
    for (size_t i = 0; i < p->view_count; i++) {
        struct publication_view *v = &p->views[i];
        *v = (struct publication_view){.quality = row_text(rows, i, 1),
                                       .duration = row_double(rows, i, 2),
                                       .has_audio = row_bool(rows, i, 3),
                                       .has_sprite = row_bool(rows, i, 4),
                                       .has_download = row_bool(rows, i, 5),
                                       .has_poster = true};
        if (!wire_view_of(row_bytes(rows, i, 0), &v->kind))
            bug("unknown view");
        p->duration = v->duration > p->duration ? v->duration : p->duration;
    }
    return RC_OK;
}

/* --- the live stream --- */

static const char *const stream_names[STREAM_STATE_COUNT] = {"",   "planned",     "waiting",
                                                             "on", "interrupted", "ended"};
WORDS_NAME(stream_state_name, enum stream_state, stream_names, STREAM_STATE_COUNT)

/* Columns of publication_stream. The first ones are the same in all rows: of the stream. */
enum {
    S_GENERATION,
    S_SHOWN,
    S_INTERRUPTED,
    S_ENDED,
    S_BEGAN,
    S_RECENT,
    D_GENERATION,
    D_SEALED,
    V_KIND,
    V_SHOWN,
    V_SECONDS,
    V_AUDIO,
    V_TRACKS
};

static enum stream_state state_of(const struct rows *rows, bool there)
{
    if (row_bool(rows, 0, S_ENDED))
        return there || row_bool(rows, 0, S_RECENT) ? STREAM_ENDED : STREAM_NONE;
    if (!row_bool(rows, 0, S_SHOWN))
        return STREAM_WAITING;
    return row_bool(rows, 0, S_INTERRUPTED) ? STREAM_INTERRUPTED : STREAM_ON;
}

static enum view_kind view_at(const struct rows *rows, size_t i)
{
    enum view_kind v = VIEW_COMB;
    if (!wire_view_of(row_bytes(rows, i, V_KIND), &v))
        bug("unknown view");
    return v;
}

static struct publication_stream read_stream(const struct rows *rows)
{
    int64_t generation = row_i64(rows, 0, S_GENERATION);
    struct publication_stream s = {.began = row_time(rows, 0, S_BEGAN)};
    for (size_t i = 0; i < rows_count(rows); i++) {
        if (row_null(rows, i, V_KIND) || row_i64(rows, i, D_GENERATION) != generation)
            continue;
        s.generation = (int)generation;
        s.sealed = row_bool(rows, i, D_SEALED);
        if (s.sealed ? !row_null(rows, i, V_SECONDS) : row_bool(rows, i, V_SHOWN))
            s.views[s.view_count++] = view_at(rows, i);
    }
    s.state = state_of(rows, s.generation > 0);
    return s;
}

static void take_tracks(struct cx *cx, const char *text, struct publication_view *v)
{
    const json_t *list = NULL;
    if (!text || js_parse(cx, str_of(text), PLAN_MAX, &list) != RC_OK) {
        err_clear(cx);
        return;
    }
    v->renditions = arena_array(cx->arena, json_array_size(list) + 1, sizeof *v->renditions);
    for (; v->rendition_count < json_array_size(list); v->rendition_count++) {
        const json_t *o = json_array_get(list, v->rendition_count);
        v->renditions[v->rendition_count] =
            (struct publication_rendition){.name = js_get_str(o, "name", ""),
                                           .width = (int)js_get_i64(o, "width", 0),
                                           .height = (int)js_get_i64(o, "height", 0),
                                           .bitrate = js_get_i64(o, "bitrate", 0),
                                           .duration = v->duration};
    }
}

/* The newest sealed stream that no commit has replaced is what people watch. The rows are ordered by it. */
static void read_sealed(struct cx *cx, const struct rows *rows, struct publication *p)
{
    p->views = arena_array(cx->arena, VIEW_KIND_COUNT, sizeof *p->views);
    for (size_t i = 0; i < rows_count(rows); i++) {
        int generation = (int)row_i64(rows, i, D_GENERATION);
        if (row_null(rows, i, V_SECONDS) || (p->view_count > 0 && generation != p->generation))
            continue;
        struct publication_view *v = &p->views[p->view_count++];
        *v = (struct publication_view){.kind = view_at(rows, i),
                                       .quality = "live",
                                       .duration = row_double(rows, i, V_SECONDS),
                                       .has_audio = row_bool(rows, i, V_AUDIO)};
        take_tracks(cx, row_text(rows, i, V_TRACKS), v);
        p->generation = generation;
        p->sealed = true;
        p->duration = v->duration > p->duration ? v->duration : p->duration;
    }
}

static enum rc read_live(struct cx *cx, struct publication *p)
{
    struct rows *rows;
    enum rc rc = db_query(cx, SQL_publication_stream, &rows, "i", p->lecture_id);
    if (rc != RC_OK || rows_count(rows) == 0)
        return rc;
    p->stream = read_stream(rows);
    read_sealed(cx, rows, p);
    return RC_OK;
}

enum stream_state publication_stream_state(const struct publication *p, const struct lecture *l, int64_t now)
{
    if (p->stream.state != STREAM_NONE)
        return p->stream.state;
    if (l->time_state != TIME_PLANNED || p->generation > 0 || p->media != MEDIA_NONE ||
        l->starts_at == NO_TIME)
        return STREAM_NONE;
    if (now < l->starts_at)
        return STREAM_PLANNED;
    return now < lecture_end(l->starts_at, l->ends_at) ? STREAM_WAITING : STREAM_NONE;
}

/* --- recordings --- */

/* The rows of a query are ordered by view: `take` is called with the rows of each view. */
typedef void take_rows(struct cx *cx, const struct rows *rows, size_t first, size_t n,
                       struct publication_view *v);

static enum rc read_per_view(struct cx *cx, struct publication *p, enum sql sql, take_rows *take)
{
    struct rows *rows;
    enum rc rc = db_query(cx, sql, &rows, "i", p->lecture_id);
    for (size_t i = 0, n; rc == RC_OK && i < rows_count(rows); i += n) {
        struct publication_view *v = find_view(p, row_bytes(rows, i, 0));
        n = run_of(rows, i);
        if (v)
            take(cx, rows, i, n, v);
    }
    return rc;
}

static void take_renditions(struct cx *cx, const struct rows *rows, size_t first, size_t n,
                            struct publication_view *v)
{
    v->rendition_count = n;
    v->renditions = arena_array(cx->arena, n, sizeof *v->renditions);
    for (size_t i = 0, at = first; i < n; i++, at++)
        v->renditions[i] = (struct publication_rendition){.name = row_text(rows, at, 1),
                                                          .width = (int)row_i64(rows, at, 2),
                                                          .height = (int)row_i64(rows, at, 3),
                                                          .bitrate = row_i64(rows, at, 4),
                                                          .frames = row_i64(rows, at, 5),
                                                          .duration = row_double(rows, at, 6),
                                                          .copied = row_bool(rows, at, 7)};
}

static void take_silences(struct cx *cx, const struct rows *rows, size_t first, size_t n,
                          struct publication_view *v)
{
    v->silence_count = n;
    v->silences = arena_array(cx->arena, n, sizeof *v->silences);
    for (size_t i = 0, at = first; i < n; i++, at++)
        v->silences[i] = (struct publication_silence){row_double(rows, at, 1), row_double(rows, at, 2)};
}

static void take_chapters(struct cx *cx, const struct rows *rows, size_t first, size_t n,
                          struct publication_view *v)
{
    v->chapter_count = n;
    v->chapters = arena_array(cx->arena, n, sizeof *v->chapters);
    for (size_t i = 0; i < n; i++)
        v->chapters[i] = row_double(rows, first + i, 1);
}

static void take_files(struct cx *cx, const struct rows *rows, size_t first, size_t n,
                       struct publication_view *v)
{
    v->file_count = n;
    v->files = arena_array(cx->arena, n, sizeof *v->files);
    for (size_t i = 0, at = first; i < n; i++, at++)
        v->files[i] =
            (struct publication_file){row_text(rows, at, 1), row_i64(rows, at, 2), row_text(rows, at, 3)};
}

/* --- work: the newest upload of each view and the steps of its source --- */

static void read_word(struct cx *cx, const json_t *o, struct word *out)
{
    json_t *args = json_object_get(o, "args"), *value;
    const char *name;
    size_t n = json_object_size(args);
    *out = (struct word){.key = js_get_str(o, "key", ""),
                         .names = arena_array(cx->arena, n + 1, sizeof(char *)),
                         .values = arena_array(cx->arena, n + 1, sizeof(char *))};
    json_object_foreach(args, name, value)
    {
        out->names[out->n] = arena_strdup(cx->arena, name);
        out->values[out->n++] =
            json_is_string(value) ? json_string_value(value) : arena_strdup(cx->arena, js_text(cx, value).p);
    }
}

static void read_plan(struct cx *cx, const char *text, struct publication_work *w)
{
    const json_t *plan, *words;
    size_t n;
    if (!text || js_parse_object(cx, str_of(text), PLAN_MAX, &plan) != RC_OK) {
        err_clear(cx);
        return;
    }
    words = json_object_get(plan, "words");
    n = json_array_size(words);
    n = n > WORDS_MAX ? WORDS_MAX : n;
    w->plan = arena_array(cx->arena, n + 1, sizeof *w->plan);
    for (size_t i = 0; i < n; i++)
        read_word(cx, json_array_get(words, i), &w->plan[i]);
    w->plan_count = n;
}

static bool is_open(enum job_state s)
{
    return s == JOB_QUEUED || s == JOB_LEASED || s == JOB_RUNNING || s == JOB_FAILED;
}

/* A commit is shown as the end of the step before it. */
static const char *step_name(const struct rows *jobs, int at)
{
    size_t i = (size_t)at;
    const char *kind = row_text(jobs, i, 1);
    while (strcmp(kind, "commit") == 0 && i-- > 0)
        if (row_i64(jobs, i, 0) == row_i64(jobs, (size_t)at, 0) && strcmp(row_text(jobs, i, 2), "done") == 0)
            kind = row_text(jobs, i, 1);
    return strcmp(kind, "commit") == 0 ? "quick" : kind;
}

/* The step that tells the state of the source: the one that runs, else the first that waits, else the last
 * that was given up. */
static int find_step(const struct rows *jobs, int64_t source, enum job_state *state)
{
    int best = -1, rank = 0;
    for (size_t i = 0; i < rows_count(jobs); i++) {
        enum job_state s;
        int r;
        if (row_i64(jobs, i, 0) != source || !job_state_of(row_bytes(jobs, i, 2), &s))
            continue;
        r = is_open(s) ? 3 : s == JOB_WAITING ? 2 : s == JOB_DEAD ? 1 : 0;
        if (r > rank || (r == 1 && rank == 1)) {
            best = (int)i;
            rank = r;
            *state = s;
        }
    }
    return best;
}

static void read_steps(const struct rows *jobs, int64_t source, struct publication_work *w)
{
    enum job_state state = JOB_DONE;
    int best = find_step(jobs, source, &state);
    size_t at = (size_t)best;
    bool commit;
    w->state = "done";
    if (best < 0)
        return;
    commit = strcmp(row_text(jobs, at, 1), "commit") == 0;
    w->state = state == JOB_DEAD ? "failed" : step_name(jobs, best);
    w->waiting = !commit && state != JOB_RUNNING && state != JOB_DEAD;
    w->progress = commit ? 1 : row_double(jobs, at, 3);
    w->eta = (int)row_i64(jobs, at, 4);
    w->attempt = (int)row_i64(jobs, at, 5);
    if (state == JOB_WAITING || state == JOB_QUEUED)
        w->attempt++; /* `attempt` counts leases; a waiting step shows the next one */
    w->error_code = row_text(jobs, at, 6);
    w->error_text = row_text(jobs, at, 7);
    w->second = row_bool(jobs, at, 8) && is_open(state);
}

static void read_state(const struct rows *rows, size_t i, const struct rows *jobs, struct publication_work *w)
{
    enum upload_state state;
    if (!upload_state_of(row_bytes(rows, i, 5), &state))
        bug("unknown upload state");
    if (row_bool(rows, i, 10) && (state == UPLOAD_OPEN || state == UPLOAD_COMPLETE))
        w->state = "live";
    else if (state == UPLOAD_OPEN)
        w->state = "uploading";
    else if (state == UPLOAD_EXPIRED)
        w->state = "expired";
    else
        read_steps(jobs, row_i64(rows, i, 7), w);
    if (state == UPLOAD_REFUSED) {
        w->state = "failed";
        w->error_code = row_text(rows, i, 6);
    }
    w->again = row_bool(rows, i, 9) && (strcmp(w->state, "failed") == 0 || strcmp(w->state, "done") == 0);
}

static enum rc read_work(struct cx *cx, struct publication *p)
{
    struct rows *rows, *jobs;
    enum rc rc = db_query(cx, SQL_publication_work, &rows, "i", p->lecture_id);
    if (rc == RC_OK)
        rc = db_query(cx, SQL_publication_jobs, &jobs, "i", p->lecture_id);
    if (rc != RC_OK)
        return rc;
    p->work_count = rows_count(rows);
    p->work = arena_array(cx->arena, p->work_count + 1, sizeof *p->work);
    for (size_t i = 0; i < p->work_count; i++) {
        struct publication_work *w = &p->work[i];
        *w = (struct publication_work){.upload_key = row_text(rows, i, 1),
                                       .name = row_text(rows, i, 2),
                                       .size = row_i64(rows, i, 3),
                                       .created = row_time(rows, i, 4),
                                       .eta = -1};
        if (!wire_view_of(row_bytes(rows, i, 0), &w->view))
            bug("unknown view");
        read_state(rows, i, jobs, w);
        read_plan(cx, row_text(rows, i, 8), w);
        if (p->media == MEDIA_FAILED && w->error_text && !p->error_text)
            p->error_text = w->error_text;
    }
    return RC_OK;
}

static enum rc read_recordings(struct cx *cx, struct publication *p)
{
    enum rc rc = read_views(cx, p);
    if (rc == RC_OK)
        rc = read_per_view(cx, p, SQL_publication_renditions, take_renditions);
    if (rc == RC_OK)
        rc = read_per_view(cx, p, SQL_publication_silences, take_silences);
    return rc == RC_OK ? read_per_view(cx, p, SQL_publication_chapters, take_chapters) : rc;
}

enum rc publication_get(struct cx *cx, int64_t lecture_id, struct publication **out)
{
    struct rows *rows;
    struct publication *p = arena_alloc(cx->arena, sizeof *p);
    enum rc rc = db_one(cx, SQL_publication_get, &rows, "i", lecture_id);
    if (rc == RC_NOTFOUND)
        return err_set(cx, RC_NOTFOUND, NULL, "lecture_unknown", "no lecture %lld", (long long)lecture_id);
    if (rc != RC_OK)
        return rc;
    *p = (struct publication){.lecture_id = lecture_id,
                              .lecture_key = row_text(rows, 0, 0),
                              .generation = (int)row_i64(rows, 0, 3),
                              .store_url = row_text(rows, 0, 4)};
    if (!media_state_of(row_bytes(rows, 0, 1), &p->media))
        bug("unknown media state");
    if (p->media == MEDIA_FAILED)
        p->error_code = row_text(rows, 0, 2);
    rc = read_live(cx, p);
    if (rc == RC_OK && !p->sealed)
        rc = read_recordings(cx, p);
    if (rc == RC_OK)
        rc = read_work(cx, p);
    if (rc == RC_OK)
        *out = p;
    return rc;
}

enum rc publication_get_full(struct cx *cx, int64_t lecture_id, struct publication **out)
{
    enum rc rc = publication_get(cx, lecture_id, out);
    return rc == RC_OK && !(*out)->sealed ? read_per_view(cx, *out, SQL_publication_files, take_files) : rc;
}

enum rc publication_stores(struct cx *cx, struct publication_store **out, size_t *n)
{
    struct rows *rows;
    enum rc rc = db_query(cx, SQL_publication_stores, &rows, "");
    if (rc != RC_OK)
        return rc;
    *n = rows_count(rows);
    *out = arena_array(cx->arena, *n + 1, sizeof **out);
    for (size_t i = 0; i < *n; i++)
        (*out)[i] = (struct publication_store){row_i64(rows, i, 0), row_text(rows, i, 1)};
    return RC_OK;
}
