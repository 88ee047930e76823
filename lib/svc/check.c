#include "lib/svc/check.h"

#include <string.h>

#include "lib/base/str.h"

enum { EMAIL_MAX = 254 };

enum rc check_line(struct cx *cx, const char *text, size_t max, const char *field, const char *key)
{
    struct str s = str_of(text);
    if (!str_is_utf8(s) || str_has_controls(s, false) || str_trim(s).n == 0 || str_utf8_length(s) > max)
        return err_set(cx, RC_INVALID, field, key, "%s: 1 to %zu characters in one line", field, max);
    return RC_OK;
}

enum rc check_text(struct cx *cx, const char *text, size_t max, const char *field, const char *key)
{
    struct str s = str_of(text);
    if (!str_is_utf8(s) || str_has_controls(s, true) || str_utf8_length(s) > max)
        return err_set(cx, RC_INVALID, field, key, "%s: at most %zu characters", field, max);
    return RC_OK;
}

enum rc check_slug(struct cx *cx, const char *slug, size_t max)
{
    struct str s = str_of(slug);
    if (!str_is_slug(s, max) || s.p[0] == '-' || s.p[s.n - 1] == '-')
        return err_set(cx, RC_INVALID, "slug", "slug_invalid", "slug: 1 to %zu of [a-z0-9-]", max);
    return RC_OK;
}

enum rc check_email(struct cx *cx, const char *email)
{
    struct str s = str_of(email);
    const char *at = strchr(email, '@');
    bool good = s.n <= EMAIL_MAX && str_is_utf8(s) && !str_has_controls(s, false) && !strchr(email, ' ') &&
                at && at > email && !strchr(at + 1, '@') && strchr(at + 1, '.') && at[1] != '.' &&
                s.p[s.n - 1] != '.';
    return good ? RC_OK : err_set(cx, RC_INVALID, "email", "email_invalid", "not an address of mail");
}
