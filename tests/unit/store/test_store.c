/* The local store: names, uploads, artifacts, generations, on a real folder. */
#include "tests/unit/testing.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/os/file.h"
#include "lib/store/inner.h"
#include "lib/store/store.h"

#define UP  "upload000001"
#define LEC "lecture00001"

/* SHA-256 of "hello" and of "world!" */
#define HELLO "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
#define WORLD "711e9609339e92b03ddc0a211827dba421f38f9ed8b9d806e1ffdd8c15ffa03d"

struct fixture {
    struct cx cx;
    char root[64];
    struct store *s;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    cx_init(&f->cx);
    snprintf(f->root, sizeof f->root, "/tmp/lectern-store-XXXXXX");
    assert_non_null(mkdtemp(f->root));
    assert_ok(store_open(&f->cx, f->root, &f->s));
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    store_close(f->s);
    assert_ok(file_remove_tree(&f->cx, f->root));
    cx_fini(&f->cx);
    free(f);
    return 0;
}

static const char *path(struct fixture *f, const char *below)
{
    return arena_printf(f->cx.arena, "%s/%s", f->root, below);
}

static bool exists(struct fixture *f, const char *below)
{
    struct stat st;
    return lstat(path(f, below), &st) == 0;
}

static const char *content(struct fixture *f, const char *below)
{
    struct str s;
    assert_ok(file_read(&f->cx, path(f, below), 4096, &s));
    return s.p;
}

static void test_names(void **state)
{
    (void)state;
    assert_true(store_is_path(STR("media/abcdefabcdef/g1/CAM/v720.mp4")));
    static const char *const bad[] = {
        "",      "/",    "a//b",       "a/",   "/a",  "..",   "a/../b",           "a/.b", ".a", "a b",
        "a%2fb", "a\\b", "a/\xc3\xa4", "a\nb", "./a", "a/..", "a/b/c/d/e/f/g/h/i"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(store_is_path(str_of(bad[i])));
    char big[400];
    memset(big, 'a', sizeof big);
    assert_true(store_is_name((struct str){big, STORE_MAX_NAME}));
    assert_false(store_is_name((struct str){big, STORE_MAX_NAME + 1}));
    assert_true(store_is_prefix(STR(LEC "/17-2")));
    static const char *const prefixes[] = {LEC "/17", LEC "/0-1",   LEC "/1-",   LEC "/-1-1", LEC "/1-1/x",
                                           "x/1-1",   LEC "/1-2-3", LEC "/01-2", LEC};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        assert_false(store_is_prefix(str_of(prefixes[i])));
    assert_true(store_is_view(STR("PRES")));
    assert_false(store_is_view(STR("cam")));
}

static void append(struct fixture *f, const char *id, const char *text, struct store_upload *up)
{
    int fd;
    assert_ok(store_upload_open(&f->cx, f->s, id, up, &fd));
    assert_true(file_write_all(fd, text, strlen(text)));
    assert_ok(store_upload_close(&f->cx, f->s, up, fd));
}

static void test_upload(void **state)
{
    struct fixture *f = *state;
    struct store_upload up;
    int fd, other;
    int64_t size;
    assert_rc(store_upload_stat(&f->cx, f->s, UP, &up), RC_NOTFOUND);
    assert_ok(store_upload_create(&f->cx, f->s, UP, 11, "Vorlesung \xc3\xbc.mp4", &up));
    assert_int_equal(up.offset, 0);
    append(f, UP, "hello", &up);
    assert_int_equal(up.offset, 5);
    assert_false(up.complete);

    assert_ok(store_upload_create(&f->cx, f->s, UP, 11, "x", &up)); /* again: the bytes that arrived stay */
    assert_int_equal(up.offset, 5);
    assert_string_equal(up.name, "Vorlesung \xc3\xbc.mp4");
    assert_rc(store_upload_create(&f->cx, f->s, UP, 12, "x", &up), RC_CONFLICT);

    assert_ok(store_upload_open(&f->cx, f->s, UP, &up, &fd));
    assert_rc(store_upload_open(&f->cx, f->s, UP, &up, &other), RC_CONFLICT);
    assert_rc(store_upload_remove(&f->cx, f->s, UP), RC_CONFLICT);
    assert_ok(store_upload_close(&f->cx, f->s, &up, fd));

    append(f, UP, "world!", &up);
    assert_true(up.complete);
    assert_rc(store_upload_open(&f->cx, f->s, UP, &up, &fd), RC_NOTFOUND);
    assert_ok(store_upload_stat(&f->cx, f->s, UP, &up));
    assert_true(up.complete);
    assert_true(up.expires_ms > clock_now());
    assert_ok(store_source_open(&f->cx, f->s, UP, &fd, &size));
    assert_int_equal(size, 11);
    close(fd);
    const char *const *ids;
    size_t n;
    assert_ok(store_upload_list(&f->cx, f->s, &ids, &n));
    assert_int_equal(n, 1);
    assert_string_equal(ids[0], UP);
    assert_ok(store_upload_remove(&f->cx, f->s, UP));
    assert_rc(store_upload_remove(&f->cx, f->s, UP), RC_NOTFOUND);
}

/* An upload that grows: its size is told at its end. */
static void test_upload_later(void **state)
{
    struct fixture *f = *state;
    struct store_upload up;
    char hex[STORE_SHA256_HEX];
    int64_t size;
    int fd;
    assert_ok(store_upload_create(&f->cx, f->s, UP, STORE_SIZE_LATER, "a.flv", &up));
    assert_int_equal(up.size, STORE_SIZE_LATER);
    assert_false(up.complete);
    append(f, UP, "hel", &up);
    assert_ok(store_upload_create(&f->cx, f->s, UP, STORE_SIZE_LATER, "a.flv", &up));
    assert_int_equal(up.offset, 3);
    assert_int_equal(up.size, STORE_SIZE_LATER);
    assert_rc(store_upload_create(&f->cx, f->s, UP, 5, "a.flv", &up), RC_CONFLICT);

    assert_ok(store_upload_open(&f->cx, f->s, UP, &up, &fd));
    assert_rc(store_upload_size(&f->cx, f->s, &up, 2), RC_INVALID);
    assert_ok(store_upload_size(&f->cx, f->s, &up, 5));
    assert_ok(store_upload_size(&f->cx, f->s, &up, 5));
    assert_rc(store_upload_size(&f->cx, f->s, &up, 6), RC_INVALID);
    assert_ok(store_upload_close(&f->cx, f->s, &up, fd));
    assert_false(up.complete);
    assert_ok(store_upload_create(&f->cx, f->s, UP, STORE_SIZE_LATER, "a.flv", &up));
    assert_int_equal(up.size, 5);

    append(f, UP, "lo", &up);
    assert_true(up.complete);
    assert_false(store_source_hashed(&f->cx, f->s, UP, hex));
    assert_ok(store_source_hash(&f->cx, f->s, UP, NULL, NULL, hex, &size));
    memset(hex, 0, sizeof hex);
    assert_true(store_source_hashed(&f->cx, f->s, UP, hex));
    assert_string_equal(hex, HELLO);
    err_clear(&f->cx);
}

static void test_upload_seal(void **state)
{
    struct fixture *f = *state;
    struct store_upload up;
    int fd;
    assert_ok(store_upload_create(&f->cx, f->s, UP, STORE_SIZE_LATER, "", &up));
    assert_ok(store_upload_open(&f->cx, f->s, UP, &up, &fd));
    assert_int_equal(write(fd, "hello", 5), 5);
    assert_rc(store_upload_seal(&f->cx, f->s, UP, &up), RC_CONFLICT);
    assert_int_equal(store_upload_wished(f->s, UP), STORE_WISH_NOW);
    assert_ok(store_upload_close(&f->cx, f->s, &up, fd));
    for (int twice = 0; twice < 2; twice++) {
        assert_ok(store_upload_seal(&f->cx, f->s, UP, &up));
        assert_true(up.complete);
        assert_int_equal(up.size, 5);
    }
    assert_int_equal(store_upload_wished(f->s, UP), STORE_WISH_NONE);
    assert_ok(store_upload_seal(&f->cx, f->s, "neverbegan01", &up));
    assert_true(up.complete);
    assert_int_equal(up.size, 0);
    assert_rc(store_upload_seal(&f->cx, f->s, "../../passwd", &up), RC_NOTFOUND);
    err_clear(&f->cx);
}

/* Neither a cancellation nor expiry removes an upload that has become complete. */
static void test_upload_wish(void **state)
{
    struct fixture *f = *state;
    struct store_upload up;
    int fd;
    assert_ok(store_upload_create(&f->cx, f->s, UP, 10, "", &up));
    assert_ok(store_upload_open(&f->cx, f->s, UP, &up, &fd));
    assert_int_equal(store_upload_wished(f->s, UP), STORE_WISH_NONE);
    store_upload_wish(f->s, UP, STORE_WISH_SILENT);
    assert_int_equal(store_upload_wished(f->s, UP), STORE_WISH_SILENT);
    store_upload_wish(f->s, UP, STORE_WISH_NOW);
    store_upload_wish(f->s, UP, STORE_WISH_SILENT); /* the stronger one stays */
    assert_int_equal(store_upload_wished(f->s, UP), STORE_WISH_NOW);
    store_upload_wish(f->s, UP, STORE_WISH_NONE);
    store_upload_wish(f->s, UP, STORE_WISH_NONE);
    assert_int_equal(store_upload_wished(f->s, UP), STORE_WISH_NONE);
    /* it has come true for the next one who opens it */
    store_upload_wish(f->s, UP, STORE_WISH_NOW);
    assert_ok(store_upload_close(&f->cx, f->s, &up, fd));
    assert_ok(store_upload_open(&f->cx, f->s, UP, &up, &fd));
    assert_int_equal(store_upload_wished(f->s, UP), STORE_WISH_NONE);
    assert_ok(store_upload_close(&f->cx, f->s, &up, fd));
    store_upload_wish(f->s, UP, STORE_WISH_SILENT);
    assert_ok(store_upload_discard(&f->cx, f->s, UP));
    assert_false(exists(f, "spool/" UP ".wish"));
}

static void test_upload_discard(void **state)
{
    struct fixture *f = *state;
    struct store_upload up;
    int fd;
    assert_rc(store_upload_discard(&f->cx, f->s, UP), RC_NOTFOUND);
    assert_rc(store_upload_discard(&f->cx, f->s, "../upload001"), RC_NOTFOUND);
    assert_ok(store_upload_create(&f->cx, f->s, UP, 5, "x", &up));
    assert_ok(store_upload_open(&f->cx, f->s, UP, &up, &fd));
    assert_rc(store_upload_discard(&f->cx, f->s, UP), RC_CONFLICT);
    assert_ok(store_upload_close(&f->cx, f->s, &up, fd));
    assert_ok(store_upload_discard(&f->cx, f->s, UP));
    assert_false(exists(f, "spool/" UP ".part"));
    assert_false(exists(f, "spool/" UP ".json"));
    assert_ok(store_upload_create(&f->cx, f->s, UP, 5, "x", &up));
    append(f, UP, "hello", &up);
    assert_rc(store_upload_discard(&f->cx, f->s, UP), RC_CONFLICT);
    assert_ok(store_upload_stat(&f->cx, f->s, UP, &up));
    assert_true(up.complete);
}

static void test_upload_bad(void **state)
{
    struct fixture *f = *state;
    struct store_upload up;
    int fd;
    assert_rc(store_upload_stat(&f->cx, f->s, "../../../etc", &up), RC_NOTFOUND);
    assert_rc(store_upload_create(&f->cx, f->s, "../upload001", 1, "", &up), RC_NOTFOUND);
    assert_rc(store_upload_create(&f->cx, f->s, UP, -2, "", &up), RC_INVALID);
    assert_rc(store_upload_create(&f->cx, f->s, UP, 1, "\xff", &up), RC_INVALID);
    assert_ok(store_upload_create(&f->cx, f->s, UP, 0, "", &up));
    assert_true(up.complete);
    /* A symbolic link in the place of the data is never followed. */
    assert_int_equal(symlink("/etc/passwd", path(f, "spool/upload000002.part")), 0);
    assert_ok(file_write(&f->cx, path(f, "spool/upload000002.json"), STR("{\"size\":3}"), 0600));
    assert_rc(store_upload_open(&f->cx, f->s, "upload000002", &up, &fd), RC_UNAVAIL);
}

static void age(struct fixture *f, const char *below)
{
    struct timespec t[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    assert_int_equal(utimensat(AT_FDCWD, path(f, below), t, 0), 0);
}

static void test_upload_sweep(void **state)
{
    struct fixture *f = *state;
    struct store_upload up;
    int removed;
    assert_ok(store_upload_create(&f->cx, f->s, "old000000001", 5, "", &up));
    assert_ok(store_upload_create(&f->cx, f->s, "new000000001", 5, "", &up));
    assert_ok(store_upload_create(&f->cx, f->s, "full00000001", 5, "", &up));
    append(f, "full00000001", "hello", &up);
    assert_ok(file_write(&f->cx, path(f, "spool/left.json.1234.tmp"), STR("x"), 0600));
    age(f, "spool/old000000001.part");
    age(f, "spool/old000000001.json");
    age(f, "spool/new000000001.json"); /* its part is fresh */
    age(f, "spool/full00000001.full");
    age(f, "spool/full00000001.json");
    age(f, "spool/left.json.1234.tmp");
    assert_ok(store_upload_sweep(&f->cx, f->s, clock_now(), &removed));
    assert_int_equal(removed, 2);
    assert_false(exists(f, "spool/old000000001.part"));
    assert_false(exists(f, "spool/old000000001.json"));
    assert_false(exists(f, "spool/left.json.1234.tmp"));
    assert_ok(store_upload_stat(&f->cx, f->s, "new000000001", &up));
    assert_ok(store_upload_stat(&f->cx, f->s, "full00000001", &up));
}

static enum rc put(struct fixture *f, const char *to, const char *text, const char *hash, bool *replaced)
{
    struct store_put *p;
    enum rc rc = store_put_begin(&f->cx, f->s, to, &p);
    if (rc != RC_OK)
        return rc;
    assert_ok(store_put_write(&f->cx, p, text, strlen(text)));
    return store_put_commit(&f->cx, p, hash, replaced);
}

static void test_put(void **state)
{
    struct fixture *f = *state;
    bool replaced = true;
    assert_ok(put(f, "incoming/" LEC "/1-1/a.mp4", "hello", HELLO, &replaced));
    assert_false(replaced);
    assert_ok(put(f, "incoming/" LEC "/1-1/a.mp4", "hello", HELLO, &replaced));
    assert_true(replaced);
    assert_rc(put(f, "incoming/" LEC "/1-1/a.mp4", "world!", HELLO, &replaced), RC_INVALID);
    assert_string_equal(content(f, "incoming/" LEC "/1-1/a.mp4"), "hello");
    assert_ok(put(f, "incoming/" LEC "/1-1/sub/b", "hello", HELLO, &replaced));
    static const char *const bad[] = {"incoming/" LEC "/1-1",       "incoming/" LEC "/1/a",
                                      "media/" LEC "/g1/a",         "incoming/" LEC "/1-1/../a",
                                      "incoming/x/1-1/a",           "spool/" LEC "/1-1/a",
                                      "incoming/" LEC "/1-1/a/b/c", "incoming/" LEC "/1-1/.a"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_rc(put(f, bad[i], "x", HELLO, &replaced), RC_INVALID);
    assert_int_equal(symlink("/tmp", path(f, "incoming/" LEC "/2-1")), 0);
    assert_int_not_equal(put(f, "incoming/" LEC "/2-1/a", "hello", HELLO, &replaced), RC_OK);
}

static struct store_file hello_file = {"v720.mp4", 5, HELLO}, world_file = {"v720.mp4", 6, WORLD};

static struct store_generation generation(int64_t number, int64_t base, const struct store_view *v)
{
    return (struct store_generation){
        .lecture = LEC, .job = 40 + number, .number = number, .base = base, .views = v, .view_count = 1};
}

static void test_generations(void **state)
{
    struct fixture *f = *state;
    bool r;
    struct store_view cam = {"CAM", LEC "/1-1", &hello_file, 1}, pres = {"PRES", LEC "/2-1", &world_file, 1};
    struct store_generation g1 = generation(1, 0, &cam), g2 = generation(2, 1, &pres);
    assert_ok(put(f, "incoming/" LEC "/1-1/v720.mp4", "hello", HELLO, &r));
    assert_ok(put(f, "incoming/" LEC "/2-1/v720.mp4", "world!", WORLD, &r));

    assert_ok(store_generation_commit(&f->cx, f->s, &g1, NULL, NULL));
    assert_string_equal(content(f, "media/" LEC "/g1/CAM/v720.mp4"), "hello");
    assert_false(exists(f, "incoming/" LEC "/1-1"));
    assert_ok(
        store_generation_commit(&f->cx, f->s, &g1, NULL, NULL)); /* the prefix is gone, the result is there */

    assert_int_equal(mkdir(path(f, "media/" LEC "/.g2-42"), 0755), 0); /* an attempt that was killed */
    assert_ok(store_generation_commit(&f->cx, f->s, &g2, NULL, NULL));
    assert_string_equal(content(f, "media/" LEC "/g2/CAM/v720.mp4"), "hello");
    assert_string_equal(content(f, "media/" LEC "/g2/PRES/v720.mp4"), "world!");
    assert_false(exists(f, "media/" LEC "/.g2-42"));
    assert_false(exists(f, "media/" LEC "/g1/PRES"));

    /* The older one goes, the newer one keeps its files. */
    assert_ok(store_tree_remove(&f->cx, f->s, "media/" LEC "/g1"));
    assert_string_equal(content(f, "media/" LEC "/g2/CAM/v720.mp4"), "hello");
    assert_ok(store_tree_remove(&f->cx, f->s, "media/" LEC "/g1"));
    assert_ok(store_tree_remove(&f->cx, f->s, "media/" LEC "/g2"));
    assert_false(exists(f, "media/" LEC));
    assert_true(exists(f, "media"));
}

/* The process that made it may have died between the rename and the sync of its folder, so a process that
 * finds the generation syncs. */
static ino_t watched;
static int syncs;

int fsync(int fd)
{
    struct stat st;
    if (watched && fstat(fd, &st) == 0 && st.st_ino == watched)
        syncs++;
    return (int)syscall(SYS_fsync, fd);
}

static void test_generation_synced(void **state)
{
    struct fixture *f = *state;
    bool r;
    struct stat st;
    struct store_view cam = {"CAM", LEC "/1-1", &hello_file, 1};
    struct store_generation g1 = generation(1, 0, &cam);
    assert_ok(put(f, "incoming/" LEC "/1-1/v720.mp4", "hello", HELLO, &r));
    assert_ok(store_generation_commit(&f->cx, f->s, &g1, NULL, NULL));
    assert_int_equal(stat(path(f, "media/" LEC), &st), 0);
    watched = st.st_ino;
    syncs = 0;
    assert_ok(store_generation_commit(&f->cx, f->s, &g1, NULL, NULL));
    assert_true(syncs > 0);
    watched = 0;
}

static void test_generation_refusals(void **state)
{
    struct fixture *f = *state;
    bool r;
    struct store_view cam = {"CAM", LEC "/1-1", &world_file, 1};
    struct store_generation g = generation(1, 0, &cam);
    assert_rc(store_generation_commit(&f->cx, f->s, &g, NULL, NULL), RC_NOTFOUND);
    assert_ok(put(f, "incoming/" LEC "/1-1/v720.mp4", "hello", HELLO, &r));
    assert_rc(store_generation_commit(&f->cx, f->s, &g, NULL, NULL), RC_CONFLICT); /* size */

    cam.files = &(struct store_file){"v720.mp4", 6, HELLO}; /* also where the hash is the one announced */
    assert_rc(store_generation_commit(&f->cx, f->s, &g, NULL, NULL), RC_CONFLICT);
    cam.files = &world_file;

    /* Right size, other content, and a hash that was never recorded: read again. */
    assert_ok(file_write(&f->cx, path(f, "incoming/" LEC "/1-1/v720.mp4"), STR("worle!"), 0644));
    assert_rc(store_generation_commit(&f->cx, f->s, &g, NULL, NULL), RC_CONFLICT);
    assert_ok(file_write(&f->cx, path(f, "incoming/" LEC "/1-1/v720.mp4"), STR("world!"), 0644));
    assert_ok(store_generation_commit(&f->cx, f->s, &g, NULL, NULL));
    assert_string_equal(content(f, "media/" LEC "/g1/CAM/v720.mp4"), "world!");

    /* The same number with other content: the first was never accepted by the core, so the second replaces
     * it. */
    cam.files = &hello_file;
    assert_ok(put(f, "incoming/" LEC "/1-1/v720.mp4", "hello", HELLO, &r));
    assert_ok(store_generation_commit(&f->cx, f->s, &g, NULL, NULL));
    assert_string_equal(content(f, "media/" LEC "/g1/CAM/v720.mp4"), "hello");

    g.base = 7;
    g.number = 8;
    assert_ok(put(f, "incoming/" LEC "/1-1/v720.mp4", "hello", HELLO, &r));
    assert_rc(store_generation_commit(&f->cx, f->s, &g, NULL, NULL), RC_NOTFOUND); /* no base */
    assert_false(exists(f, "media/" LEC "/g8"));
    assert_false(exists(f, "media/" LEC "/.g8-41")); /* nor half of it */

    struct store_file bad = {"../../../../etc/x", 5, HELLO};
    cam.files = &bad;
    assert_rc(store_generation_commit(&f->cx, f->s, &g, NULL, NULL), RC_INVALID);
    cam = (struct store_view){"cam", LEC "/1-1", &hello_file, 1};
    assert_rc(store_generation_commit(&f->cx, f->s, &g, NULL, NULL), RC_INVALID);
    cam = (struct store_view){"CAM", "lecture00002/1-1", &hello_file, 1};
    assert_rc(store_generation_commit(&f->cx, f->s, &g, NULL, NULL), RC_INVALID);
}

static void test_remove_shapes(void **state)
{
    struct fixture *f = *state;
    static const char *const bad[] = {"media",
                                      "incoming",
                                      "spool",
                                      "media/../spool",
                                      "/etc",
                                      "",
                                      "media/" LEC "/x1",
                                      "media/" LEC "/g1/CAM",
                                      "incoming/" LEC,
                                      "media/" LEC "/.g1-1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_rc(store_tree_remove(&f->cx, f->s, bad[i]), RC_INVALID);
    assert_ok(store_tree_remove(&f->cx, f->s, "media/" LEC));
}

static void test_tree_sweep(void **state)
{
    struct fixture *f = *state;
    bool r;
    int removed;
    assert_ok(put(f, "incoming/" LEC "/1-1/a", "hello", HELLO, &r));
    assert_ok(put(f, "incoming/" LEC "/2-1/a", "hello", HELLO, &r));
    age(f, "incoming/" LEC "/1-1/a");
    age(f, "incoming/" LEC "/1-1");
    age(f, "incoming/" LEC "/2-1"); /* its file is fresh */
    assert_ok(file_mkdirs(&f->cx, path(f, "media/" LEC "/.g2-9/CAM"), 0755));
    assert_ok(file_mkdirs(&f->cx, path(f, "media/" LEC "/g1/CAM"), 0755));
    age(f, "media/" LEC "/.g2-9/CAM");
    age(f, "media/" LEC "/.g2-9");
    age(f, "media/" LEC "/g1");
    assert_ok(store_tree_sweep(&f->cx, f->s, clock_now(), 86400000, &removed));
    assert_int_equal(removed, 2);
    assert_false(exists(f, "incoming/" LEC "/1-1"));
    assert_true(exists(f, "incoming/" LEC "/2-1/a"));
    assert_false(exists(f, "media/" LEC "/.g2-9"));
    assert_true(exists(f, "media/" LEC "/g1/CAM"));
}

static bool always(void *arg)
{
    (void)arg;
    return true;
}

static void test_hash(void **state)
{
    struct fixture *f = *state;
    char hex[STORE_SHA256_HEX];
    assert_ok(file_write(&f->cx, path(f, "media/x"), STR("hello"), 0600));
    int fd = open(path(f, "media/x"), O_RDONLY | O_CLOEXEC);
    assert_ok(store_hash(&f->cx, fd, NULL, NULL, hex));
    assert_string_equal(hex, HELLO);
    assert_rc(store_hash(&f->cx, fd, always, NULL, hex), RC_TIMEOUT);
    close(fd);
    struct store_space space;
    assert_ok(store_space(&f->cx, f->s, &space));
    assert_true(space.free > 0 && space.total >= space.free);
}

/* A worker beside the store learns whose it is, and whether it can link. */
static void test_node(void **state)
{
    struct fixture *f = *state;
    struct str text;
    int64_t node = 5;
    assert_rc(store_node_get(&f->cx, f->s, &node), RC_NOTFOUND);
    assert_ok(file_mkdirs(&f->cx, path(f, "beside"), 0700));
    assert_false(store_links_to(f->s, path(f, "beside")));
    assert_ok(store_node_set(&f->cx, f->s, 41));
    assert_ok(store_node_set(&f->cx, f->s, INT64_MAX));
    assert_ok(store_node_get(&f->cx, f->s, &node));
    assert_int_equal(node, INT64_MAX);
    for (int i = 0; i < 2; i++)
        assert_true(store_links_to(f->s, path(f, "beside")));
    assert_int_equal(rmdir(path(f, "beside")), 0); /* nothing is left there */
    assert_false(store_links_to(f->s, path(f, "beside")));
    assert_false(store_links_to(f->s, "/proc")); /* another file system */

    static const char *const wrong[] = {"", "0\n", "-1\n", "9223372036854775808\n",
                                        "1 of the numbers that are much too long to be one\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_ok(file_write(&f->cx, path(f, "node"), str_of(wrong[i]), 0644));
        assert_int_not_equal(store_node_get(&f->cx, f->s, &node), RC_OK);
        err_clear(&f->cx);
        assert_int_equal(node, INT64_MAX);
    }
    assert_ok(store_node_set(&f->cx, f->s, 41));
    assert_ok(file_read(&f->cx, path(f, "node"), 10, &text));
    assert_true(str_eq(text, "41\n"));
}

/* The hash computed while an upload arrives equals the one computed by reading it; if a part was missed there
 * is none. */
static void test_tally(void **state)
{
    struct fixture *f = *state;
    struct store_upload up;
    char hex[STORE_SHA256_HEX];
    int64_t size;
    int fd;
    assert_ok(store_upload_create(&f->cx, f->s, UP, 5, "x", &up));
    for (int whole = 0; whole < 2; whole++) {
        struct store_tally *t = store_tally_new();
        store_tally_add(t, "he", 2);
        if (whole)
            store_tally_add(t, "llo", 3);
        assert_int_equal(store_tally_length(t), whole ? 5 : 2);
        assert_ok(store_upload_open(&f->cx, f->s, UP, &up, &fd));
        if (!whole)
            assert_true(file_write_all(fd, "hel", 3));
        else
            assert_true(file_write_all(fd, "lo", 2));
        store_tally_note(t, fd);
        assert_int_equal(inner_hash_get(fd, hex), whole);
        assert_ok(store_upload_close(&f->cx, f->s, &up, fd));
    }
    assert_true(up.complete);
    assert_ok(
        store_source_hash(&f->cx, f->s, UP, always, NULL, hex, &size)); /* `always` would stop reading */
    assert_string_equal(hex, HELLO);
    store_tally_free(NULL);
}

/* A caller that asks while the last byte of an upload is written gets an answer at any moment: an upload that
 * seemed to be missing would be made again beside the complete one. */
struct asker {
    struct store *s;
    atomic_int at; /* the upload that is being completed; -1: over */
    int lost;
};

static const char *nth_id(char id[STORE_KEY_SIZE + 1], int i)
{
    snprintf(id, STORE_KEY_SIZE + 1, "upload%06u", (unsigned)i % 1000000);
    return id;
}

static void *ask_on(void *arg)
{
    struct asker *a = arg;
    struct store_upload up;
    struct cx cx;
    char id[STORE_KEY_SIZE + 1];
    cx_init(&cx);
    for (int i; (i = atomic_load(&a->at)) >= 0; cx_reset(&cx))
        a->lost += store_upload_stat(&cx, a->s, nth_id(id, i), &up) == RC_NOTFOUND;
    cx_fini(&cx);
    return NULL;
}

static void test_upload_asked_while_completed(void **state)
{
    struct fixture *f = *state;
    struct asker a = {.s = f->s};
    struct store_upload up;
    pthread_t thread;
    char id[STORE_KEY_SIZE + 1];
    int fd;
    enum { UPLOADS = 500 };
    for (int i = 0; i < UPLOADS; i++)
        assert_ok(store_upload_create(&f->cx, f->s, nth_id(id, i), 1, "", &up));
    assert_int_equal(pthread_create(&thread, NULL, ask_on, &a), 0);
    for (int i = 0; i < UPLOADS; i++) {
        atomic_store(&a.at, i);
        assert_ok(store_upload_open(&f->cx, f->s, nth_id(id, i), &up, &fd));
        assert_int_equal(write(fd, "x", 1), 1);
        enum rc rc = store_upload_close(&f->cx, f->s, &up, fd);
        assert_true(rc == RC_OK && up.complete);
    }
    atomic_store(&a.at, -1);
    pthread_join(thread, NULL);
    assert_int_equal(a.lost, 0);
}

/* A symbolic link in the store gives no access to files elsewhere. */
static void test_links(void **state)
{
    struct fixture *f = *state;
    bool r;
    int fd;
    int64_t size;
    assert_ok(put(f, "incoming/" LEC "/1-1/a.mp4", "hello", HELLO, &r));
    const char *real = path(f, "incoming/" LEC "/1-1/a.mp4");
    assert_int_equal(symlink(real, path(f, "incoming/" LEC "/1-1/link.mp4")), 0);
    assert_int_not_equal(store_object_open(&f->cx, f->s, "incoming/" LEC "/1-1/link.mp4", &fd, &size), RC_OK);
    assert_int_equal(symlink(real, path(f, "link")), 0);
    assert_int_not_equal(store_put_link(&f->cx, f->s, "incoming/" LEC "/2-1/a.mp4", path(f, "link"), HELLO),
                         RC_OK);
    assert_false(exists(f, "incoming/" LEC "/2-1/a.mp4"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_names),
        T(test_node),
        T(test_upload),
        T(test_upload_later),
        T(test_upload_seal),
        T(test_upload_wish),
        T(test_upload_discard),
        T(test_upload_bad),
        T(test_upload_sweep),
        T(test_put),
        T(test_generations),
        T(test_remove_shapes),
        T(test_generation_refusals),
        T(test_tree_sweep),
        T(test_hash),
        T(test_tally),
        T(test_upload_asked_while_completed),
        T(test_generation_synced),
        T(test_links),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
