#include "lib/saml/write.h"

#include <string.h>

#include "lib/base/clock.h"

void saml_write_init(struct saml_writer *w)
{
    buf_init(&w->text, SAML_MAX_WRITTEN);
    w->bad = false;
}

void saml_write(struct saml_writer *w, const char *markup)
{
    buf_str(&w->text, markup);
}

/* Control characters have no place in a name or an address, so line ends need no care. */
void saml_write_escaped(struct saml_writer *w, const char *text)
{
    struct str s = str_of(text);
    if (s.n > SAML_MAX_TEXT || !str_is_utf8(s) || str_has_controls(s, false)) {
        w->bad = true;
        return;
    }
    for (; *text; text++) {
        switch (*text) {
        case '&':
            buf_str(&w->text, "&amp;");
            break;
        case '<':
            buf_str(&w->text, "&lt;");
            break;
        case '>':
            buf_str(&w->text, "&gt;");
            break;
        case '"':
            buf_str(&w->text, "&quot;");
            break;
        default:
            buf_add(&w->text, text, 1);
        }
    }
}

void saml_write_attr(struct saml_writer *w, const char *name, const char *value)
{
    if (!value)
        return;
    buf_printf(&w->text, " %s=\"", name);
    saml_write_escaped(w, value);
    buf_str(&w->text, "\"");
}

void saml_write_time(struct saml_writer *w, const char *name, int64_t ms)
{
    char iso[CLOCK_ISO_SIZE];
    clock_iso(ms, iso);
    saml_write_attr(w, name, iso);
}

void saml_write_text(struct saml_writer *w, const char *tag, const char *text)
{
    if (!text)
        return;
    buf_printf(&w->text, "<%s>", tag);
    saml_write_escaped(w, text);
    buf_printf(&w->text, "</%s>", tag);
}

enum rc saml_written(struct cx *cx, struct saml_writer *w, struct str *xml)
{
    struct str got = buf_view(&w->text);
    bool good = !w->bad && !w->text.overflow;
    if (good)
        *xml = (struct str){arena_strndup(cx->arena, got.p, got.n), got.n};
    buf_fini(&w->text);
    if (!good)
        return err_set(cx, RC_INVALID, NULL, "saml_text_invalid",
                       "a name or an address is over %d bytes, no UTF-8, or holds control characters",
                       SAML_MAX_TEXT);
    return RC_OK;
}
