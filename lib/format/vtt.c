#include "lib/format/vtt.h"

void vtt_write_head(struct buf *out)
{
    buf_str(out, "WEBVTT\n");
}

static void put_time(struct buf *out, int64_t ms)
{
    buf_printf(out, "%02lld:%02lld:%02lld.%03lld", (long long)(ms / 3600000), (long long)(ms / 60000 % 60),
               (long long)(ms / 1000 % 60), (long long)(ms % 1000));
}

static void put_text(struct buf *out, struct str text)
{
    bool started = false; /* the line has characters */
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '\n' || c == '\r') {
            buf_add(out, "\n", started);
            started = false;
            continue;
        }
        started = true;
        if (c == '&')
            buf_str(out, "&amp;");
        else if (c == '<')
            buf_str(out, "&lt;");
        else if (c == '>') /* else "-->" would be a time */
            buf_str(out, "&gt;");
        else
            buf_add(out, &c, 1);
    }
    buf_add(out, "\n", started);
}

void vtt_write_cue(struct buf *out, const struct vtt_cue *cue)
{
    buf_str(out, "\n");
    put_time(out, cue->from);
    buf_str(out, " --> ");
    put_time(out, cue->to);
    buf_str(out, "\n");
    put_text(out, cue->text);
}
