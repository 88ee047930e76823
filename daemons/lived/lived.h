/* What the files of lectern-lived share. One event loop does everything but syncing files (disk.h). */
#ifndef DAEMONS_LIVED_LIVED_H
#define DAEMONS_LIVED_LIVED_H

#include <event2/event.h>
#include <event2/http.h>

#include "daemons/lived/disk.h"
#include "lib/base/cx.h"
#include "lib/node/keys.h"
#include "lib/os/conf.h"
#include "lib/play/play.h"
#include "lib/store/store.h"

struct stream;

enum {
    LIVED_PLACES = 65536,     /* of digests of tokens */
    LIVED_BODY_MAX = 8 << 20, /* bytes of a part: 0.4 s of 160 Mbit/s */
    LIVED_INIT_MAX = 65536,
    LIVED_TEXT_MAX = 16 << 20 /* bytes of a playlist or of an index */
};

struct lived {
    struct cx cx; /* of the request that is being served */
    const struct conf *conf;
    struct event_base *base;
    struct evhttp *http;
    struct event *look;
    struct store *store;
    struct play *play;
    struct node_keys *keys; /* of tokens of ingests */
    struct disk *disk;
    struct stream *streams;
    int stream_count, waiting_count;
    uint16_t waiting_of[LIVED_PLACES]; /* by place of the token */
};

/* Listens at `path`, a unix socket that the group may use. */
WARN_UNUSED enum rc lived_listen(struct cx *cx, const char *path, struct evhttp *http);

/* Each answers the request, now or later. `rest` is the path behind the words that chose it. */
void take_serve(struct lived *d, struct evhttp_request *rq, struct str rest);  /* parts of ingests */
void watch_serve(struct lived *d, struct evhttp_request *rq, const char *uri); /* players */
void seal_serve(struct lived *d, struct evhttp_request *rq);                   /* lectern-noded */

#endif
