#include "lib/net/address.h"

#include <arpa/inet.h>

#include "lib/base/str.h"

const char *address_network(struct arena *a, const char *address)
{
    struct in6_addr in6;
    if (!address || inet_pton(AF_INET6, address, &in6) != 1 || IN6_IS_ADDR_V4MAPPED(&in6))
        return address ? address : "";
    return arena_printf(a, "%s/64", str_hex(a, &in6, sizeof in6 / 2));
}
