#include "daemons/rtmpd/ask.h"

#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/base/mem.h"

enum { THREADS = 8 };

struct ask {
    struct ask *next;
    ask_answered *answered; /* NULL: forgotten, or a stop; the loop's */
    void *arg;
    atomic_bool forgotten; /* start: it need not be asked any more */
    bool stop;
    char *token; /* start */
    char from[WIRE_CLIENT_MAX + 1];
    enum view_kind view;
    int64_t avoid[WIRE_AVOID_MAX];
    size_t avoid_n;
    char session[WIRE_KEY_LENGTH + 1];
    enum live_end why; /* stop */
    struct ask_answer answer;
};

struct asker {
    struct core core;
    pthread_t threads[THREADS];
    struct event *news; /* done has something */
    int news_fd;

    pthread_mutex_t lock; /* what follows */
    pthread_cond_t work;
    struct ask *queue, **queue_end, *done;
    bool stopping, away; /* away: the last call had no answer */
};

static void copy(char *to, size_t size, const char *from)
{
    size_t n = strnlen(from, size - 1);
    memcpy(to, from, n);
    to[n] = '\0';
}

static void ask_free(struct ask *a)
{
    if (a->token) {
        mem_wipe(a->token, strlen(a->token));
        free(a->token);
    }
    mem_wipe(a->answer.ticket, sizeof a->answer.ticket);
    free(a);
}

/* --- calls, in the threads --- */

/* "host:port", the host of IPv6 in brackets. */
static void resolve(struct cx *cx, struct ask_answer *a)
{
    const struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *list = NULL;
    char *host = arena_strdup(cx->arena, a->address), *port = strrchr(host, ':');
    if (!port)
        return;
    *port++ = '\0';
    size_t n = strlen(host);
    if (n > 2 && host[0] == '[' && host[n - 1] == ']') {
        host[n - 1] = '\0';
        host++;
    }
    if (getaddrinfo(host, port, &hints, &list) != 0)
        return;
    memcpy(&a->to, list->ai_addr, list->ai_addrlen);
    a->to_n = list->ai_addrlen;
    freeaddrinfo(list);
}

static void keep(struct cx *cx, struct ask_answer *to, const struct wire_live_answer *w)
{
    to->refused = w->refused;
    to->fence = w->fence;
    to->node = w->node;
    copy(to->text, sizeof to->text, w->text);
    copy(to->session, sizeof to->session, w->session);
    copy(to->address, sizeof to->address, w->address);
    copy(to->ticket, sizeof to->ticket, w->ticket);
    if (w->refused == LIVE_REFUSAL_COUNT)
        resolve(cx, to);
}

static enum rc call_start(struct cx *cx, struct asker *k, struct http *http, struct ask *a)
{
    const struct wire_live_start q = {.token = a->token,
                                      .from = a->from,
                                      .view = a->view,
                                      .session = a->session,
                                      .avoid = a->avoid,
                                      .avoid_count = a->avoid_n};
    struct wire_live_answer w;
    const json_t *o;
    enum rc rc = core_ask(cx, &k->core, http, "/api/v1/live/start", wire_live_start_write(cx, &q), &o);
    if (rc == RC_OK)
        rc = wire_live_answer_read(cx, o, &w);
    if (rc == RC_OK)
        keep(cx, &a->answer, &w);
    return rc;
}

static enum rc call_stop(struct cx *cx, struct asker *k, struct http *http, const struct ask *a)
{
    const struct wire_live_stop s = {.session = a->session, .why = a->why};
    const json_t *o;
    return core_ask(cx, &k->core, http, "/api/v1/live/stop", wire_live_stop_write(cx, &s), &o);
}

/* --- threads --- */

/* Waits for work. NULL: the program ends. */
static struct ask *take(struct asker *k)
{
    struct ask *a;
    pthread_mutex_lock(&k->lock);
    while (!k->queue && !k->stopping)
        pthread_cond_wait(&k->work, &k->lock);
    a = k->stopping && k->away ? NULL : k->queue;
    if (a) {
        k->queue = a->next;
        if (!k->queue)
            k->queue_end = &k->queue;
    }
    pthread_mutex_unlock(&k->lock);
    return a;
}

/* called: the core was asked; else that says nothing about it. */
static void give(struct asker *k, struct ask *a, bool called)
{
    const uint64_t one = 1;
    pthread_mutex_lock(&k->lock);
    if (called)
        k->away = a->answer.rc != RC_OK;
    a->next = k->done;
    k->done = a;
    pthread_mutex_unlock(&k->lock);
    if (write(k->news_fd, &one, sizeof one) != (ssize_t)sizeof one)
        bug("an eventfd that takes nothing");
}

/* False: nobody waits for the answer any more, and a session that was made for it would only stand in the way. */
static bool call(struct cx *cx, struct asker *k, struct http *http, struct ask *a)
{
    if (a->forgotten) {
        a->answer.rc = RC_CONFLICT;
        return false;
    }
    a->answer.rc = a->stop ? call_stop(cx, k, http, a) : call_start(cx, k, http, a);
    if (a->answer.rc != RC_OK)
        log_err(LOG_WARN, cx, a->stop ? "the core was not told of an end" : "the core did not answer");
    return true;
}

static void *work(void *arg)
{
    struct asker *k = arg;
    struct http *http = http_new(k->core.ca_file);
    struct ask *a;
    struct cx cx;
    cx_init(&cx);
    while ((a = take(k))) {
        bool called = call(&cx, k, http, a);
        cx_reset(&cx);
        give(k, a, called);
    }
    cx_fini(&cx);
    http_free(http);
    return NULL;
}

/* --- the loop's side --- */

static void put(struct asker *k, struct ask *a)
{
    pthread_mutex_lock(&k->lock);
    *k->queue_end = a;
    k->queue_end = &a->next;
    pthread_cond_signal(&k->work);
    pthread_mutex_unlock(&k->lock);
}

static void settle(struct asker *k, struct ask *a)
{
    bool began = !a->stop && a->answer.rc == RC_OK && a->answer.refused == LIVE_REFUSAL_COUNT;
    if (a->answered)
        a->answered(a->arg, &a->answer);
    else if (began)
        ask_stop(k, a->answer.session, LIVE_END_LOST);
    ask_free(a);
}

static void on_news(evutil_socket_t fd, short what, void *arg)
{
    struct asker *k = arg;
    uint64_t count;
    (void)what;
    if (read(fd, &count, sizeof count) < 0)
        return;
    pthread_mutex_lock(&k->lock);
    struct ask *a = k->done, *next;
    k->done = NULL;
    pthread_mutex_unlock(&k->lock);
    for (; a; a = next) {
        next = a->next;
        settle(k, a);
    }
}

struct ask *ask_start(struct asker *k, const struct wire_live_start *q, ask_answered *answered, void *arg)
{
    struct ask *a = mem_alloc(sizeof *a);
    a->answered = answered;
    a->arg = arg;
    a->token = mem_strdup(q->token);
    a->view = q->view;
    a->avoid_n = q->avoid_count < WIRE_AVOID_MAX ? q->avoid_count : WIRE_AVOID_MAX;
    memcpy(a->avoid, q->avoid, a->avoid_n * sizeof *a->avoid);
    copy(a->from, sizeof a->from, q->from);
    copy(a->session, sizeof a->session, q->session);
    put(k, a);
    return a;
}

void ask_forget(struct ask *a)
{
    a->answered = NULL;
    a->forgotten = true;
}

void ask_stop(struct asker *k, const char *session, enum live_end why)
{
    struct ask *a = mem_alloc(sizeof *a);
    a->stop = true;
    a->why = why;
    copy(a->session, sizeof a->session, session);
    put(k, a);
}

/* --- life --- */

struct asker *asker_new(struct event_base *base, const struct core *core)
{
    struct asker *k = mem_alloc(sizeof *k);
    k->core = *core;
    k->queue_end = &k->queue;
    pthread_mutex_init(&k->lock, NULL);
    pthread_cond_init(&k->work, NULL);
    k->news_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    k->news = event_new(base, k->news_fd, EV_READ | EV_PERSIST, on_news, k);
    if (k->news_fd < 0 || !k->news || event_add(k->news, NULL) != 0)
        bug("no eventfd");
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&k->threads[i], NULL, work, k) != 0)
            bug("cannot start a thread");
    return k;
}

static void free_list(struct ask *a)
{
    for (struct ask *next; a; a = next) {
        next = a->next;
        ask_free(a);
    }
}

void asker_free(struct asker *k)
{
    if (!k)
        return;
    pthread_mutex_lock(&k->lock);
    k->stopping = true;
    k->away = false;
    pthread_cond_broadcast(&k->work);
    pthread_mutex_unlock(&k->lock);
    for (int i = 0; i < THREADS; i++)
        pthread_join(k->threads[i], NULL);
    free_list(k->queue);
    free_list(k->done);
    event_free(k->news);
    close(k->news_fd);
    pthread_cond_destroy(&k->work);
    pthread_mutex_destroy(&k->lock);
    free(k);
}
