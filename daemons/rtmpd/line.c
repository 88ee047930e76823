#include "daemons/rtmpd/line.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/base/rc.h"

enum {
    LINGER_S = 3,
    FINISHING_MAX = 256,   /* accepted lines that finish at a time */
    READ_MAX = 64 << 10,   /* bytes read at once, so that no peer has the loop for itself */
    WRITE_MAX = 256 << 10, /* bytes written at once: a keyframe */
    PIECE_MAX = 4096, /* bytes given to the owner at once: what it answers to them fits into RTMP_OUT_MAX */
    COPY_MAX = 1024   /* bytes of a message below which a copy costs less than a reference */
};

enum line_state {
    LINE_DIALLING,
    LINE_OPEN,
    LINE_BROKEN,    /* the owner is to be told, or was told */
    LINE_FINISHING, /* without an owner: sends what waits */
    LINE_DEAD       /* without an owner: to be freed */
};

struct line {
    struct line_setup setup;
    struct bufferevent *io;
    struct event *later; /* whatever must not happen within a call of the owner, or of libevent */
    enum line_state state;
    const char *why; /* broken */
    bool choked, told, shut;
    bool accepted, counted; /* counted: in the_finishing */
};

static int the_finishing; /* accepted lines that finish; no owner counts them any more */

static struct evbuffer *output(const struct line *l)
{
    return bufferevent_get_output(l->io);
}

static void break_off(struct line *l, const char *why)
{
    if (l->state != LINE_OPEN && l->state != LINE_DIALLING)
        return;
    l->state = LINE_BROKEN;
    l->why = why;
    bufferevent_disable(l->io, EV_READ | EV_WRITE);
    event_active(l->later, EV_TIMEOUT, 0);
}

static void on_later(evutil_socket_t fd, short what, void *arg)
{
    struct line *l = arg;
    (void)fd;
    (void)what;
    if (l->state == LINE_BROKEN && !l->told) {
        l->told = true;
        l->setup.hooks->gone(l->setup.arg, l->why, l->choked);
    } else if (l->state == LINE_FINISHING || l->state == LINE_DEAD) {
        the_finishing -= l->counted;
        bufferevent_free(l->io);
        event_free(l->later);
        free(l);
    }
}

/* --- what libevent says --- */

static void hand_over(struct line *l)
{
    struct evbuffer *in = bufferevent_get_input(l->io);
    struct evbuffer_iovec piece;
    while (l->state == LINE_OPEN && evbuffer_get_length(in) > 0 &&
           evbuffer_peek(in, -1, NULL, &piece, 1) > 0) {
        size_t n = piece.iov_len < PIECE_MAX ? piece.iov_len : PIECE_MAX;
        l->setup.hooks->bytes(l->setup.arg, (struct str){piece.iov_base, n});
        evbuffer_drain(in, n);
        line_flush(l);
    }
}

static void on_read(struct bufferevent *io, void *arg)
{
    struct line *l = arg;
    if (l->state == LINE_OPEN)
        hand_over(l);
    else
        evbuffer_drain(bufferevent_get_input(io), evbuffer_get_length(bufferevent_get_input(io)));
}

/* Nothing waits to be sent. Closing now, with bytes of the peer unread, would reset the connection, and the peer
 * would lose what it has not read. */
static void on_written(struct bufferevent *io, void *arg)
{
    struct line *l = arg;
    if (l->state != LINE_FINISHING || l->shut)
        return;
    l->shut = true;
    shutdown(bufferevent_getfd(io), SHUT_WR);
}

static void on_event(struct bufferevent *io, short what, void *arg)
{
    struct line *l = arg;
    (void)io;
    if (what & BEV_EVENT_CONNECTED) {
        if (l->state != LINE_DIALLING)
            return; /* TLS begins */
        l->state = LINE_OPEN;
        if (l->setup.hooks->open)
            l->setup.hooks->open(l->setup.arg);
        line_flush(l);
    } else if (l->state == LINE_FINISHING) {
        line_free(l);
    } else {
        break_off(l, what & BEV_EVENT_EOF ? "the peer closed the connection" : "the connection broke");
    }
}

/* --- life --- */

static struct line *line_new(const struct line_setup *setup, struct bufferevent *io, enum line_state state)
{
    struct line *l = mem_alloc(sizeof *l);
    l->setup = *setup;
    l->io = io;
    l->state = state;
    l->later = event_new(setup->base, -1, 0, on_later, l);
    if (!l->later)
        bug("no memory for an event");
    bufferevent_setcb(io, on_read, on_written, on_event, l);
    bufferevent_set_max_single_read(io, READ_MAX);
    bufferevent_set_max_single_write(io, WRITE_MAX);
    bufferevent_enable(io, EV_READ | EV_WRITE);
    return l;
}

static void set_no_delay(evutil_socket_t fd)
{
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* without it, it is only slower */
}

struct line *line_accept(const struct line_setup *setup, evutil_socket_t fd, SSL_CTX *tls)
{
    SSL *ssl = tls ? SSL_new(tls) : NULL;
    struct bufferevent *io = NULL;
    set_no_delay(fd);
    if (ssl)
        io = bufferevent_openssl_socket_new(setup->base, fd, ssl, BUFFEREVENT_SSL_ACCEPTING,
                                            BEV_OPT_CLOSE_ON_FREE);
    else if (!tls)
        io = bufferevent_socket_new(setup->base, fd, BEV_OPT_CLOSE_ON_FREE);
    if (!io) {
        SSL_free(ssl);
        close(fd);
        return NULL;
    }
    struct line *l = line_new(setup, io, LINE_OPEN);
    l->accepted = true;
    return l;
}

struct line *line_dial(const struct line_setup *setup, const struct sockaddr *to, socklen_t to_n)
{
    struct bufferevent *io = bufferevent_socket_new(setup->base, -1, BEV_OPT_CLOSE_ON_FREE);
    if (!io)
        return NULL;
    struct line *l = line_new(setup, io, LINE_DIALLING);
    if (bufferevent_socket_connect(io, to, (int)to_n) != 0) {
        line_free(l);
        return NULL;
    }
    evutil_make_socket_closeonexec(bufferevent_getfd(io));
    set_no_delay(bufferevent_getfd(io));
    return l;
}

void line_free(struct line *l)
{
    if (!l)
        return;
    l->state = LINE_DEAD;
    bufferevent_disable(l->io, EV_READ | EV_WRITE);
    event_active(l->later, EV_TIMEOUT, 0);
}

void line_finish(struct line *l)
{
    const struct timeval linger = {LINGER_S, 0};
    if (l)
        line_flush(l);
    if (!l || l->state != LINE_OPEN || (l->accepted && the_finishing >= FINISHING_MAX)) {
        line_free(l);
        return;
    }
    l->state = LINE_FINISHING;
    l->counted = l->accepted;
    the_finishing += l->counted;
    event_add(l->later, &linger);
    if (evbuffer_get_length(output(l)) == 0)
        on_written(l->io, l);
}

/* --- sending --- */

static void check_queue(struct line *l, bool failed)
{
    l->choked = evbuffer_get_length(output(l)) > l->setup.queue_max;
    if (failed || l->choked)
        break_off(l, failed ? "no memory to send" : "the peer does not read");
}

void line_flush(struct line *l)
{
    struct buf *out = l->setup.link ? &l->setup.link->out : NULL;
    if (l->state != LINE_OPEN || out->n == 0)
        return;
    bool failed = evbuffer_add(output(l), out->p, out->n) != 0;
    buf_clear(out);
    check_queue(l, failed);
}

static void give_back(const void *p, size_t n, void *message)
{
    (void)p;
    (void)n;
    rtmp_message_unref(message);
}

static bool add_slice(struct evbuffer *out, struct rtmp_message *m, size_t at, size_t n)
{
    if (n < COPY_MAX)
        return evbuffer_add(out, m->bytes + at, n) == 0;
    if (evbuffer_add_reference(out, m->bytes + at, n, give_back, rtmp_message_ref(m)) == 0)
        return true;
    rtmp_message_unref(m);
    return false;
}

void line_send(struct line *l, const struct rtmp_frame *f, struct rtmp_message *m)
{
    line_flush(l);
    if (l->state != LINE_OPEN)
        return;
    struct evbuffer *out = output(l);
    bool good = evbuffer_add(out, f->head, f->head_n) == 0;
    for (size_t at = 0; good && at < m->n; at += f->slice) {
        size_t n = m->n - at < f->slice ? m->n - at : f->slice;
        good = at == 0 || evbuffer_add(out, f->next, f->next_n) == 0;
        good = good && add_slice(out, m, at, n);
    }
    check_queue(l, !good);
}
