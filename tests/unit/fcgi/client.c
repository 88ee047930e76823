#include "tests/unit/fcgi/client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    BEGIN = 1,
    END = 3,
    PARAMS = 4,
    STDIN = 5,
    STDOUT = 6,
    HEAD = 8,
    RECORD_MAX = 60000,
    ANSWER_MAX = 1 << 20
};

static void put(int fd, const void *p, size_t n)
{
    const char *from = p;
    for (ssize_t r; n > 0 && (r = send(fd, from, n, MSG_NOSIGNAL)) > 0; n -= (size_t)r)
        from += r;
}

static void put_record(int fd, int type, const void *p, size_t n)
{
    unsigned char head[HEAD] = {1, (unsigned char)type, 0, 1, (unsigned char)(n >> 8), (unsigned char)n, 0,
                                0};
    put(fd, head, sizeof head);
    put(fd, p, n);
}

static void add_param(struct buf *b, const char *name, const char *value)
{
    char sizes[2] = {(char)strlen(name), (char)strlen(value)}; /* below 128 */
    buf_add(b, sizes, sizeof sizes);
    buf_str(b, name);
    buf_str(b, value);
}

int client_begin(const char *path, const char *query)
{
    static const unsigned char responder[8] = {0, 1};
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    struct buf params;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    if (connect(fd, (const struct sockaddr *)&at, sizeof at) != 0) {
        close(fd);
        return -1;
    }
    buf_init(&params, RECORD_MAX);
    add_param(&params, "REQUEST_METHOD", "POST");
    add_param(&params, "QUERY_STRING", query);
    put_record(fd, BEGIN, responder, sizeof responder);
    put_record(fd, PARAMS, params.p, params.n);
    put_record(fd, PARAMS, "", 0);
    buf_fini(&params);
    return fd;
}

void client_send(int fd, const void *p, size_t n)
{
    for (size_t one; n > 0; n -= one, p = (const char *)p + one) {
        one = n < RECORD_MAX ? n : RECORD_MAX;
        put_record(fd, STDIN, p, one);
    }
}

void client_finish(int fd)
{
    put_record(fd, STDIN, "", 0);
}

static bool take(int fd, void *p, size_t n)
{
    char *to = p;
    for (ssize_t r; n > 0; n -= (size_t)r, to += r)
        if ((r = read(fd, to, n)) <= 0)
            return false;
    return true;
}

/* One record; its type, 0 at the end. What is written to standard output goes into `out`. */
static int take_record(int fd, struct buf *out)
{
    unsigned char head[HEAD];
    char content[65535 + 255];
    if (!take(fd, head, sizeof head))
        return 0;
    size_t n = (size_t)head[4] << 8 | head[5];
    if (!take(fd, content, n + head[6]))
        return 0;
    if (head[1] == STDOUT)
        buf_add(out, content, n);
    return head[1];
}

bool client_answer(int fd, struct buf *out)
{
    int type;
    while ((type = take_record(fd, out)) != 0 && type != END)
        ;
    close(fd);
    const char *body = out->n > 0 ? strstr(out->p, "\r\n\r\n") : NULL;
    if (type != END || !body)
        return false;
    size_t head = (size_t)(body + 4 - out->p);
    memmove(out->p, body + 4, out->n - head + 1);
    out->n -= head;
    return true;
}

const char *client_ask(const char *path, const char *query, struct str body)
{
    static struct buf out;
    int fd = client_begin(path, query);
    buf_fini(&out);
    buf_init(&out, ANSWER_MAX);
    if (fd < 0)
        return "";
    client_send(fd, body.p, body.n);
    client_finish(fd);
    return client_answer(fd, &out) && out.n > 0 ? out.p : "";
}
