#include "lib/svc/pipeline/doors/playback.h"

#include "lib/base/clock.h"
#include "lib/base/rand.h"
#include "lib/svc/keys.h"

enum { JTI_LENGTH = 12 };

static bool opens_stream(const struct publication *p, unsigned may)
{
    const struct publication_stream *s = &p->stream;
    return s->generation > 0 && (may & (s->state == STREAM_ENDED ? PLAYBACK_RECORDING : PLAYBACK_STREAM));
}

static void add_generations(const struct publication *p, unsigned may, const struct playback *pb,
                            struct jwt_claims *c)
{
    int low = pb->recording ? p->generation : p->stream.generation, high = low;
    if (pb->stream && p->stream.generation < low)
        low = p->stream.generation;
    if (pb->stream && p->stream.generation > high)
        high = p->stream.generation;
    c->gmin = low;
    c->gmax = high + (may & PLAYBACK_RECORDING ? PLAYBACK_GENERATIONS_AHEAD : 0);
}

enum rc playback_token(struct cx *cx, const struct publication *p, unsigned may, int seconds,
                       struct playback *out)
{
    struct jwt_claims c;
    char jti[JTI_LENGTH + 1];
    const char *token;
    enum rc rc;
    struct playback pb = {.recording = (may & PLAYBACK_RECORDING) && p->generation > 0 && p->view_count > 0,
                          .stream = opens_stream(p, may),
                          .store_url = p->store_url};
    if (!pb.recording && !pb.stream)
        return err_set(cx, RC_NOTFOUND, NULL, "not_watchable", "lecture %s has no generation",
                       p->lecture_key);
    jwt_claims_init(&c);
    rand_key(jti, sizeof jti);
    c.aud = JWT_AUD_PLAY;
    c.jti = jti; /* two people never have the same token: lectern-lived counts what each waits for */
    c.exp = clock_now() / 1000 + seconds;
    c.lec = p->lecture_key;
    add_generations(p, may, &pb, &c);
    /* a view that is uploaded while people watch appears in the next generation, so the token names all
     * views */
    for (int v = 0; v < VIEW_KIND_COUNT; v++)
        c.views[v] = wire_view_name((enum view_kind)v);
    c.dl = (may & PLAYBACK_DOWNLOAD) != 0;
    rc = keys_sign(cx, &c, &token);
    if (rc == RC_OK) {
        *out = pb;
        out->token = token;
        out->expires = c.exp * 1000;
    }
    return rc;
}

static const char *url_of(struct cx *cx, const struct publication *p, const struct playback *pb,
                          int generation, enum view_kind view, const char *file)
{
    return arena_printf(cx->arena, "%s/m/%s/%s/g%d/%s/%s", pb->store_url, pb->token, p->lecture_key,
                        generation, wire_view_name(view), file);
}

const char *playback_url(struct cx *cx, const struct publication *p, const struct playback *pb,
                         enum view_kind view, const char *file)
{
    return url_of(cx, p, pb, p->generation, view, file);
}

const char *playback_stream_url(struct cx *cx, const struct publication *p, const struct playback *pb,
                                enum view_kind view, const char *file)
{
    return url_of(cx, p, pb, p->stream.generation, view, file);
}
