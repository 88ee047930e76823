#include "lib/web/route.h"

#include "lib/net/json.h"

struct segments {
    struct str v[WEB_MAX_SEGMENTS];
    size_t n;
};

/* "/a/b" → a, b; "/" → none. False: not absolute, too deep, or an empty or dot segment. */
static bool split(const char *path, struct segments *out)
{
    out->n = 0;
    if (path[0] != '/')
        return false;
    struct str rest = str_of(path + 1);
    while (rest.n > 0) {
        bool last = memchr(rest.p, '/', rest.n) == NULL;
        struct str s = str_cut(&rest, '/');
        if (s.n == 0 || str_eq(s, ".") || str_eq(s, "..") || out->n == WEB_MAX_SEGMENTS ||
            (!last && rest.n == 0))
            return false;
        out->v[out->n++] = s;
    }
    return true;
}

static bool matches(const struct segments *pattern, const struct segments *path)
{
    if (pattern->n != path->n)
        return false;
    for (size_t i = 0; i < path->n; i++) {
        struct str p = pattern->v[i], s = path->v[i];
        if (p.p[0] != ':' && (p.n != s.n || memcmp(p.p, s.p, s.n) != 0))
            return false;
    }
    return true;
}

static struct web_pairs bind(struct cx *cx, const struct segments *pattern, const struct segments *path)
{
    struct web_pairs args = {arena_array(cx->arena, WEB_MAX_SEGMENTS, sizeof(struct web_pair)), 0};
    for (size_t i = 0; i < path->n; i++) {
        if (pattern->v[i].p[0] != ':')
            continue;
        struct str name = {pattern->v[i].p + 1, pattern->v[i].n - 1};
        args.v[args.n++] = (struct web_pair){str_dup(cx->arena, name), str_dup(cx->arena, path->v[i])};
    }
    return args;
}

enum rc route_check(struct cx *cx, const struct web_route *routes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct web_route *r = &routes[i];
        struct segments s;
        if (!r->handler || r->access <= WEB_UNSET || r->access >= WEB_ACCESS_COUNT)
            return err_set(cx, RC_INVALID, NULL, NULL, "route %s has no handler or no access level",
                           r->pattern);
        if (!r->pattern || !split(r->pattern, &s))
            return err_set(cx, RC_INVALID, NULL, NULL, "route %zu: bad pattern", i);
        for (size_t k = 0; k < i; k++)
            if (routes[k].method == r->method && strcmp(routes[k].pattern, r->pattern) == 0)
                return err_set(cx, RC_INVALID, NULL, NULL, "route %s stands there twice", r->pattern);
    }
    return RC_OK;
}

enum rc route_find(struct cx *cx, const struct web_route *routes, size_t n, enum web_method method,
                   const char *path, const struct web_route **route, struct web_pairs *args,
                   const char **allow)
{
    struct segments asked, pattern;
    bool get = false, post = false;
    if (!split(path, &asked))
        return err_set(cx, RC_NOTFOUND, NULL, NULL, "no such path");
    for (size_t i = 0; i < n; i++) {
        if (!split(routes[i].pattern, &pattern) || !matches(&pattern, &asked))
            continue;
        if (routes[i].method == method) {
            *route = &routes[i];
            *args = bind(cx, &pattern, &asked);
            return RC_OK;
        }
        get |= routes[i].method == WEB_GET;
        post |= routes[i].method == WEB_POST;
    }
    if (!get && !post)
        return err_set(cx, RC_NOTFOUND, NULL, NULL, "no such path");
    *allow = get && post ? "GET, HEAD, POST" : get ? "GET, HEAD" : "POST";
    return err_set(cx, RC_DENIED, NULL, "method", "method not allowed there");
}

static json_t *flags_of(unsigned flags)
{
    static const struct {
        unsigned flag;
        const char *name;
    } names[] = {{WEB_RAW, "raw"},   {WEB_JSON, "json"},       {WEB_HOT, "hot"},
                 {WEB_LONG, "long"}, {WEB_FOREIGN, "foreign"}, {WEB_FILE, "file"}};
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (flags & names[i].flag)
            json_array_append_new(list, json_string(names[i].name));
    return list;
}

struct str route_list(struct cx *cx, const struct web_route *routes, size_t n)
{
    static const char *const methods[WEB_METHOD_COUNT] = {"GET", "POST"};
    static const char *const levels[WEB_ACCESS_COUNT] = {"unset",    "public", "signedin",
                                                         "lecturer", "local",  "node"};
    json_t *list = js_array(cx);
    for (size_t i = 0; i < n; i++) {
        const struct web_route *r = &routes[i];
        json_t *o = json_object();
        json_object_set_new(o, "method", json_string(methods[r->method]));
        json_object_set_new(o, "pattern", json_string(r->pattern));
        json_object_set_new(o, "handler", json_string(r->name));
        json_object_set_new(o, "access", json_string(levels[r->access]));
        json_object_set_new(o, "flags", flags_of(r->flags));
        json_array_append_new(list, o);
    }
    return js_text(cx, list);
}
