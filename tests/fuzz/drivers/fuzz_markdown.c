/* Descriptions in Markdown, of any text: what comes out is well-formed HTML of a few harmless elements,
 * closed in order, whose links and pictures cannot run anything. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/web/view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DEPTH_MAX = 100000 };

static const char *const elements[] = {"p",  "h1",         "h2",  "h3",   "h4", "h5",     "h6", "ul", "ol",
                                       "li", "blockquote", "pre", "code", "em", "strong", "a",  NULL};
static const char *const empty_elements[] = {"br", "hr", "img", NULL};
static const char *const attributes[] = {"href", "src", "alt", "title", "class", "start", NULL};

static bool among(struct str name, const char *const *list)
{
    for (; *list; list++)
        if (str_eq(name, *list))
            return true;
    return false;
}

/* As a browser reads it: white space and control characters before and in the scheme are ignored. */
static void check_link(struct str value)
{
    static const char *const bad[] = {"javascript:", "vbscript:", "file:", NULL};
    static const char *const pictures[] = {"data:image/png", "data:image/gif", "data:image/jpeg",
                                           "data:image/webp", NULL};
    char text[24];
    size_t n = 0;
    bool picture = false;
    for (size_t i = 0; i < value.n && n < sizeof text - 1; i++)
        if ((unsigned char)value.p[i] > ' ')
            text[n++] = value.p[i];
    text[n] = '\0';
    for (size_t i = 0; bad[i]; i++)
        if (strncasecmp(text, bad[i], strlen(bad[i])) == 0)
            abort();
    for (size_t i = 0; pictures[i]; i++)
        picture = picture || strncasecmp(text, pictures[i], strlen(pictures[i])) == 0;
    if (strncasecmp(text, "data:", 5) == 0 && !picture)
        abort();
}

/* name="value" … to the end of the tag; an entity in a value was written by the library. */
static void check_attributes(struct str rest)
{
    while ((rest = str_trim(rest)).n > 0 && !str_eq(rest, "/")) {
        struct str name = str_cut(&rest, '=');
        if (!among(name, attributes) || rest.n < 2 || rest.p[0] != '"')
            abort();
        rest = (struct str){rest.p + 1, rest.n - 1};
        if (!memchr(rest.p, '"', rest.n))
            abort();
        struct str value = str_cut(&rest, '"');
        if (memchr(value.p, '<', value.n) || memchr(value.p, '>', value.n))
            abort();
        if (str_eq(name, "href") || str_eq(name, "src"))
            check_link(value);
    }
}

static void check_html(struct str html)
{
    static struct str open[DEPTH_MAX];
    size_t depth = 0;
    while (html.n > 0) {
        struct str text = str_cut(&html, '<');
        if (memchr(text.p, '>', text.n))
            abort();
        if (html.n == 0)
            break;
        if (str_starts(html, "!-- raw HTML omitted -->")) {
            html = (struct str){html.p + 24, html.n - 24};
            continue;
        }
        struct str tag = str_cut(&html, '>');
        bool closing = str_starts(tag, "/");
        if (closing)
            tag = (struct str){tag.p + 1, tag.n - 1};
        struct str attrs = tag, name = str_cut(&attrs, ' ');
        if (closing && (attrs.n > 0 || depth == 0 || name.n != open[depth - 1].n ||
                        memcmp(name.p, open[--depth].p, name.n) != 0))
            abort();
        if (!closing && among(name, elements) && depth < DEPTH_MAX)
            open[depth++] = name;
        else if (!closing && !among(name, empty_elements))
            abort();
        check_attributes(attrs);
    }
    if (depth != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new();
    const char *html = view_markdown(a, str_dup(a, (struct str){(const char *)data, size}));
    if (!str_is_utf8(str_of(html)))
        abort();
    check_html(str_of(html));
    arena_free(a);
    return 0;
}
