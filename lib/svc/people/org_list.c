#include "lib/svc/people/org_list.h"

#include <string.h>

#include "lib/db/db.h"
#include "lib/svc/people/org_row.h"

/* The rows of a result that was read with one row more than the limit. */
static struct org_list take_all(struct cx *cx, const struct rows *rows, int64_t limit)
{
    struct org_list list = {.n = rows_count(rows)};
    list.item = arena_array(cx->arena, list.n + 1, sizeof *list.item);
    for (size_t i = 0; i < list.n; i++)
        list.item[i] = org_from_row(rows, i);
    list.more = list.n > (size_t)limit;
    list.n -= list.more;
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
    struct org_list all = take_all(cx, rows, INT64_MAX), list = {0};
    list.item = arena_array(cx->arena, all.n + 1, sizeof *list.item);
    add_below(&all, 0, &list);
    *out = list;
    return RC_OK;
}

/* --- above --- */

enum rc org_list_above(struct cx *cx, const char *path, struct org_list *out)
{
    struct rows *rows = NULL;
    enum rc rc = db_query(cx, SQL_org_above, &rows, "s", org_path_ids(cx, path));
    if (rc == RC_OK)
        *out = take_all(cx, rows, INT64_MAX);
    return rc;
}

static const char *name_of(const struct rows *names, struct str id)
{
    int64_t n;
    if (!str_to_i64(id, 1, INT64_MAX, &n))
        return "";
    for (size_t i = 0; i < rows_count(names); i++)
        if (row_i64(names, i, 0) == n)
            return row_text(names, i, 1);
    return "";
}

/* The names of those above, from `names`: id, name. */
static const char *trail(struct cx *cx, const struct org *org, const struct rows *names)
{
    const char *text = "";
    struct str rest = str_of(org->path + 1);
    while (rest.n > 0) {
        struct str id = str_cut(&rest, '/');
        if (rest.n > 0)
            text = arena_printf(cx->arena, "%s%s%s", text, *text ? " › " : "", name_of(names, id));
    }
    return text;
}

/* Reads what stands above each of them, in one statement. */
static enum rc add_trails(struct cx *cx, struct org_list *list)
{
    struct rows *rows = NULL;
    const char *ids = "";
    if (list->n == 0)
        return RC_OK;
    for (size_t i = 0; i < list->n; i++)
        ids = arena_printf(cx->arena, "%s%s%s", ids, *ids ? "," : "", org_path_ids(cx, list->item[i].path));
    enum rc rc = db_query(cx, SQL_org_names, &rows, "s", arena_printf(cx->arena, "[%s]", ids));
    for (size_t i = 0; rc == RC_OK && i < list->n; i++)
        list->item[i].above = trail(cx, &list->item[i], rows);
    return rc;
}

/* --- below --- */

enum rc org_list_children(struct cx *cx, const struct org *org, int64_t limit, int64_t offset,
                          struct org_children *out)
{
    struct rows *rows = NULL;
    enum rc rc = org_check(cx, ACT_ORG_MANAGE, org);
    if (rc == RC_OK)
        rc = db_query(cx, SQL_org_children, &rows, "iii", org->id, limit + 1, offset);
    if (rc != RC_OK)
        return rc;
    struct org_list list = take_all(cx, rows, limit);
    struct org_children children = {.n = list.n, .more = list.more};
    children.item = arena_array(cx->arena, list.n + 1, sizeof *children.item);
    for (size_t i = 0; i < list.n; i++)
        children.item[i] = (struct org_child){list.item[i], row_i64(rows, i, ORG_COLUMNS),
                                              row_i64(rows, i, ORG_COLUMNS + 1)};
    *out = children;
    return RC_OK;
}

enum rc org_count(struct cx *cx, const struct org *org, struct org_counts *out)
{
    struct rows *rows = NULL;
    const char *all = org_subtree(cx, org->path);
    int64_t most = ORG_COUNT_MAX + 1;
    enum rc rc = org_check(cx, ACT_ORG_MANAGE, org);
    if (rc == RC_OK)
        rc = db_one(cx, SQL_org_counts, &rows, "sisisisi", all, most + 1, all, most, all, most, all, most);
    if (rc == RC_OK)
        *out = (struct org_counts){row_i64(rows, 0, 0) - 1, row_i64(rows, 0, 1), row_i64(rows, 0, 2),
                                   row_i64(rows, 0, 3)};
    return rc;
}

/* --- choosing --- */

static bool may_at(const struct cx *cx, enum action action, const char *path)
{
    return policy_may(cx->actor, action, &(struct policy_object){.organisation_path = path});
}

/* True if a grant before this one is for the same organisation, or any for one above. */
static bool is_covered(const struct cx *cx, enum action action, size_t i)
{
    const struct role_grant *g = cx->actor->grants;
    for (size_t k = 0; k < cx->actor->grant_count; k++) {
        bool same = strcmp(g[k].organisation_path, g[i].organisation_path) == 0;
        if (k != i && (same ? k < i : str_starts(str_of(g[i].organisation_path), g[k].organisation_path)) &&
            may_at(cx, action, g[k].organisation_path))
            return true;
    }
    return false;
}

/* Where the rights of the actor begin: *n paths, none below another; "/" alone: everywhere. */
static const char **tops(struct cx *cx, enum action action, size_t *n)
{
    size_t grants = cx->actor ? cx->actor->grant_count : 0;
    const char **path = arena_array(cx->arena, grants + 1, sizeof *path);
    bool all = may_at(cx, action, "/");
    *n = all ? 1 : 0;
    path[0] = "/";
    for (size_t i = 0; !all && i < grants; i++)
        if (may_at(cx, action, cx->actor->grants[i].organisation_path) && !is_covered(cx, action, i))
            path[(*n)++] = cx->actor->grants[i].organisation_path;
    return path;
}

/* ["/1/4/","/1/9/"] */
static const char *paths_json(struct cx *cx, const char **path, size_t n)
{
    const char *list = "";
    for (size_t i = 0; i < n; i++)
        list = arena_printf(cx->arena, "%s%s\"%s\"", list, *list ? "," : "", path[i]);
    return arena_printf(cx->arena, "[%s]", list);
}

static bool is_all(const char **path, size_t n)
{
    return n == 1 && strcmp(path[0], "/") == 0;
}

enum rc org_list_tops(struct cx *cx, enum action action, int64_t limit, int64_t offset, struct org_list *out)
{
    struct rows *rows = NULL;
    size_t n;
    const char **own = tops(cx, action, &n);
    enum rc rc = is_all(own, n)
                     ? db_query(cx, SQL_org_roots, &rows, "ii", limit + 1, offset)
                     : db_query(cx, SQL_org_tops, &rows, "sii", paths_json(cx, own, n), limit + 1, offset);
    if (rc != RC_OK)
        return rc;
    struct org_list list = take_all(cx, rows, limit);
    rc = add_trails(cx, &list);
    if (rc == RC_OK)
        *out = list;
    return rc;
}

/* A subtree as the range of its paths. */
struct range {
    const char *from, *behind;
};

static struct range range_of(struct cx *cx, const char *path)
{
    return (struct range){path, arena_printf(cx->arena, "%s~", path)};
}

/* One subtree is a constant range, of which the database knows how large it is. */
static enum rc find_any(struct cx *cx, const char **scope, size_t n, struct range except, int64_t limit,
                        struct rows **rows)
{
    if (n != 1)
        return db_query(cx, SQL_org_find_any_among, rows, "sssi", paths_json(cx, scope, n), except.from,
                        except.behind, limit);
    struct range in = range_of(cx, scope[0]);
    return db_query(cx, SQL_org_find_any, rows, "ssssi", in.from, in.behind, except.from, except.behind,
                    limit);
}

/* The same by words: ORG_WORDS_MAX of them. */
static enum rc find_words(struct cx *cx, const char **scope, size_t n, struct range except,
                          const char *const *words, int64_t limit, struct rows **rows)
{
    if (n != 1)
        return db_query(cx, SQL_org_find_among, rows, "ssssssssi", words[0], paths_json(cx, scope, n),
                        except.from, except.behind, words[0], words[1], words[2], words[3], limit);
    struct range in = range_of(cx, scope[0]);
    return db_query(cx, SQL_org_find, rows, "sssssssssi", words[0], in.from, in.behind, except.from,
                    except.behind, words[0], words[1], words[2], words[3], limit);
}

enum rc org_find(struct cx *cx, const struct org_search *in, struct org_list *out)
{
    struct rows *rows = NULL;
    struct str rest = str_trim(str_of(in->words));
    size_t n;
    const char **scope = tops(cx, in->action, &n), *words[ORG_WORDS_MAX];
    struct range except = range_of(cx, in->except ? in->except : "~"); /* behind all paths */
    bool any = rest.n == 0;
    for (size_t i = 0; i < ORG_WORDS_MAX; i++) {
        rest = str_trim(rest);
        words[i] = str_dup(cx->arena, str_cut(&rest, ' '));
    }
    enum rc rc = any ? find_any(cx, scope, n, except, in->limit + 1, &rows)
                     : find_words(cx, scope, n, except, words, in->limit + 1, &rows);
    if (rc != RC_OK)
        return rc;
    struct org_list list = take_all(cx, rows, in->limit);
    rc = add_trails(cx, &list);
    if (rc == RC_OK)
        *out = list;
    return rc;
}
