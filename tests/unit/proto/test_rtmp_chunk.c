/* Chunks of RTMP: what headers mean, in pieces of any size; messages are written and read again; what is
 * refused. */
#include "tests/unit/testing.h"

#include <stdlib.h>
#include <string.h>

#include "lib/proto/rtmp_chunk.h"
#include "lib/proto/rtmp_frame.h"

/* Feeds bytes in pieces; every message becomes "type/stream@time:bytes", long payloads with their length. */
struct reading {
    struct rtmp_reader reader;
    struct buf log;
    enum rtmp_fault fault;
    uint32_t held_most;
};

static void note(struct reading *g, struct rtmp_message *m)
{
    buf_printf(&g->log, "%d/%u@%u:", m->type, m->stream, m->time);
    if (m->n <= 16)
        buf_add(&g->log, m->bytes, m->n);
    else
        buf_printf(&g->log, "%u*%c%c", m->n, m->bytes[0], m->bytes[m->n - 1]);
    buf_str(&g->log, " ");
    rtmp_message_unref(m);
}

static void start(struct reading *g)
{
    rtmp_reader_init(&g->reader);
    buf_init(&g->log, 1 << 20);
    g->fault = RTMP_FINE;
    g->held_most = 0;
}

static void stop(struct reading *g)
{
    rtmp_reader_fini(&g->reader);
    assert_int_equal(g->reader.held, 0);
    buf_fini(&g->log);
}

static void feed(struct reading *g, struct str bytes, size_t piece)
{
    for (size_t at = 0; at < bytes.n && !g->fault; at += piece) {
        size_t n = bytes.n - at < piece ? bytes.n - at : piece;
        char *copy = malloc(n); /* as long as it is, so that reading behind the end is seen */
        memcpy(copy, bytes.p + at, n);
        struct str in = {copy, n};
        struct rtmp_message *m;
        while (!(g->fault = rtmp_reader_next(&g->reader, &in, &m)) && m)
            note(g, m);
        assert_true(g->fault || in.n == 0);
        if (g->reader.held > g->held_most)
            g->held_most = g->reader.held;
        free(copy);
    }
}

/* Whole, and in pieces of 1 to 20 bytes. */
static void expect(struct str bytes, enum rtmp_fault fault, const char *log)
{
    for (size_t piece = 0; piece <= 20; piece++) {
        struct reading g;
        start(&g);
        feed(&g, bytes, piece == 0 ? bytes.n : piece);
        assert_int_equal(g.fault, fault);
        assert_string_equal(g.log.p ? g.log.p : "", log);
        if (fault) { /* it stays */
            struct str in = STR("\x03");
            struct rtmp_message *m;
            assert_true(rtmp_reader_next(&g.reader, &in, &m) == fault && !m && in.n == 1);
        }
        stop(&g);
    }
}

static void headers(void **state)
{
    (void)state;
    /* type 0, then 3: the absolute time once more (5.3.1.2.4); 2: another step; 3: the same; 1: other length */
    expect(STR("\x03\0\0\x0a\0\0\1\x12\1\0\0\0a"
               "\xc3"
               "b"
               "\x83\0\0\5c"
               "\xc3"
               "d"
               "\x43\0\0\1\0\0\2\x08"
               "ef"),
           RTMP_FINE, "18/1@10:a 18/1@20:b 18/1@25:c 18/1@30:d 8/1@31:ef ");
    /* basic headers of 2 and 3 bytes: ids 64 + 7 and 64 + 1 + 2 * 256; stream ids are little-endian */
    expect(STR("\0\7\0\0\1\0\0\1\x08\1\2\3\4x"
               "\xc0\7y"
               "\1\1\2\0\0\1\0\0\1\x08\0\0\0\0z"
               "\xc1\1\2z"),
           RTMP_FINE, "8/67305985@1:x 8/67305985@2:y 8/0@1:z 8/0@2:z ");
    /* nothing but headers; a first header without a stream id */
    expect(STR("\x04\0\0\1\0\0\0\x09\1\0\0\0\xc4\x45\0\0\0\0\0\1\x14q"), RTMP_FINE,
           "9/1@1: 9/1@2: 20/0@0:q ");
}

static void extended(void **state)
{
    (void)state;
    static char bytes[400];
    /* an absolute time of 2^32 - 2; the continuation repeats it; then 4 ms later, across the wrap, and back to
     * short headers */
    const struct str head = STR("\x04\xff\xff\xff\0\0\x82\x08\1\0\0\0\xff\xff\xff\xfe");
    size_t n = head.n;
    memcpy(bytes, head.p, n);
    memset(bytes + n, 'x', 128);
    n += 128;
    memcpy(bytes + n, "\xc4\xff\xff\xff\xfeyz", 7);
    n += 7;
    memcpy(bytes + n, "\x44\0\0\4\0\0\1\x08t\xc4u", 11);
    n += 11;
    expect((struct str){bytes, n}, RTMP_FINE, "8/1@4294967294:130*xz 8/1@2:t 8/1@6:u ");
    /* a step that is extended, and a message without header behind it, which has it, too */
    expect(STR("\x04\0\0\0\0\0\1\x08\1\0\0\0a"
               "\x84\xff\xff\xff\1\0\0\0b"
               "\xc4\1\0\0\0c"),
           RTMP_FINE, "8/1@0:a 8/1@16777216:b 8/1@33554432:c ");
}

/* Set Chunk Size in the middle of a message counts from the next chunk on; messages interleave; one is aborted. */
static void interleaved(void **state)
{
    (void)state;
    struct buf b;
    char x[400];
    memset(x, 'x', sizeof x);
    buf_init(&b, 10000);
    buf_add(&b, "\x04\0\0\0\0\1\x90\x09\1\0\0\0", 12); /* 400 bytes */
    buf_add(&b, x, 128);
    buf_add(&b, "\x05\0\0\7\0\0\3\x08\1\0\0\0abc", 15);
    buf_add(&b, "\x02\0\0\0\0\0\4\1\0\0\0\0\0\0\1\x10", 16); /* 272 */
    buf_add(&b, "\xc4", 1);
    buf_add(&b, x, 272);
    buf_add(&b, "\x44\0\0\1\0\1\x90\x09", 8);
    buf_add(&b, x, 272);
    buf_add(&b, "\x42\0\0\0\0\0\4\2\0\0\0\4", 12);   /* abort 4 */
    buf_add(&b, "\x42\0\0\0\0\0\4\2\0\0\0\x63", 12); /* abort what is not there */
    buf_add(&b, "\x84\0\0\1", 4);
    buf_add(&b, x, 272);
    buf_add(&b, "\xc4", 1);
    buf_add(&b, x, 128);
    struct reading g;
    for (size_t piece = 1; piece < 500; piece += 37) {
        start(&g);
        feed(&g, buf_view(&b), piece);
        assert_int_equal(g.fault, RTMP_FINE);
        static const char log[] =
            "8/1@7:abc 1/0@0:\0\0\1\x10 9/1@0:400*xx 2/0@0:\0\0\0\4 2/0@0:\0\0\0\x63 9/1@2:400*xx ";
        assert_int_equal(g.log.n, sizeof log - 1);
        assert_memory_equal(g.log.p, log, sizeof log - 1);
        stop(&g);
    }
    buf_fini(&b);
}

#define HEAD(length, type) "\x04\0\0\0" length type "\1\0\0\0"

static void faults(void **state)
{
    (void)state;
    expect(STR("\xc4"), RTMP_FAULT_HEAD, "");
    expect(STR("\x84\0\0\0"), RTMP_FAULT_HEAD, "");
    expect(STR(HEAD("\x40\0\1", "\x09")), RTMP_FAULT_LENGTH, "");
    expect(STR(HEAD("\1\0\1", "\x14")), RTMP_FAULT_LENGTH, "");
    expect(STR(HEAD("\0\0\1", "\x16")), RTMP_FAULT_AGGREGATE, "");
    expect(STR("\x02\0\0\0\0\0\4\1\0\0\0\0\0\0\0\1"), RTMP_FAULT_CHUNK_SIZE, "");
    expect(STR("\x02\0\0\0\0\0\4\1\0\0\0\0\0\0\0\x7f"), RTMP_FAULT_CHUNK_SIZE, "");
    expect(STR("\x02\0\0\0\0\0\4\1\0\0\0\0\x80\0\0\0"), RTMP_FAULT_CHUNK_SIZE, "");
    expect(STR("\x02\0\0\0\0\0\3\1\0\0\0\0\0\0\0"), RTMP_FAULT_CONTROL, "");
    expect(STR("\x02\0\0\0\0\0\3\2\0\0\0\0\0\0\0"), RTMP_FAULT_CONTROL, "");
    for (int i = 0; i < RTMP_FAULT_COUNT; i++)
        assert_true(rtmp_fault_words((enum rtmp_fault)i)[0] != '\0');
}

/* A message that has begun is no place for the header of another. */
static void in_the_middle(void **state)
{
    (void)state;
    struct reading g;
    char x[128] = {0};
    start(&g);
    feed(&g, STR(HEAD("\0\1\0", "\x09")), 5);
    feed(&g, (struct str){x, sizeof x}, 128);
    feed(&g, STR(HEAD("\0\1\0", "\x09")), 5);
    assert_int_equal(g.fault, RTMP_FAULT_MIDDLE);
    stop(&g);
}

/* Chunk streams are bounded, and memory by what has arrived, whatever the headers promise. */
static void bounds(void **state)
{
    (void)state;
    struct reading g;
    static char x[128];
    start(&g);
    for (int i = 0; i <= RTMP_LANES_MAX && !g.fault; i++) {
        char head[] = HEAD("\x40\0\0", "\x09");
        head[0] = (char)(2 + i);
        assert_true(i < RTMP_LANES_MAX || g.held_most <= RTMP_LANES_MAX * (32u << 10));
        feed(&g, (struct str){head, sizeof head - 1}, 12);
        feed(&g, (struct str){x, sizeof x}, 128);
    }
    assert_int_equal(g.fault, RTMP_FAULT_LANES);
    stop(&g);

    start(&g);
    for (int round = 0; !g.fault; round++)
        for (int i = 0; i < 3 && !g.fault; i++) {
            char head[] = HEAD("\x40\0\0", "\x09");
            head[0] = (char)((round > 0 ? 0xc0 : 0) | (2 + i));
            feed(&g, (struct str){head, round > 0 ? 1 : 12}, 12);
            feed(&g, (struct str){x, sizeof x}, 128);
        }
    assert_int_equal(g.fault, RTMP_FAULT_HELD);
    assert_true(g.held_most <= RTMP_HELD_MAX);
    stop(&g);
}

/* What the writer writes is what the reader reads; the headers are the shortest that all peers understand. */
static void written(void **state)
{
    (void)state;
    static char big[300000];
    static const struct {
        uint8_t type;
        uint32_t stream, time, n;
        int format; /* of the first header */
    } wrote[] = {
        {RTMP_VIDEO, 1, 100, 5, 0},        {RTMP_VIDEO, 1, 200, 5, 2}, /* not 3, though 100 again */
        {RTMP_VIDEO, 1, 300, 5, 3},        {RTMP_AUDIO, 1, 150, 3, 0},
        {RTMP_VIDEO, 1, 340, 300000, 1},   {RTMP_VIDEO, 1, 339, 5, 0}, /* back */
        {RTMP_VIDEO, 1, 339, 5, 2},        {RTMP_COMMAND, 0, 0, 2, 0},
        {RTMP_VIDEO, 1, 20000000, 129, 1}, {RTMP_VIDEO, 1, 40000000, 129, 2},
        {RTMP_VIDEO, 1, 60000000, 129, 2}, /* not 3: extended */
        {RTMP_VIDEO, 1, 60000040, 129, 2}, {RTMP_DATA, 1, 4294967290u, 1, 0},
        {RTMP_DATA, 1, 4, 1, 2},           {RTMP_VIDEO, 2, 60000080, 0, 0},
    };
    for (uint32_t chunk = RTMP_CHUNK_MIN; chunk <= 1 << 20; chunk *= 8) {
        struct rtmp_writer w;
        struct reading g;
        struct buf b, log;
        buf_init(&b, 1 << 20);
        buf_init(&log, 4096);
        rtmp_writer_init(&w);
        start(&g);
        w.chunk = g.reader.chunk = chunk;
        for (size_t i = 0; i < sizeof wrote / sizeof *wrote; i++) {
            uint32_t n = wrote[i].n;
            struct rtmp_frame f = rtmp_writer_frame(&w, wrote[i].type, wrote[i].stream, wrote[i].time, n);
            memset(big, 'a' + (int)i, n);
            buf_clear(&b);
            rtmp_frame_put(&b, &f, (struct str){big, n});
            assert_int_equal(b.n, rtmp_frame_size(&f, n));
            assert_int_equal(f.head[0] >> 6, wrote[i].format);
            feed(&g, buf_view(&b), 1000);
            buf_printf(&log, "%d/%u@%u:", wrote[i].type, wrote[i].stream, wrote[i].time);
            if (n > 16)
                buf_printf(&log, "%u*%c%c ", n, 'a' + (int)i, 'a' + (int)i);
            else
                buf_printf(&log, "%.*s ", (int)n, big);
        }
        assert_int_equal(g.fault, RTMP_FINE);
        assert_string_equal(g.log.p, log.p);
        buf_fini(&log);
        buf_fini(&b);
        stop(&g);
    }
}

static void messages(void **state)
{
    (void)state;
    struct rtmp_message *m = rtmp_message_new(RTMP_VIDEO, 1, 5, STR("abc")), *n = rtmp_message_ref(m);
    rtmp_message_unref(m);
    assert_true(m == n && n->refs == 1 && str_eq(rtmp_message_view(n), "abc") && n->time == 5);
    rtmp_message_unref(n);
    rtmp_message_unref(NULL);
    assert_true(rtmp_time_between(5, 7) == 2 && rtmp_time_between(7, 5) == -2);
    assert_true(rtmp_time_between(0xffffffff, 1) == 2 && rtmp_time_between(1, 0xffffffff) == -2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers),       cmocka_unit_test(extended), cmocka_unit_test(interleaved),
        cmocka_unit_test(faults),        cmocka_unit_test(bounds),   cmocka_unit_test(written),
        cmocka_unit_test(in_the_middle), cmocka_unit_test(messages),
    };
    return cmocka_run_group_tests_name("rtmp_chunk", tests, NULL, NULL);
}
