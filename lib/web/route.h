/* The route table: from method and path to a row, with the parts of the path that are parameters. */
#ifndef LIB_WEB_ROUTE_H
#define LIB_WEB_ROUTE_H

#include "lib/web/web.h"

/* Start-up check: every row has a handler, an access level and a well-formed pattern; no two rows are the
 * same. */
WARN_UNUSED enum rc route_check(struct cx *cx, const struct web_route *routes, size_t n);

/* RC_OK: *route and *args. RC_NOTFOUND: no such path. RC_DENIED: the path exists for other methods only;
 * *allow is then the value of the Allow header. */
WARN_UNUSED enum rc route_find(struct cx *cx, const struct web_route *routes, size_t n,
                               enum web_method method, const char *path, const struct web_route **route,
                               struct web_pairs *args, const char **allow);

/* The table as data, in its order: [{"method": "GET", "pattern": "/course/:term/:slug", "handler": …,
 * "access": "public", "flags": ["hot"]}, …]; in cx's arena. */
struct str route_list(struct cx *cx, const struct web_route *routes, size_t n);

#endif
