#include "lib/web/view.h"

#include <ClearSilver/ClearSilver.h>
#include <cmark.h>
#include <stdio.h>

#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/os/file.h"

#define SUFFIX ".cs"
enum { TEMPLATE_MAX = 256 * 1024, NAME_MAX_SIZE = 64 };

struct page {
    char name[NAME_MAX_SIZE];
    CSPARSE *parse;
};

struct view {
    const char *dir;
    HDF *config;        /* the parser's settings; for rendering it is replaced by the request's tree */
    const char **codes; /* ends with NULL; languages has one for each */
    struct i18n **languages;
    struct page *pages;
    size_t page_count;
};

/* The struct is always an HDF; the other name keeps ClearSilver out of the header. */
static HDF *tree(struct view_node *node)
{
    return (HDF *)(void *)node;
}

static struct view_node *node_of(HDF *hdf)
{
    return (struct view_node *)(void *)hdf;
}

/* These fail only if there is no memory. */
static void must(NEOERR *err)
{
    if (err)
        bug("HDF: out of memory or a bad name");
}

static enum rc failed(struct cx *cx, NEOERR *err, const char *what)
{
    STRING text;
    string_init(&text);
    nerr_error_string(err, &text);
    enum rc rc = err_set(cx, RC_INTERNAL, NULL, NULL, "template %s: %s", what, text.buf ? text.buf : "");
    string_clear(&text);
    nerr_ignore(&err);
    return rc;
}

/* ClearSilver reads any path, and a missing include is empty. Here a name must be a file of the template
 * folder, and a missing one is an error. */
static NEOERR *load(void *ctx, HDF *hdf, const char *name, char **contents)
{
    (void)hdf;
    const struct view *view = ctx;
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz_");
    if (n == 0 || n >= NAME_MAX_SIZE || strcmp(name + n, SUFFIX) != 0)
        return nerr_raise(NERR_IO, "%s is not a template's name", name);
    struct cx cx;
    cx_init(&cx);
    struct str text;
    enum rc rc = file_read(&cx, arena_printf(cx.arena, "%s/%s", view->dir, name), TEMPLATE_MAX, &text);
    if (rc == RC_OK)
        *contents = mem_strdup(text.p);
    cx_fini(&cx);
    return rc == RC_OK ? STATUS_OK : nerr_raise(NERR_IO, "%s cannot be read", name);
}

static enum rc parse_page(struct cx *cx, struct view *view, struct page *page, const char *file)
{
    snprintf(page->name, sizeof page->name, "%.*s", (int)(strlen(file) - strlen(SUFFIX)), file);
    NEOERR *err = cs_init(&page->parse, view->config);
    if (!err) {
        cs_register_fileload(page->parse, view, load);
        err = cgi_register_strfuncs(page->parse);
    }
    if (!err)
        err = cs_parse_file(page->parse, file);
    return err ? failed(cx, err, file) : RC_OK;
}

static enum rc load_languages(struct cx *cx, struct view *view)
{
    const char *dir = arena_printf(cx->arena, "%s/lang", view->dir);
    const char *const *codes;
    size_t n = 0;
    enum rc rc = i18n_codes(cx, dir, &codes);
    if (rc != RC_OK)
        return rc;
    while (codes[n])
        n++;
    view->codes = mem_array(n + 1, sizeof *view->codes);
    view->languages = mem_array(n + 1, sizeof *view->languages);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        rc = i18n_load(cx, dir, codes[i], &view->languages[i]);
        if (rc == RC_OK)
            view->codes[i] = i18n_code(view->languages[i]);
    }
    return rc;
}

static enum rc parse_pages(struct cx *cx, struct view *view)
{
    const char **files;
    size_t n;
    enum rc rc = file_list(cx, view->dir, SUFFIX, &files, &n);
    if (rc != RC_OK)
        return rc;
    view->pages = mem_array(n + 1, sizeof *view->pages);
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        if (files[i][0] != '_')
            rc = parse_page(cx, view, &view->pages[view->page_count++], files[i]);
    if (rc == RC_OK && view->page_count == 0)
        rc = err_set(cx, RC_NOTFOUND, NULL, NULL, "no templates in %s", view->dir);
    return rc;
}

/* The line breaks that included files leave before the first tag are dropped. */
static NEOERR *append(void *ctx, char *text)
{
    struct buf *out = ctx;
    buf_str(out, out->n > 0 ? text : text + strspn(text, "\n"));
    return STATUS_OK;
}

static enum rc render(struct cx *cx, struct page *page, HDF *config, const struct i18n *l, HDF *values,
                      struct buf *out)
{
    page->parse->hdf = values;
    page->parse->global_hdf = l ? i18n_tree(l) : NULL;
    NEOERR *err = cs_render(page->parse, out, append);
    page->parse->hdf = config;
    page->parse->global_hdf = NULL;
    if (err)
        return failed(cx, err, page->name);
    if (out->overflow)
        return err_set(cx, RC_INTERNAL, NULL, NULL, "page %s is over %zu bytes", page->name, out->max);
    return RC_OK;
}

/* Tests, before any request, that this build of ClearSilver escapes as configured. */
static enum rc self_test(struct cx *cx, struct view *view)
{
    static const char hostile[] = "<i>\"'&</i>", safe[] = "&lt;i&gt;&quot;&#39;&amp;&lt;/i&gt;";
    char text[] = "<?cs def:m(x) ?><?cs var:x ?><?cs /def ?><?cs call:m(A) ?>|<?cs each:y = L ?><?cs var:y "
                  "?><?cs /each ?>|"
                  "<?cs var:A ?>";
    struct page page = {.name = "self-test"};
    struct view_node *values = view_tree(cx->arena);
    view_set(values, "A", hostile);
    view_set(values, "L.0", hostile);
    struct buf out;
    buf_init(&out, 1024);
    NEOERR *err = cs_init(&page.parse, view->config);
    if (!err)
        err = cs_parse_string(page.parse, mem_strdup(text), strlen(text)); /* takes the string */
    enum rc rc = err ? failed(cx, err, page.name) : render(cx, &page, view->config, NULL, tree(values), &out);
    const char *want = arena_printf(cx->arena, "%s|%s|%s", safe, safe, safe);
    if (rc == RC_OK && !str_eq(buf_view(&out), want))
        rc = err_set(cx, RC_INTERNAL, NULL, NULL, "templates do not escape HTML: %s", out.p);
    if (page.parse)
        cs_destroy(&page.parse);
    buf_fini(&out);
    return rc;
}

enum rc view_open(struct cx *cx, const char *template_dir, struct view **out)
{
    struct view *view = mem_alloc(sizeof *view);
    view->dir = mem_strdup(template_dir);
    must(nerr_init());
    must(hdf_init(&view->config));
    must(hdf_set_value(view->config, "Config.VarEscapeMode", "html"));
    enum rc rc = load_languages(cx, view);
    if (rc == RC_OK)
        rc = parse_pages(cx, view);
    if (rc == RC_OK)
        rc = self_test(cx, view);
    if (rc == RC_OK)
        *out = view;
    else
        view_close(view);
    return rc;
}

void view_close(struct view *view)
{
    if (!view)
        return;
    for (size_t i = 0; i < view->page_count; i++)
        if (view->pages[i].parse)
            cs_destroy(&view->pages[i].parse);
    for (size_t i = 0; view->codes && view->codes[i]; i++)
        i18n_free(view->languages[i]);
    free(view->languages);
    free(view->codes);
    hdf_destroy(&view->config);
    free(view->pages);
    free((char *)(uintptr_t)view->dir);
    free(view);
}

const char *const *view_codes(const struct view *view)
{
    return view->codes;
}

/* The place of a language in the list, or -1. */
static int place_of(const struct view *view, const char *code)
{
    for (int i = 0; code && view->codes[i]; i++)
        if (strcmp(view->codes[i], code) == 0)
            return i;
    return -1;
}

bool view_has_language(const struct view *view, const char *code)
{
    return place_of(view, code) >= 0;
}

const struct i18n *view_language(const struct view *view, const char *code)
{
    int i = place_of(view, code);
    return view->languages[i >= 0 ? i : 0];
}

static void destroy_tree(void *arg)
{
    HDF *hdf = arg;
    hdf_destroy(&hdf);
}

struct view_node *view_tree(struct arena *a)
{
    HDF *hdf = NULL;
    must(hdf_init(&hdf));
    arena_on_free(a, destroy_tree, hdf);
    return node_of(hdf);
}

void view_set(struct view_node *node, const char *name, const char *value)
{
    must(hdf_set_value(tree(node), name, value ? value : ""));
}

void view_num(struct view_node *node, const char *name, int64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)value);
    view_set(node, name, text);
}

void view_flag(struct view_node *node, const char *name, bool value)
{
    if (value)
        view_set(node, name, "1");
}

struct view_node *view_child(struct view_node *node, const char *name)
{
    HDF *child = NULL;
    must(hdf_get_node(tree(node), name, &child));
    return node_of(child);
}

struct view_node *view_add(struct view_node *node, const char *name)
{
    int n = hdf_get_int_value(tree(node), name, 0);
    HDF *list = tree(view_child(node, name));
    char index[12];
    snprintf(index, sizeof index, "%d", n + 1);
    must(hdf_set_value(tree(node), name, index));
    snprintf(index, sizeof index, "%d", n);
    return view_child(node_of(list), index);
}

const char *view_get(struct view_node *node, const char *name)
{
    return hdf_get_value(tree(node), name, NULL);
}

enum rc view_read(struct cx *cx, struct view_node *node, const char *path)
{
    NEOERR *err = hdf_read_file(tree(node), path);
    return err ? failed(cx, err, path) : RC_OK;
}

enum rc view_render(struct cx *cx, const struct view *view, const char *page, const struct i18n *l,
                    struct view_node *values, struct buf *out)
{
    for (size_t i = 0; i < view->page_count; i++)
        if (strcmp(view->pages[i].name, page) == 0)
            return render(cx, &view->pages[i], view->config, l, tree(values), out);
    return err_set(cx, RC_INTERNAL, NULL, NULL, "no template %s.cs", page);
}

char *view_markdown(struct arena *a, const char *text)
{
    char *html = cmark_markdown_to_html(text, strlen(text), CMARK_OPT_VALIDATE_UTF8);
    char *copy = arena_strdup(a, html ? html : "");
    free(html);
    return copy;
}
