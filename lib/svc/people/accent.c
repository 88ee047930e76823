#include "lib/svc/people/accent.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/str.h"

struct rgb {
    int part[3];
};

static const double ENOUGH = 4.5;
enum { STEPS = 256 };

/* --paper, --surface and --tint of static/css/base.css, on which text in the colour stands; and what stands on the
 * colour, --on-accent. A test of the browser measures the pages themselves. */
static const struct rgb light_grounds[] = {{{0xfb, 0xfb, 0xf9}}, {{0xff, 0xff, 0xff}}, {{0xf1, 0xf0, 0xec}}};
static const struct rgb dark_grounds[] = {{{0x11, 0x13, 0x15}}, {{0x19, 0x1c, 0x1f}}, {{0x20, 0x24, 0x27}}};

/* WCAG 2.2, "relative luminance". */
static double luminance(const struct rgb *c)
{
    static const double weight[3] = {0.2126, 0.7152, 0.0722};
    double sum = 0;
    for (int i = 0; i < 3; i++) {
        double v = c->part[i] / 255.0;
        sum += weight[i] * (v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4));
    }
    return sum;
}

static double contrast(const struct rgb *a, const struct rgb *b)
{
    double x = luminance(a) + 0.05, y = luminance(b) + 0.05;
    return x > y ? x / y : y / x;
}

static double least_contrast(const struct rgb *c, const struct rgb *grounds, size_t n)
{
    double least = INFINITY;
    for (size_t i = 0; i < n; i++)
        least = fmin(least, contrast(c, &grounds[i]));
    return least;
}

/* The colour on its way to black (0) or white (255), in as few steps as are needed on these grounds. */
static struct rgb until_enough(const struct rgb *c, int end, const struct rgb *grounds, size_t n)
{
    struct rgb now = *c;
    for (int step = 0; step <= STEPS; step++) {
        for (int i = 0; i < 3; i++)
            now.part[i] = c->part[i] + (end - c->part[i]) * step / STEPS;
        if (least_contrast(&now, grounds, n) >= ENOUGH)
            break;
    }
    return now;
}

static void write(char out[ACCENT_LENGTH + 1], const struct rgb *c)
{
    snprintf(out, ACCENT_LENGTH + 1, "#%02x%02x%02x", c->part[0] & 255, c->part[1] & 255, c->part[2] & 255);
}

bool accent_read(const char *text, struct accent *out)
{
    struct rgb c = {{0}};
    if (strlen(text) != ACCENT_LENGTH || text[0] != '#')
        return false;
    for (int i = 0; i < 6; i++) {
        int digit = str_hex_digit(text[1 + i]);
        if (digit < 0)
            return false;
        c.part[i / 2] = c.part[i / 2] * 16 + digit;
    }
    size_t n = sizeof light_grounds / sizeof *light_grounds;
    struct rgb nearest = until_enough(&c, 0, light_grounds, n), dark = until_enough(&c, 255, dark_grounds, n);
    out->contrast = least_contrast(&c, light_grounds, n);
    write(out->light, &c);
    write(out->nearest, &nearest);
    write(out->dark, &dark);
    return true;
}

bool accent_good(const struct accent *accent)
{
    return accent->contrast >= ENOUGH;
}

const char *accent_sheet(struct arena *a, const struct accent *accent)
{
    return arena_printf(
        a,
        ":root { --accent: %s; --on-accent: #fff; }\n"
        "@media (prefers-color-scheme: dark) { :root { --accent: %s; --on-accent: #111315; } }\n",
        accent->light, accent->dark);
}
