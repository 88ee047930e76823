#include "lib/base/zone_rule.h"

#include <string.h>
#include <time.h>

enum { HOUR_S = 3600, DAY_S = 24 * HOUR_S, HOURS_MAX = 167, DIGITS_MAX = 3 };

/* --- text --- */

static bool eat(struct str *s, char c)
{
    if (s->n == 0 || s->p[0] != c)
        return false;
    s->p++;
    s->n--;
    return true;
}

static bool eat_number(struct str *s, int64_t max, int *out)
{
    size_t n = 0;
    int64_t value;
    while (n < s->n && n < DIGITS_MAX && s->p[n] >= '0' && s->p[n] <= '9')
        n++;
    if (!str_to_i64((struct str){s->p, n}, 0, max, &value))
        return false;
    s->p += n;
    s->n -= n;
    *out = (int)value;
    return true;
}

/* "CET" or "<+03>", at least three characters */
static bool eat_name(struct str *s)
{
    bool quoted = eat(s, '<');
    size_t n = 0;
    while (n < s->n && (quoted ? s->p[n] != '>' : (s->p[n] | 0x20) >= 'a' && (s->p[n] | 0x20) <= 'z'))
        n++;
    s->p += n;
    s->n -= n;
    return n >= 3 && (!quoted || eat(s, '>'));
}

/* [+-]hh[:mm[:ss]] in seconds */
static bool eat_time(struct str *s, int64_t *out)
{
    int hour, minute = 0, second = 0;
    bool minus = eat(s, '-');
    if (!minus)
        (void)eat(s, '+');
    if (!eat_number(s, HOURS_MAX, &hour) || (eat(s, ':') && !eat_number(s, 59, &minute)) ||
        (eat(s, ':') && !eat_number(s, 59, &second)))
        return false;
    *out = (int64_t)hour * HOUR_S + minute * 60 + second;
    if (minus)
        *out = -*out;
    return true;
}

/* POSIX counts offsets west of Greenwich. */
static bool eat_offset(struct str *s, int64_t *out)
{
    int64_t west;
    if (!eat_time(s, &west) || west <= -DAY_S || west >= DAY_S)
        return false;
    *out = -west;
    return true;
}

static bool eat_turn(struct str *s, struct zone_turn *out)
{
    struct zone_turn t = {.time = 2 * HOUR_S};
    if (eat(s, 'M')) {
        t.kind = 'M';
        if (!eat_number(s, 12, &t.month) || !eat(s, '.') || !eat_number(s, 5, &t.week) || !eat(s, '.') ||
            !eat_number(s, 6, &t.day) || t.month < 1 || t.week < 1)
            return false;
    } else {
        t.kind = eat(s, 'J') ? 'J' : '\0';
        if (!eat_number(s, 365, &t.day) || (t.kind == 'J' && t.day < 1))
            return false;
    }
    if (eat(s, '/') && !eat_time(s, &t.time))
        return false;
    *out = t;
    return true;
}

bool zone_rule_parse(struct str text, struct zone_rule *out)
{
    struct zone_rule r = {0};
    if (!eat_name(&text) || !eat_offset(&text, &r.standard))
        return false;
    if (text.n > 0) {
        r.changes = true;
        r.summer = r.standard + HOUR_S;
        if (!eat_name(&text) || (text.n > 0 && text.p[0] != ',' && !eat_offset(&text, &r.summer)) ||
            !eat(&text, ',') || !eat_turn(&text, &r.begin) || !eat(&text, ',') || !eat_turn(&text, &r.end))
            return false;
    }
    if (text.n > 0)
        return false;
    *out = r;
    return true;
}

/* --- when --- */

/* Midnight of a date, which may be out of its month, in seconds since 1970; *weekday may be NULL. */
static int64_t midnight(int year, int month, int day, int *weekday)
{
    struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
    int64_t s = (int64_t)timegm(&tm);
    if (weekday)
        *weekday = tm.tm_wday;
    return s;
}

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Wall clock, in seconds since 1970. */
static int64_t turn_in(const struct zone_turn *t, int year)
{
    if (t->kind != 'M') {
        int day = t->kind == 'J' ? t->day + (t->day >= 60 && is_leap(year)) : t->day + 1;
        return midnight(year, 1, day, NULL) + t->time;
    }
    int first;
    int64_t begin = midnight(year, t->month, 1, &first), next = midnight(year, t->month + 1, 1, NULL);
    int64_t at = begin + ((t->day - first + 7) % 7 + (t->week - 1) * 7) * (int64_t)DAY_S;
    return (at >= next ? at - 7 * (int64_t)DAY_S : at) + t->time;
}

int64_t zone_rule_offset(const struct zone_rule *r, int64_t s)
{
    time_t local = (time_t)(s + r->standard);
    struct tm tm;
    if (!r->changes)
        return r->standard;
    memset(&tm, 0, sizeof tm);
    gmtime_r(&local, &tm);
    int64_t begin = turn_in(&r->begin, tm.tm_year + 1900) - r->standard,
            end = turn_in(&r->end, tm.tm_year + 1900) - r->summer;
    bool summer = begin < end ? s >= begin && s < end : s >= begin || s < end;
    return summer ? r->summer : r->standard;
}
