/* lectern-store with any requests, one after the other (asked.h), a line "--" between them. Tokens are
 * replaced by letters ("u": an upload, "j": a job, others: refused), since fuzz_jwt tests them. Every answer
 * must be well-formed, and the store may contain only files that belong there. */
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgi-bin/store/store_app.h"
#include "lib/base/buf.h"
#include "lib/base/log.h"
#include "lib/os/file.h"
#include "tests/fuzz/drivers/asked.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { REQUESTS_MAX = 12, UPLOAD_MAX = 1000 };

static char root[] = "/tmp/fuzz_store.XXXXXX";
static struct conf conf = {.store_root = root,
                           .store_url = "https://s.example",
                           .store_max_upload = 2 * UPLOAD_MAX,
                           .store_max_form = UPLOAD_MAX};
static struct app app = {.conf = &conf, .origins = {"https://l.example", "https://core.example"}};
static struct buf answer;

/* Durability is not tested here. */
int fsync(int fd)
{
    return fd >= 0 ? 0 : -1;
}

int fdatasync(int fd)
{
    return fd >= 0 ? 0 : -1;
}

enum rc node_keys_verify(struct cx *cx, struct node_keys *k, int64_t now, struct str token,
                         struct jwt_claims *out)
{
    (void)k;
    (void)now;
    jwt_claims_init(out);
    if (str_eq(token, "u")) {
        out->up = "uuuuuuuuuuuu";
        out->max = UPLOAD_MAX;
        out->back = "https://l.example/back?a=b";
    } else if (str_eq(token, "j")) {
        out->job = 1;
        out->get[0] = "sources/uuuuuuuuuuuu";
        out->put = "artifacts/llllllllllll/1-1/";
    } else {
        return err_set(cx, RC_DENIED, NULL, "token_invalid", "another token");
    }
    return RC_OK;
}

/* A request in memory: `rq` is its first member. */
struct memory {
    struct fcgi_request rq;
    struct asked asked;
};

static const char *variable(const struct fcgi_request *rq, const char *name)
{
    return asked_header(&((const struct memory *)rq)->asked, name);
}

static size_t read_body(struct fcgi_request *rq, char *p, size_t n)
{
    return asked_take(&((struct memory *)rq)->asked, p, n);
}

static bool collect(struct fcgi_request *rq, const char *p, size_t n)
{
    (void)rq;
    buf_add(&answer, p, n);
    return true;
}

static void stop_body(struct fcgi_request *rq)
{
    ((struct memory *)rq)->asked.body.n = 0;
}

static void serve(struct str text)
{
    static const struct fcgi_kind kind = {variable, read_body, collect, stop_body};
    struct memory memory = {.rq.kind = &kind};
    struct rq rq = {.app = &app, .f = &memory.rq, .object = ""};
    cx_init(&rq.cx);
    asked_read(rq.cx.arena, text, &memory.asked);
    buf_clear(&answer);
    rq_serve(&rq);
    if (rq.status < 200 || rq.status > 599)
        abort();
    asked_body(buf_view(&answer));
    cx_fini(&rq.cx);
}

static int check_path(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return path[sizeof root - 1] == '\0' || store_is_path(str_of(path + sizeof root)) ? 0 : 1;
}

static void check_store(void)
{
    struct store_upload up;
    struct cx cx;
    cx_init(&cx);
    if (nftw(root, check_path, 8, FTW_PHYS) != 0)
        abort(); /* also a temporary file that was left */
    if (store_upload_stat(&cx, app.store, "uuuuuuuuuuuu", &up) == RC_OK &&
        (up.offset > (up.size < 0 ? UPLOAD_MAX : up.size) || up.size > UPLOAD_MAX ||
         up.complete != (up.offset == up.size)))
        abort();
    if (!LIST_EMPTY(&app.running))
        abort();
    for (size_t i = 0; i < TALLIES; i++) {
        store_tally_free(app.pending[i].tally);
        app.pending[i] = (struct pending){.id = ""};
    }
    cx_fini(&cx);
}

static void remove_root(void)
{
    struct cx cx;
    cx_init(&cx);
    if (file_remove_tree(&cx, root) != RC_OK)
        fprintf(stderr, "%s stays\n", root);
    cx_fini(&cx);
}

static void start(void)
{
    if (!mkdtemp(root))
        abort();
    atexit(remove_root);
    log_open("fuzz", "", LOG_LEVEL_COUNT);
    pthread_mutex_init(&app.lock, NULL);
    buf_init(&answer, 1 << 20);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    struct cx cx;
    if (!answer.max)
        start();
    cx_init(&cx);
    if ((access(root, F_OK) != 0 && mkdir(root, 0755) != 0) || store_open(&cx, root, &app.store) != RC_OK)
        abort();
    int before = dup(0);
    for (int i = 0; i < REQUESTS_MAX && text.n > 0; i++) {
        struct str request = text;
        const char *end = memmem(text.p, text.n, "\n--\n", 4);
        request.n = end ? (size_t)(end - text.p) : text.n;
        text = end ? (struct str){end + 4, text.n - request.n - 4} : STR("");
        serve(request);
    }
    check_store();
    close(before);
    int after = dup(0);
    if (after != before)
        abort(); /* a descriptor was left open */
    close(after);
    store_close(app.store);
    remove_root();
    cx_fini(&cx);
    return 0;
}
