#include "daemons/rtmpd/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <string.h>

#include "lib/base/log.h"

enum { BACKLOG = 1024 };

static void on_error(struct evconnlistener *l, void *arg)
{
    (void)arg;
    evconnlistener_disable(l);
    LOG(ERROR, NULL, "no connections are accepted for a moment", F_TEXT("reason", strerror(errno)));
}

enum rc listen_on(struct cx *cx, struct event_base *base, const char *address, evconnlistener_cb taken,
                  void *arg, struct evconnlistener **out)
{
    struct sockaddr_storage at;
    int n = sizeof at;
    if (evutil_parse_sockaddr_port(address, (struct sockaddr *)&at, &n) != 0)
        return err_set(cx, RC_INVALID, NULL, NULL, "%s is not ADDRESS:PORT", address);
    *out = evconnlistener_new_bind(base, taken, arg,
                                   LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, BACKLOG,
                                   (const struct sockaddr *)&at, n);
    if (!*out)
        return err_set(cx, RC_UNAVAIL, NULL, NULL, "cannot listen on %s: %s", address, strerror(errno));
    evconnlistener_set_error_cb(*out, on_error);
    return RC_OK;
}

void listen_peer(const struct sockaddr *from, char out[LISTEN_ADDRESS])
{
    struct in6_addr v6;
    struct in_addr v4;
    const char *text = NULL;
    if (from->sa_family == AF_INET) {
        v4 = ((const struct sockaddr_in *)(const void *)from)->sin_addr;
        text = evutil_inet_ntop(AF_INET, &v4, out, LISTEN_ADDRESS);
    } else if (from->sa_family == AF_INET6) {
        v6 = ((const struct sockaddr_in6 *)(const void *)from)->sin6_addr;
        memcpy(&v4, v6.s6_addr + sizeof v6 - sizeof v4, sizeof v4);
        text = IN6_IS_ADDR_V4MAPPED(&v6) ? evutil_inet_ntop(AF_INET, &v4, out, LISTEN_ADDRESS)
                                         : evutil_inet_ntop(AF_INET6, &v6, out, LISTEN_ADDRESS);
    }
    if (!text)
        memcpy(out, "?", sizeof "?");
}
