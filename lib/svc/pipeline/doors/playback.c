#include "lib/svc/pipeline/doors/playback.h"

#include "lib/base/clock.h"
#include "lib/svc/keys.h"

enum rc playback_token(struct cx *cx, const struct publication *p, bool may_download, int seconds,
                       struct playback *out)
{
    struct jwt_claims c;
    const char *token;
    enum rc rc;
    if (p->generation == 0 || p->view_count == 0)
        return err_set(cx, RC_NOTFOUND, NULL, "not_watchable", "lecture %s has no generation",
                       p->lecture_key);
    jwt_claims_init(&c);
    c.aud = JWT_AUD_PLAY;
    c.exp = clock_now() / 1000 + seconds;
    c.lec = p->lecture_key;
    c.gmin = p->generation;
    c.gmax = p->generation + PLAYBACK_GENERATIONS_AHEAD;
    /* a view that is uploaded while people watch appears in the next generation, so the token names all
     * views */
    for (int v = 0; v < VIEW_KIND_COUNT; v++)
        c.views[v] = wire_view_name((enum view_kind)v);
    c.dl = may_download;
    rc = keys_sign(cx, &c, &token);
    if (rc == RC_OK)
        *out = (struct playback){.token = token,
                                 .expires = c.exp * 1000,
                                 .store_url = p->store_url,
                                 .generation = p->generation,
                                 .may_download = may_download};
    return rc;
}

const char *playback_url(struct cx *cx, const struct publication *p, const struct playback *pb,
                         enum view_kind view, const char *file)
{
    return arena_printf(cx->arena, "%s/m/%s/%s/g%d/%s/%s", pb->store_url, pb->token, p->lecture_key,
                        pb->generation, wire_view_name(view), file);
}
