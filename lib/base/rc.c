#include "lib/base/rc.h"

#include <stdio.h>
#include <stdlib.h>

const char *rc_name(enum rc rc)
{
    static const char *const names[RC_COUNT] = {"ok",     "invalid", "denied",  "notfound", "conflict",
                                                "toobig", "timeout", "unavail", "internal"};
    if (rc < 0 || rc >= RC_COUNT)
        return "?";
    return names[rc];
}

_Noreturn void bug_at(const char *file, int line, const char *text)
{
    fprintf(stderr, "{\"level\":\"fatal\",\"msg\":\"bug\",\"at\":\"%s:%d\",\"text\":\"%s\"}\n", file, line,
            text);
    abort();
}
