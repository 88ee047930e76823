/* Pages for visitors as files, so that the web server can send them at file speed:
 * run_dir/hot/<language><path>.html ("/" is index)
 * A file is written by rename, at most once a second, after a request without a session was answered. The web
 * server uses it only for requests without a cookie, and asks lectern-web again once a second. If visitors
 * may not have the page any more, its files are removed. */
#ifndef LIB_WEB_HOT_H
#define LIB_WEB_HOT_H

#include "lib/web/web.h"

/* Keeps the finished answer of a route marked WEB_HOT, if it is the same for every visitor; if it is a
 * refusal, removes what was kept. Failing does no harm. */
void hot_keep(struct web_request *rq);

#endif
