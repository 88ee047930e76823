/* What a web server says to a FastCGI program (specification 1.0, sections 3 and 5), for tests: one request
 * on one connection. */
#ifndef TESTS_UNIT_FCGI_CLIENT_H
#define TESTS_UNIT_FCGI_CLIENT_H

#include "lib/base/buf.h"

/* A connection with a request whose body has not ended: `query` is its QUERY_STRING. -1: nobody listens. */
int client_begin(const char *path, const char *query);
/* A piece of the body. */
void client_send(int fd, const void *p, size_t n);
/* The end of the body. */
void client_finish(int fd);
/* The answer without its headers, into `out`; closes fd. False: it did not come to its end. */
bool client_answer(int fd, struct buf *out);

/* All of it; the answer as a text, "" if there is none. Lends until the next call. */
const char *client_ask(const char *path, const char *query, struct str body);

#endif
