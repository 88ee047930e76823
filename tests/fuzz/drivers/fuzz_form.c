/* What a browser sends, as any bytes: forms, cookies, languages, paths, times. What is accepted must be
 * well-formed. */
#include <stdlib.h>
#include <string.h>

#include "lib/web/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text)
{
    if (!str_is_utf8(str_of(text)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const codes[] = {"en", "de", NULL};
    struct cx cx;
    struct web_pairs pairs;
    struct str text = {(const char *)data, size};
    const char *decoded;
    cx_init(&cx);
    if (web_parse_pairs(&cx, text, WEB_MAX_PAIRS, &pairs) == RC_OK)
        for (size_t i = 0; i < pairs.n; i++) {
            check_text(pairs.v[i].name);
            check_text(pairs.v[i].value);
        }
    if (web_decode(&cx, text, false, &decoded) == RC_OK) {
        const char *again, *coded = web_encode(cx.arena, decoded);
        check_text(decoded);
        if (web_decode(&cx, str_of(coded), true, &again) != RC_OK || strcmp(again, decoded) != 0)
            abort();
    }
    const char *line = str_dup(cx.arena, text), *cookie = web_parse_cookie(cx.arena, line, "__Host-lectern");
    if (cookie)
        check_text(cookie);
    if (!web_parse_language(line, codes))
        abort();
    if (web_is_local_path(line) && (line[0] != '/' || line[1] == '/' || strpbrk(line, "\r\n\\")))
        abort();
    cx_fini(&cx);
    return 0;
}
