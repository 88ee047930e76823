#include "lib/live/ladder.h"

enum { GUESSED_BITRATE = 2500000, GUESSED_LINES = 720, USUAL_RATE = 30, SIDE_MAX = 1920, KINDS = 3 };

/* What is encoded as the top, or below it. */
static const struct {
    int lines;
    int64_t bitrate;
    double cost;
} kinds[KINDS] = {
    {1080, 3500000, LADDER_COST_1080}, {720, 1800000, LADDER_COST_720}, {360, 600000, LADDER_COST_360}};

static bool can_be_copied(const struct incoming *s)
{
    int longer = s->width > s->height ? s->width : s->height, shorter = s->width + s->height - longer;
    return !s->uneven && !s->slow && longer <= SIDE_MAX && shorter <= LADDER_LINES_MAX;
}

/* Twice the pictures cost twice as much; who says fewer than 30 a second is not trusted. */
static double weight(const struct incoming *s)
{
    return s->rate > USUAL_RATE ? s->rate / USUAL_RATE : 1;
}

/* Encoded rungs while they are chosen, the largest first, and what each costs. */
struct choice {
    struct rung rungs[LADDER_RUNGS];
    double costs[LADDER_RUNGS];
    int count;
};

static void add(struct choice *c, const struct incoming *s, int lines)
{
    int kind = KINDS - 1;
    while (kind > 0 && kinds[kind].lines < lines)
        kind--;
    struct rung r = {.height = lines / 2 * 2, .bitrate = kinds[kind].bitrate};
    if (s->height > 0)
        r.width = (int)(((int64_t)s->width * lines / s->height + 1) / 2 * 2);
    c->costs[c->count] = kinds[kind].cost * weight(s);
    c->rungs[c->count++] = r;
}

/* Rungs that are at least a quarter smaller than the one above. */
static struct choice choose_encoded(const struct incoming *s, bool top)
{
    int lines = s->height > 0 ? s->height : GUESSED_LINES;
    struct choice c = {.count = 0};
    if (lines > LADDER_LINES_MAX)
        lines = LADDER_LINES_MAX;
    if (top)
        add(&c, s, lines);
    for (int i = 1; i < KINDS; i++)
        if (kinds[i].lines * 4 <= lines * 3)
            add(&c, s, kinds[i].lines);
    return c;
}

void ladder_choose(const struct incoming *s, double left, int fewer, struct ladder *out)
{
    bool top = !can_be_copied(s);
    struct choice c = choose_encoded(s, top);
    struct ladder l = {
        .sound = s->sound, .rate = s->rate, .filled = s->slow, .shift = s->shift, .cost = LADDER_COST_COPY};
    int first = fewer < c.count ? fewer : c.count;
    double cost = 0;
    for (int i = first; i < c.count; i++)
        cost += c.costs[i];
    for (; first < c.count && LADDER_COST_COPY + cost > left; first++)
        cost -= c.costs[first];
    if (!top || first == c.count)
        l.rungs[l.count++] = (struct rung){.width = s->width,
                                           .height = s->height,
                                           .bitrate = s->bitrate > 0 ? s->bitrate : GUESSED_BITRATE,
                                           .copied = true};
    l.forced = top && first == c.count;
    for (; first < c.count; first++) {
        l.cost += c.costs[first];
        l.rungs[l.count++] = c.rungs[first];
    }
    if (s->pictures)
        *out = l;
    else
        *out = (struct ladder){.sound = s->sound};
}

bool ladder_is_wrong(const struct ladder *l, const struct incoming *s)
{
    return l->count > 0 && !l->forced && (l->filled != s->slow || (l->rungs[0].copied && !can_be_copied(s)));
}
