/* Pages: ClearSilver templates and the values they show. Nothing else of the platform sees ClearSilver.
 *
 * A template sees three things: what the handler set (struct view_node), the catalogue of the reader's
 * language as T.…, and Lang. Every value is escaped for HTML; only a variable whose name ends in _html may be
 * shown raw, inside <?cs escape:"none" ?>, and the template lint holds everybody to that.
 *
 * Templates are read once per process, at start; a missing or broken one stops the program then. */
#ifndef LIB_WEB_VIEW_H
#define LIB_WEB_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/cx.h"
#include "lib/web/i18n.h"

struct view;
struct view_node; /* a place in the tree of values */

/* Reads every language of template_dir/lang (lib/web/i18n.h) and every page of template_dir: start.cs is "start". A template whose name
 * begins with "_" is no page, but a piece that pages include. Then checks that values come out escaped. One
 * template or catalogue that cannot be read or parsed is a failure of all. */
WARN_UNUSED enum rc view_open(struct cx *cx, const char *template_dir, struct view **out);
void view_close(struct view *view);

/* The codes of all languages, the default first; ends with NULL. */
const char *const *view_codes(const struct view *view);
/* One of them? NULL is none. */
bool view_has_language(const struct view *view, const char *code);
/* The catalogue of a language; an unknown code gives the default. */
const struct i18n *view_language(const struct view *view, const char *code);

/* An empty tree that lives as long as the arena. */
struct view_node *view_tree(struct arena *a);

/* Values. Names may be paths ("Course.title"). NULL texts become empty. All are copied. */
void view_set(struct view_node *node, const char *name, const char *value);
void view_num(struct view_node *node, const char *name, int64_t value);
void view_flag(struct view_node *node, const char *name, bool value); /* 1, or not there */
/* The node of that name, made if need be. */
struct view_node *view_child(struct view_node *node, const char *name);
/* Appends a row to the list `name`: rows are name.0, name.1 …, and name itself is their number. */
struct view_node *view_add(struct view_node *node, const char *name);
/* What is set at `name`, or NULL. Lends. */
const char *view_get(struct view_node *node, const char *name);
/* Reads values in HDF text into the tree, for tests. */
WARN_UNUSED enum rc view_read(struct cx *cx, struct view_node *node, const char *path);

/* Renders a page into out. RC_INTERNAL: there is no such page, or it failed. */
WARN_UNUSED enum rc view_render(struct cx *cx, const struct view *view, const char *page,
                                const struct i18n *l, struct view_node *values, struct buf *out);

/* Markdown (CommonMark) as HTML without raw HTML and without dangerous links; for variables named _html. */
char *view_markdown(struct arena *a, const char *text);

#endif
