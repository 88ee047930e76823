#include "lib/base/str.h"

#include <string.h>

struct str str_of(const char *s)
{
    return (struct str){s ? s : "", s ? strlen(s) : 0};
}

bool str_eq(struct str a, const char *b)
{
    return a.n == strlen(b) && memcmp(a.p, b, a.n) == 0;
}

bool str_starts(struct str s, const char *prefix)
{
    size_t n = strlen(prefix);
    return s.n >= n && memcmp(s.p, prefix, n) == 0;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s)
{
    while (s.n > 0 && is_space(s.p[0]))
        s = (struct str){s.p + 1, s.n - 1};
    while (s.n > 0 && is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

struct str str_cut(struct str *rest, char sep)
{
    const char *at = rest->n ? memchr(rest->p, sep, rest->n) : NULL;
    struct str head = *rest;
    if (!at) {
        *rest = (struct str){rest->p + rest->n, 0};
        return head;
    }
    head.n = (size_t)(at - rest->p);
    *rest = (struct str){at + 1, rest->n - head.n - 1};
    return head;
}

char *str_dup(struct arena *a, struct str s)
{
    return arena_strndup(a, s.n ? s.p : "", s.n);
}

bool str_to_i64(struct str s, int64_t min, int64_t max, int64_t *out)
{
    bool minus = s.n > 0 && s.p[0] == '-';
    int64_t v = 0;
    size_t i = minus ? 1 : 0;
    if (i == s.n)
        return false;
    for (; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        int digit = s.p[i] - '0';
        if (__builtin_mul_overflow(v, (int64_t)10, &v) ||
            __builtin_add_overflow(v, (int64_t)(minus ? -digit : digit), &v))
            return false;
    }
    if (v < min || v > max)
        return false;
    *out = v;
    return true;
}

/* Length of the well-formed sequence at p, 0 if there is none. Table 3-7 of the Unicode standard. */
static size_t utf8_sequence(const unsigned char *p, size_t left)
{
    unsigned char c = p[0], low = 0x80, high = 0xBF;
    size_t n;
    if (c < 0x80)
        return c ? 1 : 0;
    if (c >= 0xC2 && c <= 0xDF)
        n = 2;
    else if (c >= 0xE0 && c <= 0xEF)
        n = 3;
    else if (c >= 0xF0 && c <= 0xF4)
        n = 4;
    else
        return 0;
    if (c == 0xE0)
        low = 0xA0;
    if (c == 0xED)
        high = 0x9F;
    if (c == 0xF0)
        low = 0x90;
    if (c == 0xF4)
        high = 0x8F;
    if (left < n || p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < n; i++)
        if (p[i] < 0x80 || p[i] > 0xBF)
            return 0;
    return n;
}

bool str_is_utf8(struct str s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    for (size_t i = 0; i < s.n;) {
        size_t n = utf8_sequence(p + i, s.n - i);
        if (n == 0)
            return false;
        i += n;
    }
    return true;
}

/* A byte of a character other than its first. */
static bool continues(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

size_t str_utf8_length(struct str s)
{
    size_t count = 0;
    for (size_t i = 0; i < s.n; i++)
        if (!continues(s.p[i]))
            count++;
    return count;
}

struct str str_utf8_cut(struct str s, size_t max)
{
    if (s.n > max)
        for (s.n = max; s.n > 0 && continues(s.p[s.n]);)
            s.n--;
    return s;
}

/* Bytes of the control character at p, 0 if there is none. C1 is U+0080 to U+009F: C2 80 to C2 9F. */
static size_t control(const char *p, size_t left, bool lines)
{
    unsigned char c = (unsigned char)p[0];
    if (c < 0x20 || c == 0x7f)
        return lines && (c == '\n' || c == '\r' || c == '\t') ? 0 : 1;
    return c == 0xC2 && left > 1 && (unsigned char)p[1] < 0xA0 ? 2 : 0;
}

bool str_has_controls(struct str s, bool lines)
{
    for (size_t i = 0; i < s.n; i++)
        if (control(s.p + i, s.n - i, lines) > 0)
            return true;
    return false;
}

char *str_printable(struct arena *a, struct str s)
{
    char *copy = str_dup(a, s);
    for (size_t i = 0; i < s.n; i++)
        memset(copy + i, ' ', control(copy + i, s.n - i, true));
    return copy;
}

static bool is_key_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool str_is_slug(struct str s, size_t max)
{
    if (s.n == 0 || s.n > max)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!is_key_char(s.p[i]) && s.p[i] != '-')
            return false;
    return true;
}

bool str_is_key(struct str s, size_t length)
{
    if (s.n != length)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!is_key_char(s.p[i]))
            return false;
    return true;
}

bool str_eq_secret(struct str a, struct str b)
{
    unsigned char diff = 0;
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        diff |= (unsigned char)(a.p[i] ^ b.p[i]);
    return diff == 0;
}

static const char B64_STD[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char B64_URL[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static char *b64_encode(struct arena *a, const unsigned char *in, size_t n, const char *set, bool pad)
{
    char *out = arena_alloc(a, (n + 2) / 3 * 4 + 1), *at = out;
    for (size_t i = 0; i < n; i += 3) {
        size_t left = n - i;
        unsigned v = (unsigned)in[i] << 16;
        if (left > 1)
            v |= (unsigned)in[i + 1] << 8;
        if (left > 2)
            v |= in[i + 2];
        *at++ = set[v >> 18];
        *at++ = set[v >> 12 & 63];
        if (left > 1 || pad)
            *at++ = left > 1 ? set[v >> 6 & 63] : '=';
        if (left > 2 || pad)
            *at++ = left > 2 ? set[v & 63] : '=';
    }
    return out;
}

static bool b64_decode(struct arena *a, struct str s, const char *set, unsigned char **out, size_t *n)
{
    unsigned char *p = arena_alloc(a, s.n / 4 * 3 + 3);
    unsigned acc = 0;
    size_t len = 0;
    int bits = 0;
    if (s.n % 4 == 1)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        const char *at = memchr(set, s.p[i], 64);
        if (!at)
            return false;
        acc = acc << 6 | (unsigned)(at - set);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            p[len++] = (unsigned char)(acc >> bits);
            acc &= (1u << bits) - 1;
        }
    }
    if (acc != 0)
        return false; /* not canonical: the same bytes have another encoding */
    *out = p;
    *n = len;
    return true;
}

char *str_b64url(struct arena *a, const void *p, size_t n)
{
    return b64_encode(a, p, n, B64_URL, false);
}

bool str_b64url_decode(struct arena *a, struct str s, unsigned char **out, size_t *n)
{
    return b64_decode(a, s, B64_URL, out, n);
}

char *str_b64(struct arena *a, const void *p, size_t n)
{
    return b64_encode(a, p, n, B64_STD, true);
}

bool str_b64_decode(struct arena *a, struct str s, unsigned char **out, size_t *n)
{
    if (s.n % 4 != 0)
        return false;
    for (int i = 0; i < 2 && s.n > 0 && s.p[s.n - 1] == '='; i++)
        s.n--;
    return b64_decode(a, s, B64_STD, out, n);
}

char *str_percent(struct arena *a, struct str s)
{
    static const char digits[] = "0123456789ABCDEF";
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    char *out = arena_alloc(a, s.n * 3 + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] && strchr(plain, s.p[i])) {
            out[n++] = s.p[i];
            continue;
        }
        out[n++] = '%';
        out[n++] = digits[(unsigned char)s.p[i] >> 4];
        out[n++] = digits[s.p[i] & 15];
    }
    return out;
}

bool str_percent_decode(struct arena *a, struct str s, bool form, struct str *out)
{
    char *p = arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '%') {
            int high = s.n - i > 2 ? str_hex_digit(s.p[i + 1]) : -1;
            int low = s.n - i > 2 ? str_hex_digit(s.p[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && form) {
            c = ' ';
        }
        p[n++] = c;
    }
    *out = (struct str){p, n};
    return true;
}

char *str_hex(struct arena *a, const void *p, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *in = p;
    char *out = arena_alloc(a, n * 2 + 1);
    for (size_t i = 0; i < n; i++) {
        out[i * 2] = digits[in[i] >> 4];
        out[i * 2 + 1] = digits[in[i] & 15];
    }
    return out;
}

int str_hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool str_hex_decode(struct str s, unsigned char *out, size_t n)
{
    if (s.n != n * 2)
        return false;
    for (size_t i = 0; i < n; i++) {
        int high = str_hex_digit(s.p[i * 2]), low = str_hex_digit(s.p[i * 2 + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}
