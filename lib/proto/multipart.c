#include "lib/proto/multipart.h"

#include <string.h>
#include <strings.h>

/* --- Content-Type --- */

static bool is_boundary(struct str s)
{
    static const char allowed[] =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'()+_,-./:=? ";
    if (s.n == 0 || s.n > MULTIPART_MAX_BOUNDARY || s.p[s.n - 1] == ' ')
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '\0' || !strchr(allowed, s.p[i]))
            return false;
    return true;
}

static bool has_prefix(struct str s, const char *prefix)
{
    size_t n = strlen(prefix);
    return s.n >= n && strncasecmp(s.p, prefix, n) == 0;
}

/* Cuts the next `; name=value` off *rest. Quotes around the value are removed; \" and \\ inside are kept. */
static bool next_param(struct str *rest, struct str *name, struct str *value)
{
    *rest = str_trim(*rest);
    if (rest->n == 0 || rest->p[0] != ';')
        return false;
    rest->p++;
    rest->n--;
    const char *eq = memchr(rest->p, '=', rest->n);
    if (!eq)
        return false;
    *name = str_trim((struct str){rest->p, (size_t)(eq - rest->p)});
    *rest = (struct str){eq + 1, rest->n - (size_t)(eq + 1 - rest->p)};
    size_t n = 0;
    if (rest->n > 0 && rest->p[0] == '"') {
        for (n = 1; n < rest->n && rest->p[n] != '"'; n++)
            if (rest->p[n] == '\\' && n + 1 < rest->n)
                n++;
        if (n >= rest->n)
            return false;
        *value = (struct str){rest->p + 1, n - 1};
        n++;
    } else {
        while (n < rest->n && rest->p[n] != ';')
            n++;
        *value = str_trim((struct str){rest->p, n});
    }
    *rest = (struct str){rest->p + n, rest->n - n};
    return true;
}

enum rc multipart_init(struct multipart *m, struct str content_type, const struct multipart_events *events)
{
    static const char kind[] = "multipart/form-data";
    struct str rest = content_type, name, value;
    memset(m, 0, sizeof *m);
    m->events = *events;
    m->state = MULTIPART_BAD;
    if (!has_prefix(rest, kind))
        return RC_INVALID;
    rest = (struct str){rest.p + sizeof kind - 1, rest.n - sizeof kind + 1};
    while (next_param(&rest, &name, &value)) {
        if (name.n != 8 || !has_prefix(name, "boundary"))
            continue;
        if (!is_boundary(value))
            return RC_INVALID;
        memcpy(m->delimiter, "\r\n--", 4);
        memcpy(m->delimiter + 4, value.p, value.n);
        m->delimiter_n = value.n + 4;
        m->matched =
            2; /* the first delimiter may stand at the very beginning, without a line break before it */
        m->state = MULTIPART_PREAMBLE;
        return RC_OK;
    }
    return RC_INVALID;
}

/* --- header lines of a part --- */

/* Copies at most `size` - 1 bytes, with \" and \\ unescaped. False if it does not fit or has control
 * bytes. */
static bool copy_value(char *to, size_t size, struct str from)
{
    size_t n = 0;
    for (size_t i = 0; i < from.n; i++) {
        if (from.p[i] == '\\' && i + 1 < from.n && (from.p[i + 1] == '"' || from.p[i + 1] == '\\'))
            i++;
        if ((unsigned char)from.p[i] < 0x20 || n + 1 >= size)
            return false;
        to[n++] = from.p[i];
    }
    to[n] = '\0';
    return true;
}

static bool read_disposition(struct str line, struct multipart_part *part)
{
    static const char head[] = "Content-Disposition:";
    struct str name, value;
    if (!has_prefix(line, head))
        return true;
    line = str_trim((struct str){line.p + sizeof head - 1, line.n - sizeof head + 1});
    if (!has_prefix(line, "form-data"))
        return false;
    line = (struct str){line.p + 9, line.n - 9};
    while (next_param(&line, &name, &value)) {
        if (str_eq(name, "name") && !copy_value(part->name, sizeof part->name, value))
            return false;
        if (str_eq(name, "filename")) {
            part->is_file = true;
            if (!copy_value(part->file, sizeof part->file, value))
                return false;
        }
    }
    return true;
}

static bool head_done(struct multipart *m)
{
    struct multipart_part part = {.name = ""};
    struct str rest = {m->head, m->head_n};
    if (++m->parts > MULTIPART_MAX_PARTS)
        return false;
    while (rest.n > 0)
        if (!read_disposition(str_trim(str_cut(&rest, '\n')), &part))
            return false;
    if (part.name[0] == '\0')
        return false;
    m->state = MULTIPART_BODY;
    return m->events.begin(m->events.arg, &part);
}

/* --- the states; each takes at least one byte and returns how many, 0 for an error --- */

static size_t take_head(struct multipart *m, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (m->head_n == MULTIPART_MAX_HEAD || p[i] == '\0')
            return 0;
        m->head[m->head_n++] = p[i];
        bool empty_line = m->head_n == 2
                              ? memcmp(m->head, "\r\n", 2) == 0
                              : m->head_n > 3 && memcmp(m->head + m->head_n - 4, "\r\n\r\n", 4) == 0;
        if (empty_line)
            return head_done(m) ? i + 1 : 0;
    }
    return n;
}

/* After a delimiter: "--" ends everything, CR LF begins a part. */
static size_t take_after(struct multipart *m, const char *p, size_t n)
{
    (void)n;
    m->after[m->after_n++] = *p;
    if (m->after_n == 1 && (*p == ' ' || *p == '\t'))
        m->after_n = 0; /* padding that RFC 2046 allows */
    if (m->after_n < 2)
        return 1;
    m->head_n = 0;
    m->state = memcmp(m->after, "--", 2) == 0     ? MULTIPART_DONE
               : memcmp(m->after, "\r\n", 2) == 0 ? MULTIPART_HEAD
                                                  : MULTIPART_BAD;
    return m->state == MULTIPART_BAD ? 0 : 1;
}

static bool emit(struct multipart *m, const char *p, size_t n)
{
    return m->state == MULTIPART_PREAMBLE || n == 0 || m->events.data(m->events.arg, p, n);
}

static bool delimiter_done(struct multipart *m)
{
    bool in_part = m->state == MULTIPART_BODY;
    m->matched = m->after_n = 0;
    m->state = MULTIPART_AFTER;
    return !in_part || m->events.end(m->events.arg);
}

/* Contents up to the delimiter. CR occurs only at the beginning of the delimiter, so after a mismatch the
 * search continues at the current byte. */
static size_t take_body(struct multipart *m, const char *p, size_t n)
{
    if (m->matched == 0) {
        const char *cr = memchr(p, '\r', n);
        size_t plain = cr ? (size_t)(cr - p) : n;
        if (plain > 0)
            return emit(m, p, plain) ? plain : 0;
        m->matched = 1;
        return 1;
    }
    if (*p == m->delimiter[m->matched]) {
        if (++m->matched == m->delimiter_n && !delimiter_done(m))
            return 0;
        return 1;
    }
    size_t had = m->matched;
    m->matched = 0;
    if (!emit(m, m->delimiter, had))
        return 0;
    return take_body(m, p, n);
}

enum rc multipart_feed(struct multipart *m, const char *p, size_t n)
{
    while (n > 0 && m->state != MULTIPART_BAD && m->state != MULTIPART_DONE) {
        size_t took = m->state == MULTIPART_HEAD    ? take_head(m, p, n)
                      : m->state == MULTIPART_AFTER ? take_after(m, p, n)
                                                    : take_body(m, p, n);
        if (took == 0)
            m->state = MULTIPART_BAD;
        p += took;
        n -= took;
    }
    return m->state == MULTIPART_BAD ? RC_INVALID : RC_OK;
}

bool multipart_is_done(const struct multipart *m)
{
    return m->state == MULTIPART_DONE;
}
