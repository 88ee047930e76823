/* Files with their playlists, as they are judged before anybody relies on them. */
#include <math.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/media/verify.h"
#include "lib/os/file.h"
#include "tests/unit/boxes.h"
#include "tests/unit/testing.h"

/* A file of 25 ticks a second: its head, then fragments of four pictures and a hundred bytes. */
struct film {
    struct bytes bytes;
    size_t head; /* bytes of it */
};

static void add_box(struct bytes *b, const char *type, struct str body)
{
    size_t at = open_box(b, type);
    memcpy(b->p + b->n, body.p, body.n);
    b->n += body.n;
    close_box(b, at);
}

static void add_head(struct film *f, uint32_t edit)
{
    struct bytes part;
    PUT(&f->bytes, "ftyp", 0x69736f36, 0x200);
    add_box(&f->bytes, "moov", moov(&part, 1, edit, false));
    f->head = f->bytes.n;
}

static void add_part(struct film *f, uint32_t at, size_t payload)
{
    static const char data[128] = "";
    struct bytes part;
    add_box(&f->bytes, "moof", moof(&part, at));
    add_box(&f->bytes, "mdat", (struct str){data, payload});
}

struct ground {
    struct cx cx;
    struct media_job *job;
    char dir[32];
};

static void ground_init(struct ground *g)
{
    cx_init(&g->cx);
    memcpy(g->dir, "/tmp/verifyXXXXXX", 18);
    assert_non_null(mkdtemp(g->dir));
    g->job = arena_alloc(g->cx.arena, sizeof *g->job);
    g->job->out = g->dir;
}

static void ground_fini(struct ground *g)
{
    unlink(arena_printf(g->cx.arena, "%s/v.mp4", g->dir));
    unlink(arena_printf(g->cx.arena, "%s/v.m3u8", g->dir));
    assert_int_equal(rmdir(g->dir), 0);
    cx_fini(&g->cx);
}

/* Judges the film beside a playlist of one segment with these seconds. */
static enum rc judge(struct ground *g, const struct film *f, double seconds, struct verify_track *t)
{
    struct arena *a = g->cx.arena;
    struct str film = {(const char *)f->bytes.p, f->bytes.n};
    const char *list = arena_printf(a,
                                    "#EXTM3U\n#EXT-X-TARGETDURATION:4\n"
                                    "#EXT-X-MAP:URI=\"v.mp4\",BYTERANGE=\"%zu@0\"\n#EXTINF:%.6f,\n"
                                    "#EXT-X-BYTERANGE:%zu@%zu\nv.mp4\n#EXT-X-ENDLIST\n",
                                    f->head, seconds, film.n - f->head, f->head);
    assert_int_equal(file_write(&g->cx, arena_printf(a, "%s/v.mp4", g->dir), film, 0600), RC_OK);
    assert_int_equal(file_write(&g->cx, arena_printf(a, "%s/v.m3u8", g->dir), str_of(list), 0600), RC_OK);
    g->job->fail.text = NULL;
    return verify_read(&g->cx, g->job, "v", t);
}

static void refused(struct ground *g, const struct film *f, double seconds, const char *words)
{
    struct verify_track t;
    assert_int_equal(judge(g, f, seconds, &t), RC_UNAVAIL);
    assert_int_equal(g->job->fail.why, FAIL_VERIFY);
    assert_non_null(strstr(g->job->fail.text, words));
}

static void whole(void **state)
{
    (void)state;
    struct ground g;
    struct film f = {.head = 0};
    struct verify_track t;
    ground_init(&g);
    add_head(&f, 0);
    for (uint32_t at = 0; at < 40; at += 4)
        add_part(&f, at, 100);
    assert_int_equal(judge(&g, &f, 1.6, &t), RC_OK);
    assert_true(t.packets == 40 && t.bytes == (int64_t)f.bytes.n && t.start == 0 && t.end == 1.6);
    assert_true(t.listed == 1.6 && t.average == t.bytes * 5 && t.peak >= t.average);
    assert_string_equal(t.codec, "avc1.64001f");
    refused(&g, &f, 3.2, "playlist");
    f.bytes.n--;
    refused(&g, &f, 1.6, "not whole");
    ground_fini(&g);
}

static void broken(void **state)
{
    (void)state;
    struct ground g;
    struct film short_data = {.head = 0}, headless = {.head = 8}, overlap = {.head = 0}, late = {.head = 0},
                edited = {.head = 0}, no_data = {.head = 0};
    ground_init(&g);
    add_head(&short_data, 0);
    add_part(&short_data, 0, 99);
    refused(&g, &short_data, 0.16, "not whole");
    add_part(&headless, 0, 100);
    refused(&g, &headless, 0.16, "not whole");
    add_head(&overlap, 0);
    add_part(&overlap, 0, 100);
    add_part(&overlap, 3, 100);
    refused(&g, &overlap, 0.28, "not whole");
    add_head(&late, 0);
    add_part(&late, 1, 100);
    refused(&g, &late, 0.2, "does not begin");
    add_head(&edited, 2);
    add_part(&edited, 0, 100);
    refused(&g, &edited, 0.16, "does not begin");
    struct bytes part;
    add_head(&no_data, 0);
    add_box(&no_data.bytes, "moof", moof(&part, 0));
    refused(&g, &no_data, 0.16, "not whole");
    ground_fini(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(whole), cmocka_unit_test(broken)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
