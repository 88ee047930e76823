#include "daemons/rtmpd/limits.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/wire/limits.h"

enum { MINUTE_MS = 60000 };

struct row {
    char network[WIRE_CLIENT_MAX + 1]; /* "": free */
    int64_t begun;
    int starts, wrong;
};

struct limits {
    int starts, wrong;
    struct row rows[LIMITS_ADDRESSES];
};

struct limits *limits_new(int starts, int wrong)
{
    struct limits *l = mem_alloc(sizeof *l);
    l->starts = starts;
    l->wrong = wrong;
    return l;
}

void limits_free(struct limits *l)
{
    free(l);
}

/* The row of that address in its present minute. */
static struct row *row_of(struct limits *l, const char *network, int64_t now)
{
    struct row *found = NULL, *oldest = &l->rows[0];
    for (int i = 0; i < LIMITS_ADDRESSES && !found; i++) {
        struct row *r = &l->rows[i];
        if (strncmp(r->network, network, WIRE_CLIENT_MAX) == 0)
            found = r;
        else if (r->network[0] == '\0' || (oldest->network[0] && r->begun < oldest->begun))
            oldest = r;
    }
    if (found && now - found->begun < MINUTE_MS)
        return found;
    if (!found)
        found = oldest;
    *found = (struct row){.begun = now};
    memcpy(found->network, network, strnlen(network, WIRE_CLIENT_MAX));
    return found;
}

bool limits_start(struct limits *l, const char *network, int64_t now)
{
    struct row *r = row_of(l, network, now);
    if (r->starts >= l->starts || r->wrong >= l->wrong)
        return false;
    r->starts++;
    return true;
}

void limits_wrong(struct limits *l, const char *network, int64_t now)
{
    row_of(l, network, now)->wrong++;
}
