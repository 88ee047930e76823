/* Answers over HTTP. Each ends the request. */
#ifndef DAEMONS_LIVED_ANSWER_H
#define DAEMONS_LIVED_ANSWER_H

#include <event2/http.h>

#include "lib/base/str.h"
#include "lib/live/origin.h"

enum { FORBIDDEN = 403 }; /* libevent has no name for it */

#define ANSWER_LIST "application/vnd.apple.mpegurl"
#define ANSWER_PART "video/iso.segment"
#define ANSWER_JSON "application/json"

/* {"error":word}, or nothing if word is NULL. */
void answer_word(struct evhttp_request *rq, int status, const char *word);
/* cache: value of Cache-Control. */
void answer_text(struct evhttp_request *rq, const char *type, const char *cache, struct str text);
/* Holds the bytes until they are sent. */
void answer_bytes(struct evhttp_request *rq, const char *type, const char *cache, struct origin_bytes *b);

#endif
