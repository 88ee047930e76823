/* The processing of a recording in words: for the lecture's pages and for state.json, which must agree. */
#ifndef CGI_BIN_WEB_STATE_WORDS_H
#define CGI_BIN_WEB_STATE_WORDS_H

#include "cgi-bin/web/site.h"
#include "lib/svc/pipeline/doors/publication.h"

struct state_view {
    enum view_kind kind;
    const char *id;     /* "cam": names in state.json and in data-state-… */
    const char *tag;    /* a word or two */
    const char *look;   /* "", "ok", "warn", "bad": class of the tag */
    const char *text;   /* the state, in a sentence */
    const char *plan;   /* what is copied, what is encoded and why; NULL before the probe */
    const char *detail; /* the message of the tools, or NULL */
    const char *upload; /* key of an upload that is still open, or NULL */
    const char *again;  /* key of an upload that can be processed again, or NULL */
    bool live;          /* comes from a live stream; cannot be cancelled here */
    bool moving;        /* a step is running: show a progress bar */
    double progress;    /* 0..1 of the step, negative: not known */
};

struct state_words {
    const char *status; /* the state of the lecture in one sentence */
    const char *shape;  /* changes when the structure of the page changes */
    bool busy;
    enum stream_state stream; /* what viewers know of the live stream */
    struct state_view views[VIEW_KIND_COUNT];
    size_t view_count;
};

/* full: for people who may edit the lecture; else only what viewers need to know. */
void state_words(struct web_request *rq, const struct lecture *l, const struct publication *p, bool full,
                 struct state_words *out);

/* The same as values of a page, below State. */
void state_show(struct web_request *rq, const struct lecture *l, const struct state_words *w, bool full);

#endif
