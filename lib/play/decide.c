#include "lib/play/decide.h"

#include <string.h>

#include "lib/store/store.h"
#include "lib/wire/words.h"

bool decide_split(const char *request_uri, struct str *token, struct str *path)
{
    struct str uri = str_of(request_uri), rest = str_cut(&uri, '?');
    if (!str_starts(rest, "/m/"))
        return false;
    rest = (struct str){rest.p + 3, rest.n - 3};
    *token = str_cut(&rest, '/');
    *path = rest;
    return token->n > 0 && rest.n > 0;
}

unsigned decide_view_bit(struct str view)
{
    enum view_kind v;
    return wire_view_of(view, &v) ? 1U << v : 0;
}

/* The resolved file below <root>/media/, or the empty slice. */
static struct str object_of(const char *script_filename, const char *root)
{
    size_t n = strlen(root);
    while (n > 0 && root[n - 1] == '/')
        n--;
    if (n == 0 || strncmp(script_filename, root, n) != 0 || strncmp(script_filename + n, "/media/", 7) != 0)
        return (struct str){"", 0};
    return str_of(script_filename + n + 7);
}

/* The name alone tells what is downloaded rather than played. */
static bool is_download(struct str file)
{
    return str_starts(file, "download");
}

bool decide_allow_path(const char *method, struct str path, const struct grant *g)
{
    int64_t number;
    if ((strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) || !store_is_path(path))
        return false;
    struct str lecture = str_cut(&path, '/'), generation = str_cut(&path, '/'), view = str_cut(&path, '/');
    if (path.n == 0 || generation.n < 2 || generation.p[0] != 'g' ||
        !str_to_i64((struct str){generation.p + 1, generation.n - 1}, 1, INT64_MAX, &number))
        return false;
    return store_is_key(lecture) && str_eq(lecture, g->lecture) && number >= g->gmin && number <= g->gmax &&
           (decide_view_bit(view) & g->views) != 0 && (g->download || !is_download(path));
}

bool decide_allow(const char *method, struct str path, const char *script_filename, const char *root,
                  const struct grant *g)
{
    struct str object = object_of(script_filename, root);
    /* Valid paths need no encoding, so the raw address and the resolved file are the same text or it is a
     * trick. */
    return object.n == path.n && memcmp(object.p, path.p, path.n) == 0 && decide_allow_path(method, path, g);
}
