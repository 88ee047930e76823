#include "lib/base/zone.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/zone_rule.h"

#define ZONE_DIR "/usr/share/zoneinfo/"

enum {
    FILE_MAX = 64 * 1024,
    HEADER = 44, /* bytes, RFC 8536 section 3.1 */
    TYPE = 6,    /* bytes of a local time type record: offset, isdst, name */
    DAY_S = 24 * 3600
};

/* 0001-01-02 to 9999-12-30: within a day of them no field leaves its range, whatever the offset. */
static const int64_t FIRST_S = INT64_C(-62135510400), LAST_S = INT64_C(253402214400);

/* The tables of the file, as they stand there. */
struct zone {
    const char *name;
    size_t time_count, type_count;
    const unsigned char *times; /* when the offset changes, 8 bytes each, ascending */
    const unsigned char *index; /* the type from then on, 1 byte each */
    const unsigned char *types;
    bool has_rule; /* for the time behind the last of them */
    struct zone_rule rule;
};

/* --- the file --- */

static uint32_t be32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t be64(const unsigned char *p)
{
    return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

/* Counts of a header, in its order. */
enum { ISUT, ISSTD, LEAP, TIMES, TYPES, CHARS, COUNTS };

/* Reads the header at the beginning of *rest and cuts header and data off; *data is where the data begins. */
static bool cut_block(struct str *rest, size_t time_size, uint32_t n[COUNTS], const unsigned char **data)
{
    if (rest->n < HEADER || memcmp(rest->p, "TZif", 4) != 0 || rest->p[4] < '2')
        return false;
    for (size_t i = 0; i < COUNTS; i++) {
        n[i] = be32((const unsigned char *)rest->p + 20 + 4 * i);
        if (n[i] > FILE_MAX)
            return false;
    }
    size_t size = n[TIMES] * (time_size + 1) + n[TYPES] * (size_t)TYPE + n[CHARS] +
                  n[LEAP] * (time_size + 4) + n[ISSTD] + n[ISUT];
    if (rest->n - HEADER < size)
        return false;
    *data = (const unsigned char *)rest->p + HEADER;
    rest->p += HEADER + size;
    rest->n -= HEADER + size;
    return true;
}

static bool take_tables(struct zone *z, const uint32_t n[COUNTS], const unsigned char *data)
{
    z->time_count = n[TIMES];
    z->type_count = n[TYPES];
    z->times = data;
    z->index = z->times + 8 * z->time_count;
    z->types = z->index + z->time_count;
    for (size_t i = 0; i < z->time_count; i++)
        if (z->index[i] >= z->type_count)
            return false;
    for (size_t i = 0; i < z->type_count; i++) {
        int32_t offset = (int32_t)be32(z->types + TYPE * i);
        if (offset <= -DAY_S || offset >= DAY_S)
            return false;
    }
    return z->type_count > 0;
}

/* The block of version 1 has times of 32 bits only and is skipped; the footer is a rule between line breaks. */
bool zone_parse(struct arena *a, const char *name, struct str tzif, const struct zone **out)
{
    struct zone *z = arena_alloc(a, sizeof *z);
    uint32_t n[COUNTS];
    const unsigned char *data;
    if (!cut_block(&tzif, 4, n, &data) || !cut_block(&tzif, 8, n, &data) || !take_tables(z, n, data))
        return false;
    if (tzif.n < 2 || tzif.p[0] != '\n')
        return false;
    tzif.p++;
    tzif.n--;
    struct str rule = str_cut(&tzif, '\n');
    z->has_rule = rule.n > 0;
    if (z->has_rule && !zone_rule_parse(rule, &z->rule))
        return false;
    z->name = arena_strdup(a, name);
    *out = z;
    return true;
}

static bool is_name(const char *name)
{
    size_t n = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/");
    return n > 0 && n <= ZONE_NAME_MAX && name[n] == '\0' && name[0] != '/';
}

bool zone_open(struct arena *a, const char *name, const struct zone **out)
{
    char path[sizeof ZONE_DIR + ZONE_NAME_MAX], bytes[FILE_MAX];
    if (!is_name(name))
        return false;
    snprintf(path, sizeof path, "%s%s", ZONE_DIR, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, bytes, sizeof bytes);
    close(fd);
    if (n <= 0 || (size_t)n == sizeof bytes)
        return false;
    return zone_parse(a, name, (struct str){str_dup(a, (struct str){bytes, (size_t)n}), (size_t)n}, out);
}

const char *zone_name(const struct zone *z)
{
    return z->name;
}

/* --- moment and wall clock --- */

/* Seconds east of UTC. Before the first change it is type 0 (RFC 8536 section 3.2). */
static int64_t offset_at(const struct zone *z, int64_t s)
{
    size_t low = 0, high = z->time_count; /* the first change that comes later */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (be64(z->times + 8 * middle) <= s)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == z->time_count && z->has_rule)
        return zone_rule_offset(&z->rule, s);
    size_t type = low > 0 ? z->index[low - 1] : 0;
    return (int32_t)be32(z->types + TYPE * type);
}

static int64_t clamp(int64_t s)
{
    return s < FIRST_S ? FIRST_S : s > LAST_S ? LAST_S : s;
}

static struct wall wall_at(int64_t s)
{
    time_t t = (time_t)s;
    struct tm tm;
    memset(&tm, 0, sizeof tm);
    gmtime_r(&t, &tm);
    return (struct wall){tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
                         tm.tm_min,         tm.tm_sec,     tm.tm_wday};
}

/* Seconds since 1970 as if the wall clock showed UTC. */
static int64_t seconds_of(const struct wall *w)
{
    struct tm tm = {.tm_year = w->year - 1900,
                    .tm_mon = w->month - 1,
                    .tm_mday = w->day,
                    .tm_hour = w->hour,
                    .tm_min = w->minute,
                    .tm_sec = w->second};
    return clamp((int64_t)timegm(&tm));
}

struct wall zone_wall(const struct zone *z, int64_t ms)
{
    int64_t s = clamp(ms / 1000 - (ms % 1000 < 0));
    return wall_at(s + offset_at(z, s));
}

/* Offsets are less than a day, so those a day before and after are those on both sides of a change nearby. */
int64_t zone_utc(const struct zone *z, const struct wall *w)
{
    int64_t s = seconds_of(w), before = offset_at(z, s - DAY_S), after = offset_at(z, s + DAY_S);
    if (offset_at(z, s - before) != before && offset_at(z, s - after) == after)
        return (s - after) * 1000;
    return (s - before) * 1000;
}

/* --- dates and text --- */

int64_t wall_day(const struct wall *w)
{
    int64_t s = seconds_of(&(struct wall){.year = w->year, .month = w->month, .day = w->day});
    return s / DAY_S - (s % DAY_S < 0);
}

struct wall wall_of_day(int64_t day)
{
    return wall_at(clamp(day * DAY_S));
}

/* A fixed number of digits at text[at]. */
static bool digits(struct str text, size_t at, size_t n, int64_t min, int64_t max, int *out)
{
    int64_t value;
    if (text.p[at] == '-' || !str_to_i64((struct str){text.p + at, n}, min, max, &value))
        return false;
    *out = (int)value;
    return true;
}

bool wall_parse_time(struct str text, struct wall *out)
{
    struct wall w = *out;
    w.second = 0;
    if ((text.n != 5 && text.n != 8) || text.p[2] != ':' || (text.n == 8 && text.p[5] != ':') ||
        !digits(text, 0, 2, 0, 23, &w.hour) || !digits(text, 3, 2, 0, 59, &w.minute) ||
        (text.n == 8 && !digits(text, 6, 2, 0, 59, &w.second)))
        return false;
    *out = w;
    return true;
}

bool wall_parse(struct str text, struct wall *out)
{
    struct wall w = {0};
    if (text.n < 10 || text.p[4] != '-' || text.p[7] != '-' || !digits(text, 0, 4, 1970, 9999, &w.year) ||
        !digits(text, 5, 2, 1, 12, &w.month) || !digits(text, 8, 2, 1, 31, &w.day))
        return false;
    struct wall day = wall_of_day(wall_day(&w));
    if (day.day != w.day) /* 31 June */
        return false;
    w.weekday = day.weekday;
    if (text.n > 10 && ((text.p[10] != 'T' && text.p[10] != ' ') ||
                        !wall_parse_time((struct str){text.p + 11, text.n - 11}, &w)))
        return false;
    *out = w;
    return true;
}

char *wall_date(struct arena *a, const struct wall *w)
{
    return arena_printf(a, "%04d-%02d-%02d", w->year, w->month, w->day);
}

char *wall_text(struct arena *a, const struct wall *w)
{
    return arena_printf(a, "%sT%02d:%02d", wall_date(a, w), w->hour, w->minute);
}
