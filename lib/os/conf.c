#include "lib/os/conf.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/base/str.h"
#include "lib/os/file.h"

enum { CONF_MAX_BYTES = 256 * 1024 };

enum kind { KIND_STR, KIND_INT, KIND_SIZE };

struct key {
    const char *name;
    enum kind kind;
    size_t offset;
    const char *text_default;
    int int_default, min, max;
};

static const struct key keys[] = {
#define CONF_STR(name, def, what) {#name, KIND_STR, offsetof(struct conf, name), def, 0, 0, 0},
#define CONF_INT(name, def, min, max, what)                                                                  \
    {#name, KIND_INT, offsetof(struct conf, name), NULL, def, min, max},
#define CONF_SIZE(name, def, what) {#name, KIND_SIZE, offsetof(struct conf, name), def, 0, 0, 0},
#include "lib/os/conf.def"
#undef CONF_STR
#undef CONF_INT
#undef CONF_SIZE
};
enum { KEY_COUNT = sizeof keys / sizeof *keys };

static bool parse_size(struct str s, int64_t *out)
{
    int64_t unit = 1, v;
    if (s.n > 0) {
        switch (s.p[s.n - 1]) {
        case 'K':
            unit = 1024;
            break;
        case 'M':
            unit = 1024 * 1024;
            break;
        case 'G':
            unit = 1024 * 1024 * 1024;
            break;
        default:
            break;
        }
    }
    if (unit != 1)
        s.n--;
    return str_to_i64(s, 0, INT64_MAX / unit, &v) && (*out = v * unit, true);
}

static enum rc set_value(struct cx *cx, struct conf *conf, const struct key *k, struct str value,
                         const char *where)
{
    char *at = (char *)conf + k->offset;
    int64_t v;
    switch (k->kind) {
    case KIND_STR: {
        const char *text = str_dup(cx->arena, value);
        memcpy(at, &text, sizeof text);
        return RC_OK;
    }
    case KIND_INT:
        if (!str_to_i64(value, k->min, k->max, &v))
            return err_set(cx, RC_INVALID, NULL, NULL, "%s: %s must be a number from %d to %d", where,
                           k->name, k->min, k->max);
        memcpy(at, &(int){(int)v}, sizeof(int));
        return RC_OK;
    case KIND_SIZE:
        if (!parse_size(value, &v))
            return err_set(cx, RC_INVALID, NULL, NULL, "%s: %s must be a size such as 500M or 2G", where,
                           k->name);
        memcpy(at, &v, sizeof v);
        return RC_OK;
    }
    return RC_INTERNAL;
}

static enum rc set_defaults(struct cx *cx, struct conf *conf)
{
    for (size_t i = 0; i < KEY_COUNT; i++) {
        const struct key *k = &keys[i];
        const char *text =
            k->kind == KIND_INT ? arena_printf(cx->arena, "%d", k->int_default) : k->text_default;
        enum rc rc = set_value(cx, conf, k, str_of(text), "default");
        if (rc != RC_OK)
            return rc;
    }
    return RC_OK;
}

static const struct key *find_key(struct str name)
{
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (str_eq(name, keys[i].name))
            return &keys[i];
    return NULL;
}

static enum rc parse_line(struct cx *cx, struct conf *conf, struct str line, const char *where,
                          bool seen[KEY_COUNT])
{
    line = str_trim(line);
    if (line.n == 0 || line.p[0] == '#')
        return RC_OK;
    if (!memchr(line.p, '=', line.n))
        return err_set(cx, RC_INVALID, NULL, NULL, "%s: expected `key = value`", where);

    struct str name = str_trim(str_cut(&line, '='));
    const struct key *k = find_key(name);
    if (!k)
        return err_set(cx, RC_INVALID, NULL, NULL, "%s: unknown key `%.*s`", where, (int)name.n, name.p);
    if (seen[k - keys])
        return err_set(cx, RC_INVALID, NULL, NULL, "%s: `%s` is set twice", where, k->name);
    seen[k - keys] = true;
    return set_value(cx, conf, k, str_trim(line), where);
}

enum rc conf_parse(struct cx *cx, const char *path, struct str text, struct conf *out)
{
    bool seen[KEY_COUNT] = {false};
    struct conf conf = {0};
    enum rc rc = set_defaults(cx, &conf);
    for (int line = 1; rc == RC_OK && text.n > 0; line++)
        rc = parse_line(cx, &conf, str_cut(&text, '\n'), arena_printf(cx->arena, "%s:%d", path, line), seen);
    if (rc == RC_OK)
        *out = conf;
    return rc;
}

static enum rc read_conf(struct cx *cx, const char *path, struct conf *out)
{
    struct str text;
    enum rc rc = file_read(cx, path, CONF_MAX_BYTES, &text);
    return rc == RC_OK ? conf_parse(cx, path, text, out) : rc;
}

/* Where the file is: the argument of -c if not NULL, else $LECTERN_CONF, else SYSCONFDIR/lectern.conf. Lends. */
static const char *path_of(const char *option)
{
    const char *env = getenv("LECTERN_CONF");
    if (option)
        return option;
    return env && *env ? env : LECTERN_SYSCONFDIR "/lectern.conf";
}

const struct conf *conf_start(const char *program, const char *option)
{
    static struct cx cx; /* never freed: the configuration's texts live in its arena */
    static struct conf the_conf, *conf = &the_conf;
    cx_init(&cx);
    if (read_conf(&cx, path_of(option), conf) != RC_OK) {
        fprintf(stderr, "%s: %s\n", program, cx.err.detail);
        exit(1);
    }
    log_open(program, conf->node_name, log_level_of(conf->log_level));
    return conf;
}
