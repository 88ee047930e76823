/* Addresses of clients as the web server reports them. */
#ifndef LIB_NET_ADDRESS_H
#define LIB_NET_ADDRESS_H

#include "lib/base/arena.h"

/* What one client is taken for: an IPv4 address as it is, of an IPv6 address its /64, since whoever has one
 * address of it has all. "" for NULL; any other text is its own network. In the arena, or the argument. */
const char *address_network(struct arena *a, const char *address);

#endif
