/* What the pages of an organisation share: who may open them, their head, and how courses of it look. */
#ifndef CGI_BIN_WEB_ORG_FRAME_H
#define CGI_BIN_WEB_ORG_FRAME_H

#include "cgi-bin/web/site.h"
#include "lib/svc/people/org.h"

/* The organisation of the address, /org/<slug>/…, if the actor maintains it (ACT_ORG_MANAGE). The former slug of a page
 * leads to the present one: then *out is NULL and the answer is made. */
WARN_UNUSED enum rc org_frame_open(struct web_request *rq, const char *slug, struct org **out);
/* "/org/<slug>" and `rest` */
const char *org_frame_url(struct web_request *rq, const struct org *org, const char *rest);
/* Sets Org.name, .url, .archived, .may_restore, .may_move, and Trail: those above it, with links to those that the actor
 * maintains. Sets the page's colour. Two statements. */
WARN_UNUSED enum rc org_frame_show(struct web_request *rq, const struct org *org);

/* Requests.count: how many requests for halls wait for an answer there and below, in words; not set if none does. One statement. */
WARN_UNUSED enum rc org_frame_requests(struct web_request *rq, const struct org *org);

/* The colour and the logo for pages of this organisation ("/1/4/"): Page.accent, Logo.url, .width, .height, .name; and
 * Contact.url, .text; Text.lang, if its people write in another language than the page. One statement. */
WARN_UNUSED enum rc org_frame_look(struct web_request *rq, const char *path);

#endif
