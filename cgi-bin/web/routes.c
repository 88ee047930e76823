/* routes.def as the table that the program serves. */
#include "cgi-bin/web/site.h"

#define WEB_NONE     0
#define WEB_RAW_JSON (WEB_RAW | WEB_JSON)
const struct web_route site_routes[] = {
#define ROUTE(method, pattern, handler, access, flags)                                                       \
    {WEB_##method, pattern, handler, WEB_##access, WEB_##flags, #handler},
#include "cgi-bin/web/routes.def"
#undef ROUTE
};
const size_t site_route_count = sizeof site_routes / sizeof *site_routes;
