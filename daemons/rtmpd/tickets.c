#include "daemons/rtmpd/tickets.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/mem.h"

enum { USED_MAX = 4096, JTI_MAX = 64, LIFE_MAX_S = 120 };

struct used {
    char jti[JTI_MAX + 1], session[WIRE_KEY_LENGTH + 1];
    int64_t fence, until; /* seconds since 1970; 0: free */
};

struct tickets {
    struct node_keys *keys;
    struct used used[USED_MAX];
};

struct tickets *tickets_new(const char *keys)
{
    struct tickets *t = mem_alloc(sizeof *t);
    t->keys = node_keys_new(keys, JWT_AUD_INGEST);
    return t;
}

void tickets_free(struct tickets *t)
{
    if (!t)
        return;
    node_keys_free(t->keys);
    free(t);
}

static enum rc refuse(struct cx *cx, const char *why)
{
    return err_set(cx, RC_DENIED, NULL, "token_invalid", "ticket: %s", why);
}

static enum rc read_claims(struct cx *cx, const struct jwt_claims *c, int64_t node, struct ticket *out)
{
    if (!c->ses || !str_is_key(str_of(c->ses), WIRE_KEY_LENGTH) || !c->lec ||
        !str_is_key(str_of(c->lec), WIRE_KEY_LENGTH) || !c->views[0] || c->views[1] ||
        !wire_view_of(str_of(c->views[0]), &out->view) || c->job < 1 || c->att < 0 || c->fen < 0)
        return refuse(cx, "it does not say what it is for");
    if (!c->jti || !*c->jti || strlen(c->jti) > JTI_MAX)
        return refuse(cx, "it has no name of its own");
    if (c->exp - c->iat > LIFE_MAX_S)
        return refuse(cx, "it lives too long to remember it");
    if (c->node != node)
        return refuse(cx, "it is for another node");
    memcpy(out->session, c->ses, sizeof out->session);
    memcpy(out->lecture, c->lec, sizeof out->lecture);
    out->job = c->job;
    out->attempt = c->att;
    out->fence = c->fen;
    return RC_OK;
}

/* Notes the ticket as used, if nothing speaks against it. */
static enum rc use(struct cx *cx, struct tickets *t, const struct jwt_claims *c, const struct ticket *ticket,
                   int64_t now)
{
    struct used *room = NULL;
    for (int i = 0; i < USED_MAX; i++) {
        struct used *u = &t->used[i];
        if (u->until <= now)
            u->until = 0;
        if (u->until == 0) {
            room = u;
            continue;
        }
        if (strcmp(u->jti, c->jti) == 0)
            return refuse(cx, "it was used before");
        if (strcmp(u->session, ticket->session) == 0 && u->fence >= ticket->fence)
            return refuse(cx, "there was a newer one for this session");
    }
    if (!room)
        return err_set(cx, RC_TOOBIG, NULL, NULL, "more than %d tickets in a minute", USED_MAX);
    *room = (struct used){.fence = ticket->fence, .until = c->exp};
    memcpy(room->jti, c->jti, strlen(c->jti));
    memcpy(room->session, ticket->session, sizeof room->session);
    return RC_OK;
}

enum rc tickets_take(struct cx *cx, struct tickets *t, struct str name, int64_t node, struct ticket *out)
{
    struct ticket ticket;
    struct jwt_claims c;
    int64_t now = clock_now() / 1000;
    if (node <= 0)
        return err_set(cx, RC_UNAVAIL, NULL, NULL, "the core has not told this node its number yet");
    enum rc rc = node_keys_verify(cx, t->keys, now, name, &c);
    if (rc == RC_OK)
        rc = read_claims(cx, &c, node, &ticket);
    if (rc == RC_OK)
        rc = use(cx, t, &c, &ticket, now);
    if (rc == RC_OK)
        *out = ticket;
    return rc;
}
