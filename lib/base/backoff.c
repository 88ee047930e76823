#include "lib/base/backoff.h"

#include "lib/base/rand.h"

int64_t backoff_ms(int tries, int64_t first, int64_t max)
{
    int64_t ms = first;
    for (int i = 1; i < tries && ms < max; i++)
        ms *= 2;
    if (ms > max)
        ms = max;
    return ms / 2 + (int64_t)rand_below((uint32_t)ms + 1);
}
