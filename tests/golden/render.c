/* Renders pages for the golden tests: render TEMPLATE-FOLDER < LIST, where each line of LIST is
 * "PAGE LANGUAGE VALUES.hdf OUTPUT.html". One process renders all of them: under sanitizers a start takes longer than a
 * page. */
#include <stdbool.h>
#include <stdio.h>

#include "lib/base/log.h"
#include "lib/web/view.h"

enum { PAGE_MAX = 16 * 1024 * 1024, PATH_SIZE = 4096 };

struct order {
    char page[64], language[8], values[PATH_SIZE], output[PATH_SIZE];
};

static enum rc write_file(struct cx *cx, const char *path, struct str text)
{
    FILE *f = fopen(path, "we");
    bool good = f && fwrite(text.p, 1, text.n, f) == text.n;
    if (f && fclose(f) != 0)
        good = false;
    return good ? RC_OK : err_set(cx, RC_INTERNAL, NULL, NULL, "cannot write %s", path);
}

static enum rc render(const struct view *view, const struct order *o)
{
    struct cx cx;
    struct buf out;
    cx_init(&cx);
    buf_init(&out, PAGE_MAX);
    struct view_node *values = view_tree(cx.arena);
    enum rc rc = view_read(&cx, values, o->values);
    if (rc == RC_OK)
        rc = view_render(&cx, view, o->page, view_language(view, o->language), values, &out);
    if (rc == RC_OK)
        rc = write_file(&cx, o->output, buf_view(&out));
    if (rc != RC_OK)
        log_err(LOG_ERROR, &cx, o->page);
    buf_fini(&out);
    cx_fini(&cx);
    return rc;
}

int main(int argc, char **argv)
{
    struct cx cx;
    struct view *view = NULL;
    struct order o;
    if (argc != 2) {
        fprintf(stderr, "usage: render TEMPLATES < LIST\n");
        return 2;
    }
    cx_init(&cx);
    enum rc rc = view_open(&cx, argv[1], &view);
    if (rc != RC_OK)
        log_err(LOG_ERROR, &cx, "cannot read the templates");
    while (rc == RC_OK && scanf("%63s %7s %4095s %4095s", o.page, o.language, o.values, o.output) == 4)
        rc = render(view, &o);
    view_close(view);
    cx_fini(&cx);
    return rc == RC_OK ? 0 : 1;
}
