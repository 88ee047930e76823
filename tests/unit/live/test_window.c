/* The window of a live stream: what it keeps, what it sends again, its bound; and tags that come twice. */
#include "tests/unit/testing.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/live/overlap.h"
#include "lib/live/window.h"

#define META  "\2\0\x0aonMetaData\3\0\0\x09"
#define SOUND "\xaf\1"

/* A tag from a letter: m metadata, a and v headers of sound and pictures, K a keyframe, P another picture,
 * s sound, t other data. The last byte of its body says which of its kind it is. */
static struct rtmp_message *tag(char letter, uint32_t time, size_t more)
{
    static char body[100000];
    const struct {
        char letter;
        uint8_t type;
        struct str head;
    } kinds[] = {
        {'m', RTMP_DATA, STR(META)},
        {'a', RTMP_AUDIO, STR("\xaf\0")},
        {'v', RTMP_VIDEO, STR("\x17\0\0\0\0")},
        {'K', RTMP_VIDEO, STR("\x17\1\0\0\0")},
        {'P', RTMP_VIDEO, STR("\x27\1\0\0\0")},
        {'s', RTMP_AUDIO, STR(SOUND)},
        {'t', RTMP_DATA, STR("\2\0\1x")},
    };
    size_t i = 0;
    while (kinds[i].letter != letter)
        i++;
    memcpy(body, kinds[i].head.p, kinds[i].head.n);
    return rtmp_message_new(kinds[i].type, 1, time, (struct str){body, kinds[i].head.n + more});
}

static char letter_of(const struct rtmp_message *m)
{
    if (m->type == RTMP_DATA)
        return m->bytes[2] == 1 ? 't' : 'm';
    if (m->type == RTMP_AUDIO)
        return m->bytes[1] == 0 ? 'a' : 's';
    return m->bytes[1] == 0 ? 'v' : m->bytes[0] == 0x17 ? 'K' : 'P';
}

/* Pushes a tag per letter, each 10 ms after the one before; "(" sends a ping, ")" answers the oldest. */
struct stream {
    struct window w;
    uint32_t time, pings, pongs;
    size_t more;
};

static void start(struct stream *s, size_t bytes_max)
{
    *s = (struct stream){.time = 0};
    window_init(&s->w, bytes_max);
}

static void push(struct stream *s, const char *letters)
{
    for (; *letters; letters++) {
        if (*letters == '(')
            window_ping(&s->w, s->pings++);
        else if (*letters == ')')
            assert_true(window_pong(&s->w, s->pongs++));
        else {
            struct rtmp_message *m = tag(*letters, s->time, s->more);
            window_push(&s->w, m);
            rtmp_message_unref(m);
            s->time += 10;
        }
    }
}

/* Letters of what would be sent, a bar between headers and tags. */
static const char *kept(const struct stream *s)
{
    static char text[3000];
    size_t n = 0, count = window_count(&s->w), heads = count - s->w.n, bytes = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t time;
        const struct rtmp_message *m = window_at(&s->w, i, &time);
        if (i == heads)
            text[n++] = '|';
        text[n++] = letter_of(m);
        bytes += m->n + WINDOW_TAG_COST;
        assert_true(i < heads || time == m->time);
        if (i < heads && s->w.n > 0) { /* headers have the time of the first tag */
            uint32_t first;
            window_at(&s->w, heads, &first);
            assert_int_equal(time, first);
        }
        assert_true(m->refs == 1);
    }
    text[n] = '\0';
    assert_int_equal(s->w.bytes, bytes);
    return text;
}

static void answered(void **state)
{
    (void)state;
    struct stream s;
    start(&s, 1 << 20);
    push(&s, "mavKsPsP");
    assert_string_equal(kept(&s), "|mavKsPsP"); /* the beginning of a stream is a place to begin */
    push(&s, "KsP");
    assert_string_equal(kept(&s), "|mavKsPsPKsP"); /* nobody has said that it arrived */
    push(&s, "()");
    assert_string_equal(kept(&s), "mav|KsP");
    push(&s, "sP(sKsP");
    push(&s, ")"); /* the ping was sent before the second keyframe */
    assert_string_equal(kept(&s), "mav|KsPsPsKsP");
    push(&s, "(sKs()");
    assert_string_equal(kept(&s), "mav|KsPsKs");
    push(&s, ")");
    assert_string_equal(kept(&s), "mav|Ks");
    assert_true(window_is_whole(&s.w));
    assert_false(window_pong(&s.w, 77));
    window_fini(&s.w);
}

/* Headers that change inside the window stay where they are; sent first are those that were in force before. */
static void headers(void **state)
{
    (void)state;
    struct stream s;
    uint32_t time;
    start(&s, 1 << 20);
    push(&s, "avKPKs()PvKPtKP");
    assert_string_equal(kept(&s), "av|KsPvKPtKP");
    assert_int_equal(window_at(&s.w, 1, &time)->time, 10);
    push(&s, "()");
    assert_string_equal(kept(&s), "av|KP");
    assert_int_equal(window_at(&s.w, 1, &time)->time, 70); /* the newer one */
    push(&s, "mKP()");
    assert_string_equal(kept(&s), "mav|KP");
    window_fini(&s.w);
}

static void only_sound(void **state)
{
    (void)state;
    struct stream s;
    start(&s, 1 << 20);
    push(&s, "asss()");
    assert_string_equal(kept(&s), "a|s");
    push(&s, "ssvPKs()"); /* pictures begin later */
    assert_string_equal(kept(&s), "av|Ks");
    window_fini(&s.w);
}

static void bound(void **state)
{
    (void)state;
    struct stream s;
    start(&s, 10000);
    push(&s, "mav");
    s.more = 900; /* about 1000 with what is counted besides */
    push(&s, "KsPsKsPs");
    assert_string_equal(kept(&s), "|mavKsPsKsPs");
    push(&s, "KsP"); /* the oldest stretch goes, headers stay */
    assert_string_equal(kept(&s), "mav|KsPsKsP");
    assert_true(s.w.bytes <= 10000 && window_is_whole(&s.w));
    push(&s, "PPPPPPPPPPPPP"); /* a stretch that is longer than all */
    assert_false(window_is_whole(&s.w));
    assert_string_equal(kept(&s), "mav");
    push(&s, "s");
    assert_string_equal(kept(&s), "mav"); /* nothing to begin with */
    push(&s, "vK");
    assert_string_equal(kept(&s), "mav|K");
    assert_true(window_is_whole(&s.w));
    push(&s, "(P");
    push(&s, ")");
    assert_string_equal(kept(&s), "mav|KP");
    for (int i = 0; i < 5000; i++) {
        push(&s, i % 7 == 0 ? "K" : "s");
        assert_true(s.w.bytes <= 10000 && s.w.n < 100);
    }
    window_fini(&s.w);

    start(&s, 10000); /* tags without a body cost something, too; a long "header" is not kept apart */
    for (int i = 0; i < 1000; i++)
        push(&s, "s");
    assert_true(s.w.n <= 10000 / WINDOW_TAG_COST);
    s.more = WINDOW_SETUP_MAX;
    push(&s, "v");
    assert_true(s.w.bytes <= 10000 && !s.w.setups[WINDOW_VIDEO_SETUP]);
    window_fini(&s.w);
}

static void pings(void **state)
{
    (void)state;
    struct stream s;
    start(&s, 1 << 20);
    push(&s, "aK");
    for (int i = 0; i < WINDOW_MARKS_MAX + 5; i++)
        push(&s, "sK(");
    assert_int_equal(s.w.marks_n, WINDOW_MARKS_MAX);
    assert_true(window_pong(&s.w, 3));
    assert_int_equal(s.w.marks_n, WINDOW_MARKS_MAX - 4);
    assert_false(window_pong(&s.w, 3) || window_pong(&s.w, WINDOW_MARKS_MAX + 1));
    size_t n = s.w.n;
    window_forget_pings(&s.w);
    assert_false(window_pong(&s.w, 4));
    assert_true(s.w.n == n);
    window_fini(&s.w);
}

/* A takeover: half of the window arrived before, and is dropped; the rest is new, and nothing is missing. */
static void twice(void **state)
{
    (void)state;
    static const char letters[] = "avKsPsPKsPsP";
    struct overlap o = {.has = {false}};
    char got[50];
    size_t n = 0;
    for (int round = 0; round < 2; round++)
        for (uint32_t i = 0; letters[i]; i++) {
            struct rtmp_message *m = tag(letters[i], 0xffffffd0u + i * 10, 0); /* across the wrap */
            const struct flv_tag t = {(enum flv_type)m->type, m->time, rtmp_message_view(m)};
            if ((round > 0 || i < 7) && overlap_is_new(&o, &t)) {
                got[n++] = letters[i];
                overlap_note(&o, &t);
            }
            rtmp_message_unref(m);
        }
    got[n] = '\0';
    assert_string_equal(got, "avKsPsPavKsPsP");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answered), cmocka_unit_test(headers), cmocka_unit_test(only_sound),
        cmocka_unit_test(bound),    cmocka_unit_test(pings),   cmocka_unit_test(twice),
    };
    return cmocka_run_group_tests_name("window", tests, NULL, NULL);
}
