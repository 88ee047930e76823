/* Pages for visitors as files, so that the web server can send them at file speed:
 * run_dir/hot/<language><path>.html
 * ("/" is index). A file is written by rename, at most once a second, after a request without a session was
 * answered; the web server uses it only while it is younger than two seconds and the request has no cookie of
 * a session. */
#ifndef LIB_WEB_HOT_H
#define LIB_WEB_HOT_H

#include "lib/web/web.h"

/* Keeps the finished answer of a route marked WEB_HOT, if it is the same for every visitor. Failing does no
 * harm. */
void hot_keep(struct web_request *rq);

#endif
