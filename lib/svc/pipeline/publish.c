/* One function per kind of finished job. Outputs come from nodes, which belong to other people: everything is
 * checked before the first write. */
#include "lib/svc/pipeline/publish.h"

#include "lib/base/log.h"
#include "lib/db/db.h"
#include "lib/net/json.h"
#include "lib/svc/lecture.h"
#include "lib/svc/pipeline/commit.h"
#include "lib/svc/pipeline/job_inner.h"
#include "lib/svc/pipeline/purge.h"
#include "lib/svc/pipeline/source.h"
#include "lib/svc/pipeline/task.h"

enum {
    MAX_SECONDS = 7 * 24 * 3600,
    MAX_FILES = 512,
    MAX_NAME = 129,
    MAX_RENDITIONS = 32,
    MAX_RENDITION = 40,  /* bytes of its name */
    MAX_SIDE = 65536,    /* pixels */
    MAX_CHAPTERS = 1000, /* these two as the worker stops by itself: a page shows all of them */
    MAX_SILENCES = 4096,
    MAX_DESCRIPTION = 4096 /* bytes of what is kept as JSON: sound, loudness, thumbnails */
};
static const int64_t MAX_BYTES = INT64_C(1) << 50; /* also of bits a second, and of pictures */

static enum rc add_step(struct cx *cx, const struct job *j, enum job_kind kind, int64_t waits_for,
                        int64_t *id)
{
    struct job_new n = {.task_id = j->task_id,
                        .lecture_id = j->lecture_id,
                        .source_id = j->source_id,
                        .kind = kind,
                        .view = j->view,
                        .waits_for = waits_for,
                        .params = "{}"};
    return job_add(cx, &n, id);
}

static bool is_wanted(const json_t *plan, const char *name)
{
    return json_is_object(json_object_get(plan, name));
}

enum rc publish_start(struct cx *cx, int64_t lecture_id, int64_t source_id, enum view_kind view,
                      int64_t *task)
{
    struct job_new probe = {
        .lecture_id = lecture_id, .source_id = source_id, .kind = JOB_PROBE, .view = view, .params = "{}"};
    int64_t job;
    enum rc rc = task_add(cx, TASK_PUBLISH, lecture_id, source_id, &probe.task_id);
    if (rc == RC_OK)
        rc = job_add(cx, &probe, &job);
    if (rc == RC_OK)
        rc = lecture_media_move(cx, lecture_id, MEDIA_ON_PROCESS, NULL);
    if (rc == RC_OK)
        *task = probe.task_id;
    return rc;
}

static enum rc take_upload(struct cx *cx, int64_t upload_id)
{
    struct upload *u;
    enum rc rc = upload_get_by_id(cx, upload_id, &u);
    if (rc != RC_OK || u->state == UPLOAD_TAKEN)
        return rc;
    return upload_move(cx, u, UPLOAD_ON_TAKE, NULL);
}

/* The quick version is for who has nothing to watch. Where this file can be watched already it would take the
 * better one's place until the full one is there. */
static enum rc wants_quick(struct cx *cx, int64_t source_id, const json_t *plan, bool *wanted)
{
    struct rows *rows;
    enum rc rc;
    *wanted = is_wanted(plan, "quick");
    if (!*wanted || !is_wanted(plan, "full"))
        return RC_OK;
    rc = db_one(cx, SQL_publish_shown, &rows, "i", source_id);
    if (rc == RC_OK)
        *wanted = row_i64(rows, 0, 0) == 0;
    return rc;
}

static enum rc probe_done(struct cx *cx, const struct job *j, const json_t *outputs)
{
    const json_t *probe, *plan = NULL;
    struct source *s;
    double duration;
    bool with_quick = false;
    int64_t quick = 0, full;
    enum rc rc = js_obj(cx, outputs, "probe", &probe);
    if (rc == RC_OK)
        rc = js_obj(cx, outputs, "plan", &plan);
    if (rc == RC_OK)
        rc = js_f64(cx, probe, "duration", 0, MAX_SECONDS, &duration);
    if (rc == RC_OK && !is_wanted(plan, "quick") && !is_wanted(plan, "full"))
        rc = err_set(cx, RC_INVALID, "plan", NULL, "the plan makes nothing");
    if (rc == RC_OK)
        rc = source_get(cx, j->source_id, &s);
    if (rc == RC_OK)
        rc = source_set_plan(cx, s->id, js_text(cx, probe).p, js_text(cx, plan).p, duration);
    if (rc == RC_OK)
        rc = take_upload(cx, s->upload_id);
    if (rc == RC_OK)
        rc = wants_quick(cx, s->id, plan, &with_quick);
    if (rc == RC_OK && with_quick)
        rc = add_step(cx, j, JOB_QUICK, 0, &quick);
    if (rc == RC_OK && is_wanted(plan, "full"))
        rc = add_step(cx, j, JOB_FULL, quick, &full);
    return rc;
}

/* --- quick and full: what was made must be complete on paper before anybody commits it --- */

/* 1 or 2 components of [A-Za-z0-9._-], none beginning with a dot: as the store checks them. */
static bool is_file_name(const char *name)
{
    struct str rest = str_of(name);
    for (int i = 0; i < 2; i++) {
        struct str part = str_cut(&rest, '/');
        if (part.n == 0 || part.n > 64 || part.p[0] == '.')
            return false;
        for (size_t k = 0; k < part.n; k++)
            if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-", part.p[k]))
                return false;
        if (rest.n == 0)
            return true;
    }
    return false;
}

/* What a player or a person who downloads can use; never a page or a script, which would run with the rights
 * of whoever opens it. */
static bool is_media(const char *name)
{
    static const char *const types[] = {".m3u8", ".mp4", ".m4s", ".jpg", ".vtt"};
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof types / sizeof *types; i++)
        if (strcmp(dot, types[i]) == 0)
            return true;
    return false;
}

static enum rc check_file(struct cx *cx, const json_t *file)
{
    const char *name, *sha = NULL;
    int64_t size;
    unsigned char raw[32];
    enum rc rc = js_str(cx, file, "name", MAX_NAME, &name);
    if (rc == RC_OK)
        rc = js_str(cx, file, "sha256", 64, &sha);
    if (rc == RC_OK)
        rc = js_i64(cx, file, "size", 1, MAX_BYTES, &size);
    if (rc == RC_OK &&
        (!is_file_name(name) || !is_media(name) || !str_hex_decode(str_of(sha), raw, sizeof raw)))
        rc = err_set(cx, RC_INVALID, "files", NULL, "bad name or hash of a file");
    return rc;
}

static enum rc check_rendition(struct cx *cx, const json_t *o)
{
    const char *name;
    int64_t number;
    double duration;
    enum rc rc = js_str(cx, o, "name", MAX_RENDITION, &name);
    if (rc == RC_OK)
        rc = js_opt_i64(cx, o, "width", 0, MAX_SIDE, &number);
    if (rc == RC_OK)
        rc = js_opt_i64(cx, o, "height", 0, MAX_SIDE, &number);
    if (rc == RC_OK)
        rc = js_opt_i64(cx, o, "bitrate", 0, MAX_BYTES, &number);
    if (rc == RC_OK)
        rc = js_opt_i64(cx, o, "frames", 0, MAX_BYTES, &number);
    if (rc == RC_OK)
        rc = js_opt_f64(cx, o, "duration", 0, MAX_SECONDS, &duration);
    if (rc == RC_OK && !is_file_name(name))
        rc = err_set(cx, RC_INVALID, "renditions", NULL, "bad name of a rendition");
    return rc;
}

/* At least one, no two of the same name. */
static enum rc check_list(struct cx *cx, const json_t *outputs, const char *member, size_t max,
                          enum rc (*check)(struct cx *cx, const json_t *item))
{
    const json_t *list = NULL;
    size_t n;
    enum rc rc = js_arr(cx, outputs, member, &list);
    n = json_array_size(list);
    if (rc == RC_OK && (n == 0 || n > max))
        rc = err_set(cx, RC_INVALID, member, NULL, "%zu %s", n, member);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        rc = check(cx, json_array_get(list, i));
        for (size_t k = 0; rc == RC_OK && k < i; k++)
            if (strcmp(js_get_str(json_array_get(list, k), "name", ""),
                       js_get_str(json_array_get(list, i), "name", "")) == 0)
                rc = err_set(cx, RC_INVALID, member, NULL, "two %s of the same name", member);
    }
    return rc;
}

static bool has_file(const json_t *outputs, const char *name)
{
    const json_t *item;
    size_t i;
    json_array_foreach(json_object_get(outputs, "files"), i, item)
    {
        if (strcmp(js_get_str(item, "name", ""), name) == 0)
            return true;
    }
    return false;
}

static bool is_second(const json_t *v)
{
    return json_is_number(v) && json_number_value(v) >= 0 && json_number_value(v) <= MAX_SECONDS;
}

/* "silences": [[from, to], …], "chapters": [at, …], in seconds. */
static enum rc check_marks(struct cx *cx, const json_t *outputs)
{
    const json_t *silences = NULL, *chapters = NULL, *item;
    size_t i;
    bool good = true;
    enum rc rc = js_opt_arr(cx, outputs, "silences", &silences);
    if (rc == RC_OK)
        rc = js_opt_arr(cx, outputs, "chapters", &chapters);
    if (rc == RC_OK && (json_array_size(silences) > MAX_SILENCES || json_array_size(chapters) > MAX_CHAPTERS))
        return err_set(cx, RC_INVALID, "chapters", NULL, "too many silences or chapters");
    if (rc != RC_OK)
        return rc;
    json_array_foreach(silences, i, item)
    {
        const json_t *from = json_array_get(item, 0), *to = json_array_get(item, 1);
        good = good && is_second(from) && is_second(to) && json_number_value(from) < json_number_value(to);
    }
    json_array_foreach(chapters, i, item) good = good && is_second(item);
    return good ? RC_OK : err_set(cx, RC_INVALID, "chapters", NULL, "a silence or chapter at no time");
}

static enum rc check_descriptions(struct cx *cx, const json_t *outputs)
{
    static const char *const names[] = {"audio", "loudness", "sprite"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const json_t *o = NULL;
        enum rc rc = js_opt_obj(cx, outputs, names[i], &o);
        if (rc == RC_OK && o && json_dumpb(o, NULL, 0, JSON_COMPACT) > MAX_DESCRIPTION)
            rc = err_set(cx, RC_INVALID, names[i], NULL, "too much is said of %s", names[i]);
        if (rc != RC_OK)
            return rc;
    }
    return RC_OK;
}

static enum rc check_outputs(struct cx *cx, const json_t *outputs)
{
    double duration;
    enum rc rc = js_f64(cx, outputs, "duration", 0.001, MAX_SECONDS, &duration);
    if (rc == RC_OK)
        rc = check_list(cx, outputs, "files", MAX_FILES, check_file);
    if (rc == RC_OK)
        rc = check_list(cx, outputs, "renditions", MAX_RENDITIONS, check_rendition);
    if (rc == RC_OK && !has_file(outputs, "master.m3u8"))
        rc = err_set(cx, RC_INVALID, "files", NULL, "no playlist");
    if (rc == RC_OK)
        rc = check_marks(cx, outputs);
    return rc == RC_OK ? check_descriptions(cx, outputs) : rc;
}

static enum rc encode_done(struct cx *cx, const struct job *j, const json_t *outputs)
{
    struct lecture *l;
    struct job_new n = {.task_id = j->task_id,
                        .lecture_id = j->lecture_id,
                        .source_id = j->source_id,
                        .kind = JOB_COMMIT,
                        .view = j->view};
    int64_t commit;
    enum rc rc = check_outputs(cx, outputs);
    if (rc == RC_OK)
        rc = lecture_lock(cx, j->lecture_id, &l);
    if (rc != RC_OK)
        return rc;
    n.target_node = l->node_id;
    n.params = arena_printf(cx->arena, "{\"from\":%lld}", (long long)j->id);
    rc = job_add(cx, &n, &commit);
    /* what waited for the first generation's files now waits until they can be watched */
    return rc == RC_OK ? db_exec(cx, SQL_job_wait_instead, NULL, "ii", commit, j->id) : rc;
}

static enum rc delete_done(struct cx *cx, const struct job *j, const json_t *outputs)
{
    (void)outputs;
    return purge_job_done(cx, j);
}

enum rc publish_job_done(struct cx *cx, const struct job *j, const json_t *outputs)
{
    static enum rc (*const next[JOB_KIND_COUNT])(struct cx *, const struct job *, const json_t *) = {
        [JOB_PROBE] = probe_done,   [JOB_QUICK] = encode_done,  [JOB_FULL] = encode_done,
        [JOB_COMMIT] = commit_done, [JOB_DELETE] = delete_done,
    };
    if (!json_is_object(outputs) && j->kind != JOB_DELETE)
        return err_set(cx, RC_INVALID, "outputs", NULL, "a finished job has no outputs");
    LOG(INFO, cx, "job done", F_NUM("job", j->id), F_TEXT("kind", job_kind_name(j->kind)),
        F_TEXT("lecture", j->lecture_key), F_NUM("attempt", j->attempt));
    return next[j->kind](cx, j, outputs);
}

/* --- what did not work --- */

/* Only what was never read: a file that once was keeps its place, whatever a later probe says of it. */
static enum rc refuse_upload(struct cx *cx, const struct job *j)
{
    struct source *s;
    struct upload *u;
    enum rc rc = source_get(cx, j->source_id, &s);
    if (rc == RC_OK)
        rc = upload_get_by_id(cx, s->upload_id, &u);
    if (rc == RC_OK && u->state == UPLOAD_TAKEN)
        return RC_OK;
    if (rc == RC_OK)
        rc = upload_move(cx, u, UPLOAD_ON_REFUSE, j->error_code);
    if (rc == RC_OK)
        rc = purge_objects(cx, &(struct purge_objects){.lecture_id = j->lecture_id,
                                                       .node_id = s->node_id,
                                                       .upload = s->upload_key});
    return rc;
}

enum rc publish_job_dead(struct cx *cx, const struct job *j, bool permanent)
{
    enum rc rc = RC_OK;
    LOG(WARN, cx, "job given up", F_NUM("job", j->id), F_TEXT("kind", job_kind_name(j->kind)),
        F_TEXT("lecture", j->lecture_key), F_TEXT("code", j->error_code), F_TEXT("text", j->error_text));
    if (j->kind == JOB_PROBE && permanent)
        rc = refuse_upload(cx, j);
    if (rc == RC_OK)
        rc = task_settle(cx, j->task_id);
    return rc == RC_OK && j->kind != JOB_DELETE ? publish_settle(cx, j->lecture_id) : rc;
}

enum rc publish_resume(struct cx *cx, const struct job *j)
{
    struct source *s;
    struct upload *u;
    enum rc rc = source_get(cx, j->source_id, &s);
    if (rc == RC_OK)
        rc = upload_get_by_id(cx, s->upload_id, &u);
    if (rc == RC_OK && u->state != UPLOAD_COMPLETE && u->state != UPLOAD_TAKEN)
        return err_set(cx, RC_CONFLICT, NULL, "upload_over", "upload %s is %s: its file is gone", u->key,
                       upload_state_name(u->state));
    return rc == RC_OK ? lecture_media_move(cx, j->lecture_id, MEDIA_ON_PROCESS, NULL) : rc;
}

/* What the lecture has come to, from what is still open: see the table in lib/svc/state.c. It is locked
 * before anything is counted: of two that end its last two jobs at once each would see the other's still
 * open, and nobody would ever settle it. */
enum rc publish_settle(struct cx *cx, int64_t lecture_id)
{
    struct lecture *l;
    struct rows *rows, *failure;
    enum media_state state;
    const char *code = NULL;
    enum rc rc = lecture_lock(cx, lecture_id, &l);
    if (rc == RC_OK)
        rc = db_one(cx, SQL_publish_open, &rows, "i", lecture_id);
    if (rc == RC_OK)
        rc = db_query(cx, SQL_publish_last_failure, &failure, "i", lecture_id);
    if (rc != RC_OK)
        return rc;
    state = l->media_state;
    if (row_i64(rows, 0, 0) > 0 || row_i64(rows, 0, 1) > 0)
        return RC_OK;
    if (rows_count(failure) > 0)
        code = row_text(failure, 0, 0);
    if (l->generation > 0)
        return row_i64(rows, 0, 2) == 0 && state == MEDIA_WATCHABLE
                   ? lecture_media_move(cx, lecture_id, MEDIA_ON_FINISH, NULL)
                   : RC_OK;
    if (state == MEDIA_UPLOADING || (state == MEDIA_PROCESSING && !code))
        return lecture_media_move(cx, lecture_id, MEDIA_ON_ABANDON, NULL);
    if (state == MEDIA_PROCESSING)
        return lecture_media_move(cx, lecture_id, MEDIA_ON_FAIL, code);
    return RC_OK;
}
