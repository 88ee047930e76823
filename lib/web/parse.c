#include "lib/web/parse.h"

#include <strings.h>

enum rc web_decode(struct cx *cx, struct str in, bool form, const char **out)
{
    struct str text;
    if (!str_percent_decode(cx->arena, in, form, &text))
        return err_set(cx, RC_INVALID, NULL, "bad_request", "broken percent-encoding");
    if (!str_is_utf8(text))
        return err_set(cx, RC_INVALID, NULL, "bad_request", "not UTF-8, or a NUL");
    *out = text.p;
    return RC_OK;
}

enum rc web_parse_pairs(struct cx *cx, struct str text, size_t max, struct web_pairs *out)
{
    size_t room = 1;
    for (size_t i = 0; i < text.n && room < max; i++)
        room += text.p[i] == '&';
    struct web_pairs pairs = {arena_array(cx->arena, room, sizeof(struct web_pair)), 0};
    while (text.n > 0) {
        struct str value = str_cut(&text, '&');
        if (value.n == 0)
            continue;
        if (pairs.n == max)
            return err_set(cx, RC_TOOBIG, NULL, "too_many_fields", "more than %zu fields", max);
        struct str name = str_cut(&value, '=');
        if (name.n > WEB_MAX_NAME)
            return err_set(cx, RC_TOOBIG, NULL, "bad_request", "a field name of %zu bytes", name.n);
        struct web_pair *pair = &pairs.v[pairs.n];
        enum rc rc = web_decode(cx, name, true, &pair->name);
        if (rc == RC_OK)
            rc = web_decode(cx, value, true, &pair->value);
        if (rc != RC_OK)
            return rc;
        pairs.n++;
    }
    *out = pairs;
    return RC_OK;
}

const char *web_pairs_get(const struct web_pairs *pairs, const char *name)
{
    for (size_t i = 0; i < pairs->n; i++)
        if (strcmp(pairs->v[i].name, name) == 0)
            return pairs->v[i].value;
    return NULL;
}

const char *web_parse_cookie(struct arena *a, const char *header, const char *name)
{
    struct str rest = str_of(header);
    if (rest.n > WEB_MAX_COOKIES)
        return NULL;
    while (rest.n > 0) {
        struct str value = str_trim(str_cut(&rest, ';'));
        struct str key = str_cut(&value, '=');
        if (str_eq(key, name))
            return str_is_utf8(value) ? str_dup(a, value) : NULL;
    }
    return NULL;
}

size_t web_parse_cookie_names(struct arena *a, const char *header, const char *prefix, const char **names,
                              size_t max)
{
    struct str rest = str_of(header);
    size_t n = 0, skip = strlen(prefix);
    if (rest.n > WEB_MAX_COOKIES)
        return 0;
    while (rest.n > 0 && n < max) {
        struct str value = str_trim(str_cut(&rest, ';'));
        struct str key = str_cut(&value, '=');
        if (str_starts(key, prefix) && str_is_utf8(key))
            names[n++] = str_dup(a, (struct str){key.p + skip, key.n - skip});
    }
    return n;
}

char *web_encode(struct arena *a, const char *text)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t n = strlen(text), used = 0;
    char *out = arena_alloc(a, n * 3 + 1);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                     (c && strchr("-._~", c));
        if (plain) {
            out[used++] = (char)c;
        } else {
            out[used++] = '%';
            out[used++] = hex[c >> 4];
            out[used++] = hex[c & 15];
        }
    }
    return out;
}

bool web_is_local_path(const char *path)
{
    if (!path || path[0] != '/' || path[1] == '/' || strlen(path) > WEB_MAX_URI)
        return false;
    for (const char *p = path; *p; p++)
        if (*p == '\\' || (unsigned char)*p < 0x21 || *p == 0x7f)
            return false;
    return true;
}

/* Reads "0.8" as 800; malformed text counts as 0. */
static int quality(struct str s)
{
    if (s.n == 0 || (s.p[0] != '0' && s.p[0] != '1'))
        return 0;
    int q = (s.p[0] - '0') * 1000, step = 100;
    for (size_t i = 2; i < s.n && i < 5 && s.p[i] >= '0' && s.p[i] <= '9'; i++, step /= 10)
        q += (s.p[i] - '0') * step;
    return q > 1000 ? 1000 : q;
}

const char *web_parse_language(const char *header, const char *const *codes)
{
    struct str rest = str_of(header);
    const char *best = codes[0];
    int best_quality = 0;
    if (rest.n > 1024)
        return best;
    while (rest.n > 0) {
        struct str parameters = str_cut(&rest, ',');
        struct str tag = str_trim(str_cut(&parameters, ';'));
        struct str weight = str_trim(parameters);
        int q = str_starts(weight, "q=") ? quality((struct str){weight.p + 2, weight.n - 2}) : 1000;
        struct str language = str_cut(&tag, '-');
        if (q <= best_quality)
            continue;
        for (size_t i = 0; codes[i]; i++)
            if (language.n == strlen(codes[i]) && strncasecmp(language.p, codes[i], language.n) == 0) {
                best = codes[i];
                best_quality = q;
            }
    }
    return best;
}
