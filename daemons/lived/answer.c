#include "daemons/lived/answer.h"

#include <event2/buffer.h>

#include "lib/base/rc.h"

static void put_head(struct evhttp_request *rq, const char *type, const char *cache)
{
    struct evkeyvalq *head = evhttp_request_get_output_headers(rq);
    evhttp_add_header(head, "Content-Type", type);
    evhttp_add_header(head, "Cache-Control", cache);
    evhttp_add_header(head, "X-Content-Type-Options", "nosniff");
}

void answer_word(struct evhttp_request *rq, int status, const char *word)
{
    put_head(rq, ANSWER_JSON, "no-store");
    if (word)
        evbuffer_add_printf(evhttp_request_get_output_buffer(rq), "{\"error\":\"%s\"}\n", word);
    evhttp_send_reply(rq, status, NULL, NULL);
}

void answer_text(struct evhttp_request *rq, const char *type, const char *cache, struct str text)
{
    put_head(rq, type, cache);
    evbuffer_add(evhttp_request_get_output_buffer(rq), text.p, text.n);
    evhttp_send_reply(rq, HTTP_OK, NULL, NULL);
}

static void let_go(const void *p, size_t n, void *bytes)
{
    (void)p;
    (void)n;
    origin_bytes_unref(bytes);
}

void answer_bytes(struct evhttp_request *rq, const char *type, const char *cache, struct origin_bytes *b)
{
    put_head(rq, type, cache);
    if (evbuffer_add_reference(evhttp_request_get_output_buffer(rq), b->p, b->n, let_go,
                               origin_bytes_ref(b)) != 0)
        bug("an answer cannot be made");
    evhttp_send_reply(rq, HTTP_OK, NULL, NULL);
}
