/* Live streams in words: of a lecture, and of what a person could stream; for pages and for the JSON that keeps them fresh, which must
 * agree. */
#ifndef CGI_BIN_WEB_LIVE_WORDS_H
#define CGI_BIN_WEB_LIVE_WORDS_H

#include "cgi-bin/web/site.h"

/* Sets Live: what the person could stream, why they were refused lately and, of the lecture l (NULL: none), in which state its stream
 * is, who publishes, how it ends, what became of its recording; without l their rehearsals. Live.url: where the page asks what is new;
 * Live.shape changes with anything but Live.clock. Up to seven statements. */
WARN_UNUSED enum rc live_words(struct web_request *rq, const struct lecture *l, const char *url);
/* The answer to that question: live_words, as static/js/state.js reads it. */
WARN_UNUSED enum rc live_words_json(struct web_request *rq, const struct lecture *l);

#endif
