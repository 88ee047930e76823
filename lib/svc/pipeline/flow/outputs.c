#include "lib/svc/pipeline/flow/outputs.h"

#include <string.h>

#include "lib/net/json.h"

enum {
    MAX_FILES = 512,
    MAX_NAME = 129,
    MAX_RENDITIONS = 32,
    MAX_RENDITION = 40,  /* bytes of its name */
    MAX_SIDE = 65536,    /* pixels */
    MAX_CHAPTERS = 1000, /* these two: the worker makes no more; a page shows all of them */
    MAX_SILENCES = 4096,
    MAX_DESCRIPTION = 4096 /* bytes of what is kept as JSON: sound, loudness, thumbnails */
};
static const int64_t MAX_BYTES = INT64_C(1) << 50; /* also of bits a second, and of pictures */

/* 1 or 2 components of [A-Za-z0-9._-], none beginning with a dot: the same rule as in the store. */
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

/* Only files for a player or for downloading; never a page or a script, which would run with the rights of
 * the person who opens it. */
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
        rc = js_opt_f64(cx, o, "duration", 0, OUTPUTS_MAX_SECONDS, &duration);
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
    return json_is_number(v) && json_number_value(v) >= 0 && json_number_value(v) <= OUTPUTS_MAX_SECONDS;
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

enum rc outputs_check(struct cx *cx, const json_t *outputs)
{
    double duration;
    enum rc rc = js_f64(cx, outputs, "duration", 0.001, OUTPUTS_MAX_SECONDS, &duration);
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
