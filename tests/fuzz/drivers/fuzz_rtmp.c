/* A server that is sent anything, whole and in pieces. */
#include "lib/proto/flv.h"
#include "tests/fuzz/drivers/rtmp_pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void feed(void *side, struct str in, struct pieces *s)
{
    struct rtmp_server *server = side;
    struct rtmp_event e;
    do {
        rtmp_server_next(server, &in, &e);
        pieces_note(s, &e);
        if (e.kind == RTMP_EVENT_PUBLISH && e.name.n % 2 == 0)
            rtmp_server_accept(server);
        else if (e.kind == RTMP_EVENT_PUBLISH)
            rtmp_server_refuse(server, "NetStream.Publish.Rejected", e.name);
    } while (e.kind != RTMP_EVENT_MORE && e.kind != RTMP_EVENT_FAULT);
    if (server->link.out.n > RTMP_OUT_MAX || server->link.reader.held > RTMP_HELD_MAX ||
        (!s->over && in.n > 0))
        abort();
    buf_clear(&server->link.out);
}

static struct pieces run(struct str input, size_t most)
{
    struct rtmp_server server;
    rtmp_server_init(&server);
    struct pieces s = pieces_run(&server, feed, input, most);
    rtmp_server_fini(&server);
    if (server.link.reader.held != 0)
        abort();
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str input = {(const char *)data, size};
    struct pieces whole = run(input, 0);
    pieces_compare(whole, run(input, 1));
    pieces_compare(whole, run(input, 40));
    return 0;
}
