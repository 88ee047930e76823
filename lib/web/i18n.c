#include "lib/web/i18n.h"

#include <ClearSilver/ClearSilver.h>
#include <stdarg.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/os/file.h"
#include "lib/web/plural.h"

enum { KEY_MAX = 120, TEXT_MAX = 64 * 1024, PLURALS_CHECKED = 200 };

struct i18n {
    const char *code;
    HDF *tree; /* T.<group>.<name> */
};

/* Writes the error to the log; nerr_ignore frees it. */
static enum rc failed(struct cx *cx, NEOERR *err, const char *path)
{
    STRING text;
    string_init(&text);
    nerr_error_string(err, &text);
    enum rc rc = err_set(cx, RC_INTERNAL, NULL, NULL, "%s: %s", path, text.buf ? text.buf : "");
    string_clear(&text);
    nerr_ignore(&err);
    return rc;
}

static bool is_code(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz");
    return (n == 2 || n == 3) && name[n] == '\0';
}

enum rc i18n_codes(struct cx *cx, const char *dir, const char *const **out)
{
    const char **names;
    size_t n, count = 1;
    bool has_default = false;
    enum rc rc = file_list(cx, dir, "", &names, &n);
    if (rc != RC_OK)
        return rc;
    const char **codes = arena_array(cx->arena, n + 2, sizeof *codes);
    codes[0] = I18N_DEFAULT;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(names[i], I18N_DEFAULT) == 0)
            has_default = true;
        else if (is_code(names[i]))
            codes[count++] = names[i];
    }
    codes[count] = NULL;
    *out = codes;
    return has_default ? RC_OK : err_set(cx, RC_NOTFOUND, NULL, NULL, "no %s in %s", I18N_DEFAULT, dir);
}

static enum rc read_catalogues(struct cx *cx, struct i18n *l, const char *folder)
{
    const char **names;
    size_t n;
    HDF *texts = NULL;
    enum rc rc = file_list(cx, folder, ".hdf", &names, &n);
    if (rc != RC_OK)
        return rc;
    NEOERR *err = hdf_get_node(l->tree, "T", &texts);
    if (err)
        return failed(cx, err, folder);
    for (size_t i = 0; i < n; i++) {
        const char *path = arena_printf(cx->arena, "%s/%s", folder, names[i]);
        err = hdf_read_file(texts, path);
        if (err)
            return failed(cx, err, path);
    }
    return RC_OK;
}

/* What the other functions rely on. */
static enum rc check_catalogue(struct cx *cx, const struct i18n *l, const char *folder)
{
    struct str form;
    const char *plural = i18n_find(l, "Format.plural");
    if (!i18n_find(l, "Language.name"))
        return err_set(cx, RC_INTERNAL, NULL, NULL, "%s: no Language.name", folder);
    for (int64_t n = 0; n <= PLURALS_CHECKED; n++)
        if (!plural || !plural_form(plural, n, &form))
            return err_set(cx, RC_INTERNAL, NULL, NULL, "%s: Format.plural is no rule", folder);
    return RC_OK;
}

enum rc i18n_load(struct cx *cx, const char *dir, const char *code, struct i18n **out)
{
    const char *folder = arena_printf(cx->arena, "%s/%s", dir, code);
    struct i18n *l = mem_alloc(sizeof *l);
    NEOERR *err = nerr_init();
    if (!err)
        err = hdf_init(&l->tree);
    if (!err)
        err = hdf_set_value(l->tree, "Lang", code);
    enum rc rc = err ? failed(cx, err, folder) : read_catalogues(cx, l, folder);
    if (rc == RC_OK)
        rc = check_catalogue(cx, l, folder);
    if (rc != RC_OK) {
        i18n_free(l);
        return rc;
    }
    l->code = hdf_get_value(l->tree, "Lang", I18N_DEFAULT);
    *out = l;
    return RC_OK;
}

void i18n_free(struct i18n *l)
{
    if (!l)
        return;
    if (l->tree)
        hdf_destroy(&l->tree);
    free(l);
}

const char *i18n_code(const struct i18n *l)
{
    return l->code;
}

const char *i18n_name(const struct i18n *l)
{
    return i18n_text(l, "Language.name");
}

void *i18n_tree(const struct i18n *l)
{
    return l->tree;
}

const char *i18n_find(const struct i18n *l, const char *key)
{
    char name[KEY_MAX];
    int n = snprintf(name, sizeof name, "T.%s", key);
    if (n < 0 || n >= KEY_MAX)
        return NULL;
    return hdf_get_value(l->tree, name, NULL);
}

const char *i18n_text(const struct i18n *l, const char *key)
{
    const char *text = i18n_find(l, key);
    if (text)
        return text;
    LOG(ERROR, NULL, "text missing in catalogue", F_TEXT("key", key), F_TEXT("language", l->code));
    return key;
}

/* The value given for `name` in the variable arguments, or NULL. */
static const char *argument(va_list ap, struct str name)
{
    const char *key;
    while ((key = va_arg(ap, const char *))) {
        const char *value = va_arg(ap, const char *);
        if (str_eq(name, key))
            return value ? value : "";
    }
    return NULL;
}

static char *fill(struct arena *a, const char *text, va_list ap)
{
    struct buf out;
    buf_init(&out, TEXT_MAX);
    for (const char *p = text; *p;) {
        const char *open = strchr(p, '{'), *close = open ? strchr(open, '}') : NULL;
        if (!close) {
            buf_str(&out, p);
            break;
        }
        va_list again;
        va_copy(again, ap);
        const char *value = argument(again, (struct str){open + 1, (size_t)(close - open - 1)});
        va_end(again);
        buf_add(&out, p, (size_t)(open - p));
        if (value)
            buf_str(&out, value);
        else
            buf_add(&out, open, (size_t)(close - open + 1));
        p = close + 1;
    }
    char *result = str_dup(a, buf_view(&out));
    buf_fini(&out);
    return result;
}

char *i18n_fill(struct arena *a, const struct i18n *l, const char *key, ...)
{
    va_list ap;
    va_start(ap, key);
    char *text = fill(a, i18n_text(l, key), ap);
    va_end(ap);
    return text;
}

char *i18n_count(struct arena *a, const struct i18n *l, const char *key, int64_t n)
{
    char name[KEY_MAX];
    const char *number = i18n_number(a, l, n);
    if (n == 0) {
        snprintf(name, sizeof name, "%s.zero", key);
        if (i18n_find(l, name))
            return i18n_fill(a, l, name, "n", number, NULL);
    }
    struct str form;
    if (!plural_form(i18n_text(l, "Format.plural"), n, &form))
        form = STR("other");
    snprintf(name, sizeof name, "%s.%.*s", key, (int)form.n, form.p);
    return i18n_fill(a, l, name, "n", number, NULL);
}

char *i18n_number(struct arena *a, const struct i18n *l, int64_t n)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%lld", (long long)n);
    const char *separator = i18n_text(l, "Format.thousands");
    struct buf out;
    buf_init(&out, TEXT_MAX);
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0 && digits[i - 1] != '-')
            buf_str(&out, separator);
        buf_add(&out, &digits[i], 1);
    }
    char *text = str_dup(a, buf_view(&out));
    buf_fini(&out);
    return text;
}

char *i18n_size(struct arena *a, const struct i18n *l, int64_t bytes)
{
    bool giga = bytes >= 1000000000 - 500000;
    int64_t unit = giga ? 1000000000 : 1000000;
    int64_t tenths = (bytes + unit / 20) / (unit / 10);
    if (tenths == 0 && bytes > 0)
        tenths = 1;
    const char *number = tenths >= 100
                             ? i18n_number(a, l, (bytes + unit / 2) / unit)
                             : arena_printf(a, "%lld%s%lld", (long long)(tenths / 10),
                                            i18n_text(l, "Format.decimal"), (long long)(tenths % 10));
    return i18n_fill(a, l, giga ? "Format.gigabytes" : "Format.megabytes", "n", number, NULL);
}

char *i18n_duration(struct arena *a, int64_t seconds)
{
    long long s = seconds > 0 ? (long long)seconds : 0;
    if (s < 3600)
        return arena_printf(a, "%lld:%02lld", s / 60, s % 60);
    return arena_printf(a, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
}

char *i18n_span(struct arena *a, const struct i18n *l, int64_t seconds)
{
    if (seconds < 50)
        return arena_strdup(a, i18n_text(l, "Format.span_short"));
    int64_t minutes = (seconds + 30) / 60;
    const char *m = arena_printf(a, "%lld", (long long)(minutes < 60 ? minutes : minutes % 60));
    if (minutes < 60)
        return i18n_fill(a, l, "Format.span_minutes", "m", m, NULL);
    return i18n_fill(a, l, "Format.span_hours", "h", arena_printf(a, "%lld", (long long)(minutes / 60)), "m",
                     m, NULL);
}

static const char *indexed(const struct i18n *l, const char *group, int i)
{
    char key[KEY_MAX];
    snprintf(key, sizeof key, "Format.%s.%d", group, i);
    return i18n_text(l, key);
}

/* "Tue 24 Nov" / "Di 24. Nov."; with the year if it is not the year of `now`. */
char *i18n_date(struct arena *a, const struct i18n *l, const struct wall *w, int this_year)
{
    return i18n_fill(a, l, w->year == this_year ? "Format.date" : "Format.date_year", "weekday",
                     indexed(l, "weekday", w->weekday), "day", arena_printf(a, "%d", w->day), "month",
                     indexed(l, "month", w->month - 1), "year", arena_printf(a, "%d", w->year), NULL);
}

static char *clock_text(struct arena *a, const struct wall *w)
{
    return arena_printf(a, "%02d:%02d", w->hour, w->minute);
}

char *i18n_period(struct arena *a, const struct i18n *l, const struct zone *zone, int64_t start, int64_t end,
                  int64_t now)
{
    if (start == NO_TIME)
        return arena_strdup(a, "");
    struct wall from = zone_wall(zone, start);
    const char *date = i18n_date(a, l, &from, zone_wall(zone, now).year), *time = clock_text(a, &from);
    if (end == NO_TIME || end <= start)
        return i18n_fill(a, l, "Format.time", "date", date, "at", time, NULL);
    struct wall to = zone_wall(zone, end);
    const char *until = clock_text(a, &to);
    if (wall_day(&from) == wall_day(&to))
        return i18n_fill(a, l, "Format.period", "date", date, "from", time, "to", until, NULL);
    return i18n_fill(a, l, "Format.period_days", "from", i18n_period(a, l, zone, start, NO_TIME, now), "to",
                     i18n_period(a, l, zone, end, NO_TIME, now), NULL);
}

char *i18n_hours(struct arena *a, const struct i18n *l, const struct zone *zone, int64_t start, int64_t end)
{
    struct wall from = zone_wall(zone, start);
    if (end == NO_TIME || end <= start)
        return clock_text(a, &from);
    struct wall to = zone_wall(zone, end);
    return i18n_fill(a, l, "Format.hours", "from", clock_text(a, &from), "to", clock_text(a, &to), NULL);
}

char *i18n_month(struct arena *a, const struct i18n *l, const struct zone *zone, int64_t ms)
{
    struct wall w = zone_wall(zone, ms);
    return i18n_fill(a, l, "Format.month_year", "month", indexed(l, "month_long", w.month - 1), "year",
                     arena_printf(a, "%d", w.year), NULL);
}

char *i18n_city(struct arena *a, const struct zone *zone)
{
    const char *name = zone_name(zone), *slash = strrchr(name, '/');
    char *city = arena_strdup(a, slash ? slash + 1 : name);
    for (char *p = city; (p = strchr(p, '_'));)
        *p = ' ';
    return city;
}

char *i18n_local(struct arena *a, const struct zone *zone, int64_t ms)
{
    if (ms == NO_TIME)
        return arena_strdup(a, "");
    struct wall w = zone_wall(zone, ms);
    return wall_text(a, &w);
}

bool i18n_parse_local(const struct zone *zone, const char *text, int64_t *ms)
{
    struct wall w;
    struct str s = str_of(text);
    if (s.n == WALL_DATE_LENGTH || !wall_parse(s, &w)) /* a date alone is no time */
        return false;
    *ms = zone_utc(zone, &w);
    return true;
}
