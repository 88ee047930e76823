#include "lib/base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_now(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t clock_mono(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

void clock_iso(int64_t ms, char out[CLOCK_ISO_SIZE])
{
    const int64_t last = 253402300799999; /* 9999-12-31T23:59:59.999Z */
    if (ms < 0)
        ms = 0;
    if (ms > last)
        ms = last;
    time_t sec = (time_t)(ms / 1000);
    struct tm tm;
    gmtime_r(&sec, &tm);
    size_t n = strftime(out, CLOCK_ISO_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + n, CLOCK_ISO_SIZE - n, ".%03dZ", (int)(ms % 1000));
}

bool clock_parse_iso(const char *s, int64_t *ms)
{
    struct tm tm = {0};
    int milli = 0;
    const char *rest = strptime(s, "%Y-%m-%dT%H:%M:%S", &tm);
    if (!rest)
        return false;
    if (*rest == '.') {
        for (int i = 1; i <= 3; i++) {
            if (rest[i] < '0' || rest[i] > '9')
                return false;
            milli = milli * 10 + (rest[i] - '0');
        }
        rest += 4;
    }
    if (strcmp(rest, "Z") != 0 || tm.tm_year < 70)
        return false;
    *ms = (int64_t)timegm(&tm) * 1000 + milli;
    return true;
}
