/* beating_nodes join URL NODES <organisation-tokens >node-tokens
 * beating_nodes [-b BEATS] [-s SECONDS] beat URL <node-tokens
 *
 * Many nodes in one process, for measurements and tests: each has a connection of its own, as a machine has,
 * and keeps the pace that the core asks for. `join` makes NODES workers, by the organisation tokens in turn,
 * and prints their tokens, one a line. `beat` sends their heartbeats until SIGTERM or SIGINT, or until each
 * node was answered BEATS times, and prints one line of figures. The first ones come within SECONDS (2), as of
 * machines that were not started at once. They have free places for jobs, but little
 * disk, so that no recording of more than a few megabytes is given to them: they do no work, and a job that
 * they are given all the same is counted and returns to the queue when its lease ends. URL is
 * http://HOST:PORT. */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/cx.h"
#include "lib/base/mem.h"
#include "lib/base/rand.h"
#include "lib/base/str.h"
#include "lib/net/json.h"
#include "lib/wire/beat.h"

enum {
    NODES_MAX = 10000,
    BEATS_MAX = 1000000,
    SPREAD_S = 2,
    JOINS_AT_ONCE = 8,
    ANSWER_MAX = 4 * 1024 * 1024, /* bytes; as lib/net/http.h */
    TIMEOUT_S = 30,
    US = 1000000, /* microseconds of a second */
    OK = 200
};
#define MIB INT64_C(1048576)

struct fleet;

struct played {
    struct fleet *fleet;
    struct evhttp_connection *http;
    struct event *turn; /* the next heartbeat */
    char *token;        /* of the organisation, until it has joined; then its own */
    int64_t sent;       /* monotonic, microseconds */
    int answers;
};

struct fleet {
    struct event_base *base;
    char *host, *headers_host;
    int port;
    struct played *nodes;
    size_t count, next; /* next: the first that has not begun to join */
    int beats;          /* answers each of them wants; 0: no end */
    int spread;         /* seconds */
    size_t done;        /* nodes that have had them, or have joined */
    struct cx cx;       /* of the message that is written or read */

    int64_t begun;
    uint32_t *took; /* microseconds of each answer */
    size_t took_count, took_size;
    size_t errors, hurried, assigned; /* hurried: answers that ask for more than the usual pace */
};

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * US + t.tv_nsec / 1000;
}

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "beating_nodes: %s%s%s\n", what, *why ? ": " : "", why);
    exit(1);
}

/* --- requests --- */

static void send_message(struct played *p, const char *path, const char *bearer, json_t *message,
                         void (*answered)(struct evhttp_request *, void *))
{
    struct fleet *f = p->fleet;
    struct str body = js_text(&f->cx, message);
    struct evhttp_request *rq = evhttp_request_new(answered, p);
    struct evkeyvalq *headers = evhttp_request_get_output_headers(rq);
    evhttp_add_header(headers, "Host", f->headers_host);
    evhttp_add_header(headers, "Content-Type", "application/json");
    if (bearer)
        evhttp_add_header(headers, "Authorization", arena_printf(f->cx.arena, "Bearer %s", bearer));
    evbuffer_add(evhttp_request_get_output_buffer(rq), body.p, body.n);
    p->sent = now_us();
    if (evhttp_make_request(p->http, rq, EVHTTP_REQ_POST, path) != 0)
        fail("no request can be made", "");
    cx_reset(&f->cx);
}

/* The body of an answer; NULL if there is none, or another status than 200. */
static const json_t *answer_of(struct fleet *f, struct evhttp_request *rq)
{
    struct evbuffer *in;
    struct str text;
    const json_t *o;
    if (!rq || evhttp_request_get_response_code(rq) != OK)
        return NULL;
    in = evhttp_request_get_input_buffer(rq);
    text.n = evbuffer_get_length(in);
    text.p = text.n ? (const char *)evbuffer_pullup(in, -1) : "";
    return js_parse_object(&f->cx, text, ANSWER_MAX, &o) == RC_OK ? o : NULL;
}

/* --- join --- */

static void join_next(struct fleet *f);

static void joined(struct evhttp_request *rq, void *arg)
{
    struct played *p = arg;
    struct fleet *f = p->fleet;
    struct wire_welcome w;
    const json_t *o = answer_of(f, rq);
    if (!o || wire_welcome_read(&f->cx, o, &w) != RC_OK)
        fail("a node could not join",
             rq ? arena_printf(f->cx.arena, "status %d", evhttp_request_get_response_code(rq)) : "no answer");
    puts(w.token);
    cx_reset(&f->cx);
    if (++f->done == f->count)
        event_base_loopexit(f->base, NULL);
    join_next(f);
}

static void join_next(struct fleet *f)
{
    struct played *p;
    if (f->next == f->count)
        return;
    p = &f->nodes[f->next++];
    const struct wire_hello hello = {.token = p->token,
                                     .name = arena_printf(f->cx.arena, "beating-%zu", f->next),
                                     .roles = NODE_WORKER,
                                     .version = PACKAGE_VERSION,
                                     .url = "",
                                     .host = {4, 8192 * MIB}};
    send_message(p, "/api/v1/node/join", NULL, wire_hello_write(&f->cx, &hello), joined);
}

/* --- heartbeats --- */

static void beat(evutil_socket_t fd, short what, void *arg);

static void keep_time(struct fleet *f, int64_t us)
{
    if (f->took_count == f->took_size) {
        f->took_size = f->took_size ? f->took_size * 2 : 4096;
        f->took = mem_resize(f->took, f->took_size * sizeof *f->took);
    }
    f->took[f->took_count++] = us < UINT32_MAX ? (uint32_t)us : UINT32_MAX;
}

/* As lib/node: within a tenth of the pace. */
static void wait_turn(struct played *p, double every)
{
    int64_t us = (int64_t)(every * US);
    us = us * 9 / 10 + rand_below((uint32_t)(us / 5 + 1));
    struct timeval t = {us / US, us % US};
    event_add(p->turn, &t);
}

static void beaten(struct evhttp_request *rq, void *arg)
{
    struct played *p = arg;
    struct fleet *f = p->fleet;
    struct wire_answer a = {.every = WIRE_EVERY};
    const char *odd = NULL;
    const json_t *o = answer_of(f, rq);
    if (o && wire_answer_read(&f->cx, o, &a, &odd) == RC_OK) {
        keep_time(f, now_us() - p->sent);
        f->hurried += a.every < WIRE_EVERY;
        f->assigned += a.assign_count;
        p->answers++;
    } else {
        f->errors++;
        p->answers += f->beats > 0; /* who counts beats wants an end, too */
    }
    cx_reset(&f->cx);
    if (f->beats == 0 || p->answers < f->beats)
        wait_turn(p, a.every);
    else if (++f->done == f->count)
        event_base_loopexit(f->base, NULL);
}

static void beat(evutil_socket_t fd, short what, void *arg)
{
    struct played *p = arg;
    const struct wire_beat b = {.version = PACKAGE_VERSION,
                                .load = {.cpu = rand_below(50) / 1000.0,
                                         .memory_used = 1024 * MIB + rand_below(1024) * 1024,
                                         .memory_total = 8192 * MIB,
                                         .disk_free = 300 * MIB,
                                         .disk_total = 102400 * MIB,
                                         .uptime = now_us() / US},
                                .slots = {[LANE_QUICK] = 2, [LANE_ENCODE] = 1}};
    (void)fd;
    (void)what;
    send_message(p, "/api/v1/node/heartbeat", p->token, wire_beat_write(&p->fleet->cx, &b), beaten);
}

/* --- figures --- */

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static double percentile(const struct fleet *f, unsigned percent)
{
    return f->took_count ? f->took[(f->took_count - 1) * percent / 100] / 1000.0 : 0;
}

static void print_figures(struct fleet *f)
{
    double seconds = (double)(now_us() - f->begun) / US;
    size_t silent = 0;
    for (size_t i = 0; i < f->count; i++)
        silent += f->nodes[i].answers == 0;
    if (f->took_count)
        qsort(f->took, f->took_count, sizeof *f->took, by_size);
    printf("nodes %zu silent %zu beats %zu errors %zu hurried %zu assigned %zu rate %.1f p50 %.1f p99 %.1f\n",
           f->count, silent, f->took_count, f->errors, f->hurried, f->assigned,
           (double)f->took_count / seconds, percentile(f, 50), percentile(f, 99));
}

/* --- setting up --- */

static void stop(evutil_socket_t fd, short what, void *arg)
{
    struct fleet *f = arg;
    (void)fd;
    (void)what;
    event_base_loopexit(f->base, NULL);
}

static void set_address(struct fleet *f, const char *url)
{
    struct evhttp_uri *u = evhttp_uri_parse(url);
    const char *host = u ? evhttp_uri_get_host(u) : NULL;
    if (!host || !evhttp_uri_get_scheme(u) || strcmp(evhttp_uri_get_scheme(u), "http") != 0)
        fail(url, "is no http://HOST:PORT");
    f->port = evhttp_uri_get_port(u) > 0 ? evhttp_uri_get_port(u) : 80;
    f->host = mem_strdup(host);
    f->headers_host = mem_strdup(arena_printf(f->cx.arena, "%s:%d", host, f->port));
    evhttp_uri_free(u);
}

/* One token a line from standard input. */
static size_t read_tokens(char **tokens)
{
    char line[WIRE_TOKEN_MAX + 2];
    size_t n = 0;
    while (n < NODES_MAX && fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        if (*line)
            tokens[n++] = mem_strdup(line);
    }
    if (n == 0)
        fail("no tokens on standard input", "");
    return n;
}

static void make_nodes(struct fleet *f, size_t count, char *const *tokens, size_t n)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
            fail("the limit of open files", strerror(errno));
    }
    f->count = count;
    f->nodes = mem_array(count, sizeof *f->nodes);
    for (size_t i = 0; i < count; i++) {
        struct played *p = &f->nodes[i];
        p->fleet = f;
        p->token = tokens[i % n];
        p->http = evhttp_connection_base_new(f->base, NULL, f->host, (uint16_t)f->port);
        p->turn = evtimer_new(f->base, beat, p);
        if (!p->http || !p->turn)
            fail("libevent", "no memory");
        evhttp_connection_set_timeout(p->http, TIMEOUT_S);
    }
}

static void free_nodes(struct fleet *f, char *const *tokens, size_t n)
{
    for (size_t i = 0; i < f->count; i++) {
        event_free(f->nodes[i].turn);
        evhttp_connection_free(f->nodes[i].http);
    }
    for (size_t i = 0; i < n; i++)
        free(tokens[i]);
    free(f->nodes);
    free(f->took);
    free(f->host);
    free(f->headers_host);
}

static void play(struct fleet *f, bool join)
{
    struct event *term = evsignal_new(f->base, SIGTERM, stop, f);
    struct event *interrupt = evsignal_new(f->base, SIGINT, stop, f);
    event_add(term, NULL);
    event_add(interrupt, NULL);
    f->begun = now_us();
    for (size_t i = 0; join && i < JOINS_AT_ONCE; i++)
        join_next(f);
    for (size_t i = 0; !join && i < f->count; i++) {
        struct timeval first = {rand_below((uint32_t)f->spread), (suseconds_t)rand_below(US)};
        event_add(f->nodes[i].turn, &first);
    }
    event_base_dispatch(f->base);
    event_free(term);
    event_free(interrupt);
}

static int usage(void)
{
    fputs("usage: beating_nodes join URL NODES <organisation-tokens >node-tokens\n"
          "       beating_nodes [-b BEATS] [-s SECONDS] beat URL <node-tokens\n",
          stderr);
    return 2;
}

int main(int argc, char **argv)
{
    static char *tokens[NODES_MAX];
    struct fleet f = {0};
    int64_t beats = 0, spread = SPREAD_S, count = 0;
    int c;
    while ((c = getopt(argc, argv, "b:s:")) == 'b' || c == 's')
        if (!str_to_i64(str_of(optarg), 1, BEATS_MAX, c == 'b' ? &beats : &spread))
            return usage();
    argc -= optind;
    argv += optind;
    bool join = argc == 3 && strcmp(argv[0], "join") == 0;
    if (c != -1 || !(join || (argc == 2 && strcmp(argv[0], "beat") == 0)) ||
        (join && !str_to_i64(str_of(argv[2]), 1, NODES_MAX, &count)))
        return usage();
    cx_init(&f.cx);
    f.base = event_base_new();
    f.beats = (int)beats;
    f.spread = (int)spread;
    set_address(&f, argv[1]);
    size_t n = read_tokens(tokens);
    make_nodes(&f, join ? (size_t)count : n, tokens, n);
    play(&f, join);
    if (!join)
        print_figures(&f);
    bool complete = (!join && f.beats == 0) || f.done == f.count;
    free_nodes(&f, tokens, n);
    event_base_free(f.base);
    cx_fini(&f.cx);
    return complete ? 0 : 1;
}
