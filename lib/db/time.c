/* Times: DATETIME(3) in UTC on the server, ms since 1970 here. */
#include "lib/db/db.h"

#include <time.h>

#include "lib/db/db_impl.h"

void db_time_from_ms(int64_t ms, MYSQL_TIME *out)
{
    int64_t rest = ms % 1000;
    time_t s = (time_t)(ms / 1000);
    if (rest < 0) {
        rest += 1000;
        s--;
    }
    struct tm tm;
    if (!gmtime_r(&s, &tm))
        bug("time out of range");
    *out = (MYSQL_TIME){.year = (unsigned)(tm.tm_year + 1900),
                        .month = (unsigned)(tm.tm_mon + 1),
                        .day = (unsigned)tm.tm_mday,
                        .hour = (unsigned)tm.tm_hour,
                        .minute = (unsigned)tm.tm_min,
                        .second = (unsigned)tm.tm_sec,
                        .second_part = (unsigned long)rest * 1000,
                        .time_type = MYSQL_TIMESTAMP_DATETIME};
}

int64_t db_time_to_ms(const MYSQL_TIME *t)
{
    struct tm tm = {.tm_year = (int)t->year - 1900,
                    .tm_mon = (int)t->month - 1,
                    .tm_mday = (int)t->day,
                    .tm_hour = (int)t->hour,
                    .tm_min = (int)t->minute,
                    .tm_sec = (int)t->second};
    return (int64_t)timegm(&tm) * 1000 + (int64_t)(t->second_part / 1000);
}
