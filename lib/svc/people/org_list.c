#include "lib/svc/people/org_list.h"

#include "lib/db/db.h"
#include "lib/svc/people/org_row.h"

static struct org_list take_all(struct cx *cx, const struct rows *rows)
{
    struct org_list list = {.n = rows_count(rows)};
    list.item = arena_array(cx->arena, list.n + 1, sizeof *list.item);
    for (size_t i = 0; i < list.n; i++)
        list.item[i] = org_from_row(rows, i);
    return list;
}

/* --- all --- */

/* The first of the children of `parent` in a list sorted by parent. */
static size_t first_child(const struct org_list *all, int64_t parent)
{
    size_t low = 0, high = all->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (all->item[middle].parent_id < parent)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Appends the children of `parent`, each followed by its own children. The depth of the tree is bounded. */
static void add_below(const struct org_list *all, int64_t parent, struct org_list *out)
{
    for (size_t i = first_child(all, parent); i < all->n && all->item[i].parent_id == parent; i++) {
        out->item[out->n++] = all->item[i];
        add_below(all, all->item[i].id, out);
    }
}

enum rc org_list(struct cx *cx, struct org_list *out)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_org_list, &rows, "");
    if (rc != RC_OK)
        return rc;
    struct org_list all = take_all(cx, rows), list = {0};
    list.item = arena_array(cx->arena, all.n + 1, sizeof *list.item);
    add_below(&all, 0, &list);
    *out = list;
    return RC_OK;
}

enum rc org_list_teachable(struct cx *cx, struct org_list *out)
{
    struct org_list list;
    enum rc rc = org_list(cx, &list);
    if (rc != RC_OK)
        return rc;
    size_t n = 0;
    for (size_t i = 0; i < list.n; i++) {
        struct policy_object object = org_object(&list.item[i]);
        if (!list.item[i].archived_by && policy_may(cx->actor, ACT_COURSE_CREATE, &object))
            list.item[n++] = list.item[i];
    }
    list.n = n;
    *out = list;
    return RC_OK;
}
