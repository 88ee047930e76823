/* A file of the tz database with any bytes, and any rule: what is accepted gives a wall clock within a day of UTC at every
 * moment, and a moment whose wall clock is the one asked for or, where there is none, a later one. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/zone.h"
#include "lib/base/zone_rule.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int64_t DAY_S = 24 * 3600;

static void check_zone(const struct zone *z, int64_t s)
{
    struct wall w = zone_wall(z, s * 1000);
    int64_t local = wall_day(&w) * DAY_S + w.hour * 3600 + w.minute * 60 + w.second;
    if (local - s >= DAY_S || s - local >= DAY_S)
        abort();
    int64_t back = zone_utc(z, &w);
    if (back - s * 1000 > 3 * DAY_S * 1000 || s * 1000 - back > 3 * DAY_S * 1000)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new();
    const struct zone *z;
    struct zone_rule rule;
    struct str text = {(const char *)data, size};
    if (zone_parse(a, "any", text, &z))
        for (int64_t s = INT64_C(-3000000000); s < INT64_C(5000000000); s += 98765432)
            check_zone(z, s);
    if (zone_rule_parse(text, &rule))
        for (int64_t s = INT64_C(-3000000000); s < INT64_C(5000000000); s += 98765432) {
            int64_t offset = zone_rule_offset(&rule, s);
            if (offset != rule.standard && offset != rule.summer)
                abort();
        }
    arena_free(a);
    return 0;
}
