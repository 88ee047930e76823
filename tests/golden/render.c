/* Renders one page to standard output: render TEMPLATE-FOLDER PAGE LANGUAGE VALUES.hdf. For the golden
 * tests. */
#include <stdio.h>

#include "lib/base/log.h"
#include "lib/web/view.h"

int main(int argc, char **argv)
{
    struct cx cx;
    struct view *view = NULL;
    struct buf out;
    if (argc != 5) {
        fprintf(stderr, "usage: render TEMPLATES PAGE LANGUAGE VALUES.hdf\n");
        return 2;
    }
    cx_init(&cx);
    buf_init(&out, 16 * 1024 * 1024);
    struct view_node *values = view_tree(cx.arena);
    enum rc rc = view_open(&cx, argv[1], &view);
    if (rc == RC_OK)
        rc = view_read(&cx, values, argv[4]);
    if (rc == RC_OK)
        rc = view_render(&cx, view, argv[2], view_language(view, argv[3]), values, &out);
    if (rc == RC_OK)
        fwrite(out.p, 1, out.n, stdout);
    else
        log_err(LOG_ERROR, &cx, "cannot render");
    view_close(view);
    buf_fini(&out);
    cx_fini(&cx);
    return rc == RC_OK ? 0 : 1;
}
