/* A publisher whose server answers anything, whole and in pieces. */
#include "lib/proto/rtmp_client.h"
#include "tests/fuzz/drivers/rtmp_pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void feed(void *side, struct str in, struct pieces *s)
{
    struct rtmp_client *client = side;
    struct rtmp_event e;
    do {
        rtmp_client_next(client, &in, &e);
        pieces_note(s, &e);
        if (e.kind == RTMP_EVENT_START)
            rtmp_client_end(client);
    } while (e.kind != RTMP_EVENT_MORE && e.kind != RTMP_EVENT_FAULT);
    if (client->link.out.n > RTMP_OUT_MAX || client->link.reader.held > RTMP_HELD_MAX ||
        (!s->over && in.n > 0))
        abort();
    buf_clear(&client->link.out);
}

static struct pieces run(struct str input, size_t most)
{
    const struct rtmp_target target = {STR("live"), STR("rtmp://127.0.0.1/live"), STR("name")};
    struct rtmp_client client;
    rtmp_client_init(&client, &target);
    struct pieces s = pieces_run(&client, feed, input, most);
    rtmp_client_fini(&client);
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
