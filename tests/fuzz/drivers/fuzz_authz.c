/* The decision whether an address may have a file. The first line is the raw address, the second the file
 * that a web server made of it, or nothing: then it is resolved here as by the most permissive server, which
 * decodes first, treats "\" as "/", ignores empty parts and walks "..". Only files within the grant may be
 * allowed. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/play/decide.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROOT "/srv/lectern"

static const struct grant grant = {.lecture = "llllllllllll", .gmin = 2, .gmax = 11, .views = 1};

static char *decode(struct arena *a, struct str s)
{
    char *out = arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        int high = s.p[i] == '%' && s.n - i > 2 ? str_hex_digit(s.p[i + 1]) : -1;
        int low = high >= 0 ? str_hex_digit(s.p[i + 2]) : -1;
        out[n++] = low >= 0 ? (char)(high * 16 + low) : s.p[i];
        i += low >= 0 ? 2 : 0;
    }
    return out;
}

/* ROOT/media/ and the path with every "", "." and ".." walked. */
static const char *resolve(struct arena *a, struct str path)
{
    struct str rest = str_of(decode(a, path));
    char *out = arena_alloc(a, sizeof ROOT + sizeof "/media/" + rest.n + 1);
    memcpy(out, ROOT "/media/", sizeof ROOT "/media/");
    while (rest.n > 0) {
        size_t all = rest.n;
        struct str part = str_cut(&rest, '/');
        size_t n = strlen(out);
        if (part.n == 0 || str_eq(part, ".") || all == 0)
            continue;
        if (str_eq(part, "..")) {
            out[n - 1] = '\0';
            *(strrchr(out, '/') ? strrchr(out, '/') + 1 : out) = '\0';
            continue;
        }
        memcpy(out + n, part.p, part.n);
        if (rest.n > 0)
            memcpy(out + n + part.n, "/", 2);
    }
    return out;
}

/* What the grant allows, computed in another way. */
static void check(const char *file)
{
    const char *name = file + strlen(ROOT "/media/llllllllllll/");
    char *end;
    if (strncmp(file, ROOT "/media/llllllllllll/g", strlen(ROOT "/media/llllllllllll/g")) != 0)
        abort();
    long generation = strtol(name + 1, &end, 10);
    if (generation < grant.gmin || generation > grant.gmax || strncmp(end, "/CAM/", 5) != 0)
        abort();
    if (strstr(file, "//") || strstr(file, "/.") || strpbrk(file, "%\\;?# \t\r\n") ||
        strncmp(end, "/CAM/download", 13) == 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str file = {(const char *)data, size}, line = str_cut(&file, '\n'), token, path;
    struct arena *a = arena_new();
    const char *uri = str_dup(a, line);
    if (decide_split(uri, &token, &path)) {
        const char *resolved = file.n > 0 ? str_dup(a, str_cut(&file, '\n')) : resolve(a, path);
        if (token.p < uri || token.p + token.n + 1 + path.n > uri + strlen(uri))
            abort();
        if (decide_allow("GET", path, resolved, ROOT "/", &grant))
            check(resolved);
        if (decide_allow("POST", path, resolved, ROOT, &grant))
            abort();
    }
    arena_free(a);
    return 0;
}
