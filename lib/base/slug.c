#include "lib/base/slug.h"

#include <string.h>

enum { ASCII_END = 0x80, LETTERS_MOST = 2 };

/* U+00C0 to U+017F without those that are no letters, by code point. */
static const struct letters {
    unsigned first, last;
    const char *text;
} letters[] = {
    {0x00C0, 0x00C3, "a"},  {0x00C4, 0x00C4, "ae"}, {0x00C5, 0x00C5, "a"},  {0x00C6, 0x00C6, "ae"},
    {0x00C7, 0x00C7, "c"},  {0x00C8, 0x00CB, "e"},  {0x00CC, 0x00CF, "i"},  {0x00D0, 0x00D0, "d"},
    {0x00D1, 0x00D1, "n"},  {0x00D2, 0x00D5, "o"},  {0x00D6, 0x00D6, "oe"}, {0x00D8, 0x00D8, "o"},
    {0x00D9, 0x00DB, "u"},  {0x00DC, 0x00DC, "ue"}, {0x00DD, 0x00DD, "y"},  {0x00DE, 0x00DE, "th"},
    {0x00DF, 0x00DF, "ss"}, {0x00E0, 0x00E3, "a"},  {0x00E4, 0x00E4, "ae"}, {0x00E5, 0x00E5, "a"},
    {0x00E6, 0x00E6, "ae"}, {0x00E7, 0x00E7, "c"},  {0x00E8, 0x00EB, "e"},  {0x00EC, 0x00EF, "i"},
    {0x00F0, 0x00F0, "d"},  {0x00F1, 0x00F1, "n"},  {0x00F2, 0x00F5, "o"},  {0x00F6, 0x00F6, "oe"},
    {0x00F8, 0x00F8, "o"},  {0x00F9, 0x00FB, "u"},  {0x00FC, 0x00FC, "ue"}, {0x00FD, 0x00FD, "y"},
    {0x00FE, 0x00FE, "th"}, {0x00FF, 0x00FF, "y"},  {0x0100, 0x0105, "a"},  {0x0106, 0x010D, "c"},
    {0x010E, 0x0111, "d"},  {0x0112, 0x011B, "e"},  {0x011C, 0x0123, "g"},  {0x0124, 0x0127, "h"},
    {0x0128, 0x0131, "i"},  {0x0132, 0x0133, "ij"}, {0x0134, 0x0135, "j"},  {0x0136, 0x0138, "k"},
    {0x0139, 0x0142, "l"},  {0x0143, 0x014B, "n"},  {0x014C, 0x0151, "o"},  {0x0152, 0x0153, "oe"},
    {0x0154, 0x0159, "r"},  {0x015A, 0x0161, "s"},  {0x0162, 0x0167, "t"},  {0x0168, 0x0173, "u"},
    {0x0174, 0x0175, "w"},  {0x0176, 0x0178, "y"},  {0x0179, 0x017E, "z"},  {0x017F, 0x017F, "s"},
    {0x0300, 0x036F, ""},   {0x2018, 0x2019, ""}, /* accents; apostrophes */
};

/* The letters of a character beyond ASCII; NULL: none, so there is a gap. */
static const char *letters_of(unsigned point)
{
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (point >= letters[i].first && point <= letters[i].last)
            return letters[i].text;
    return NULL;
}

/* Takes the first character of *s, which has one. */
static unsigned take_point(struct str *s)
{
    unsigned char first = (unsigned char)*s->p;
    size_t n = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    unsigned point = n == 1 ? first : first & (0x7FU >> n);
    for (size_t i = 1; i < n && i < s->n; i++)
        point = point << 6 | ((unsigned char)s->p[i] & 0x3FU);
    n = n < s->n ? n : s->n;
    s->p += n;
    s->n -= n;
    return point;
}

/* Writes the letters of one character to out; false: it is a gap. */
static bool spell(unsigned point, char out[LETTERS_MOST + 1])
{
    const char *text = out;
    memset(out, 0, LETTERS_MOST + 1);
    if (point >= ASCII_END)
        text = letters_of(point);
    else if (point >= 'A' && point <= 'Z')
        out[0] = (char)(point - 'A' + 'a');
    else if ((point >= 'a' && point <= 'z') || (point >= '0' && point <= '9'))
        out[0] = (char)point;
    else if (point != '\'')
        return false;
    if (text && text != out)
        memcpy(out, text, strlen(text));
    return text != NULL;
}

char *slug_of(struct arena *a, struct str text, size_t max)
{
    char one[LETTERS_MOST + 1];
    char *slug = arena_array(a, max + 1, 1);
    size_t n = 0, word = 0; /* word: where the last whole word ends */
    bool gap = false;
    while (text.n > 0) {
        if (!spell(take_point(&text), one)) {
            gap = n > 0;
            continue;
        }
        size_t more = strlen(one);
        if (more == 0)
            continue;
        if (gap)
            word = n;
        if (n + gap + more > max) {
            n = word > 0 ? word : n;
            break;
        }
        if (gap)
            slug[n++] = '-';
        gap = false;
        memcpy(slug + n, one, more);
        n += more;
    }
    slug[n] = '\0';
    return slug;
}
