/* Requests of players that wait for what is not there yet (blocking reload, the part of a preload hint). */
#ifndef DAEMONS_LIVED_WAITING_H
#define DAEMONS_LIVED_WAITING_H

#include "daemons/lived/stream.h"

struct wish {
    int track;
    int64_t msn, part; /* part -1: the whole segment */
    enum origin_form form;
    bool list;        /* a playlist that has it; else the part itself */
    struct str token; /* who asks; lends for the call */
};

/* Answers now if it can be, else when it is there, or after three target durations. */
void waiting_add(struct stream *s, struct evhttp_request *rq, const struct wish *w);
/* The stream has changed. */
void waiting_look(struct stream *s);
/* All that wait for it, with what is there. */
void waiting_answer_all(struct stream *s);
/* Those whose time is over; now: monotonic, ms. */
void waiting_sweep(struct lived *d, int64_t now);

#endif
