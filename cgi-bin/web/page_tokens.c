/* A person's tokens for programs, and what OBS, Zoom and FFmpeg need in order to go live with one. */
#include "cgi-bin/web/live_words.h"

#include "lib/base/clock.h"
#include "lib/format/zip.h"
#include "lib/os/conf.h"
#include "lib/svc/people/token.h"

#define OWN_URL "/account/tokens/live.json"
enum { ZIP_MAX = 16 * 1024 };

enum { P_NAME, P_DAYS, P_NEWEST, P_COUNT };
static const char *const day_choices[] = {"30", "180", "365", "0", NULL};
static const int days_of[] = {30, 180, 365, 0};
enum { DAYS_DEFAULT = 2 };
static const struct web_param params[P_COUNT] = {
    [P_NAME] = {"name", WEB_LINE, true, 1, TOKEN_NAME_MAX, NULL},
    [P_DAYS] = {"days", WEB_CHOICE, true, 0, 0, day_choices},
    [P_NEWEST] = {"newest", WEB_INT, true, 0, INT64_MAX, NULL},
};
static const struct web_param param_scopes = {"scopes", WEB_CHOICE, false, 0, 0, token_scope_names};

/* --- where programs send to --- */

/* The address that is offered first: the encrypted one, if there is one. "": this site has no live streams. */
static const char *server_of(const struct web_request *rq)
{
    const struct conf *c = rq->app->conf;
    return c->live_url_tls[0] ? c->live_url_tls : c->live_url;
}

static void show_server(struct web_request *rq, const char *key)
{
    const struct conf *c = rq->app->conf;
    struct view_node *live = view_child(rq->values, "Live");
    view_set(live, "server", server_of(rq));
    if (c->live_url_tls[0] && c->live_url[0])
        view_set(live, "plain", web_t(rq, "Tokens.plain", "url", c->live_url));
    view_set(live, "site", c->base_url);
    view_set(live, "address",
             arena_printf(rq->cx.arena, "%s/%s", server_of(rq), key ? key : web_t(rq, "Tokens.key_place")));
}

/* --- the list and the form --- */

static const char *scopes_text(struct web_request *rq, unsigned scopes)
{
    const char *text = "";
    for (int i = 0; i < SCOPE_COUNT; i++)
        if (scopes & 1u << i)
            text =
                arena_printf(rq->cx.arena, "%s%s%s", text, *text ? ", " : "",
                             web_t(rq, arena_printf(rq->cx.arena, "Tokens.scope_%s", token_scope_names[i])));
    return text;
}

static const char *use_text(struct web_request *rq, const struct token *t)
{
    return t->used_at == NO_TIME ? web_t(rq, "Tokens.never_used")
                                 : web_t(rq, "Tokens.used", "time", site_period(rq, t->used_at, NO_TIME),
                                         "address", t->used_from);
}

static void show_list(struct web_request *rq, const struct token_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct token *t = &list->item[i];
        struct view_node *row = view_add(rq->values, "Tokens");
        view_num(row, "id", t->id);
        view_set(row, "name", t->name);
        view_set(row, "may", scopes_text(rq, t->scopes));
        view_set(row, "until",
                 t->expires_at == NO_TIME
                     ? web_t(rq, "Tokens.until_revoked")
                     : web_t(rq, "Tokens.until", "time", site_period(rq, t->expires_at, NO_TIME)));
        view_set(row, "used", use_text(rq, t));
        view_flag(row, "expired", t->expired);
        view_flag(row, "streams", t->streams);
        view_set(
            row, "label",
            web_t(rq, t->streams ? "Tokens.revoke_stream_label" : "Tokens.revoke_label", "what", t->name));
    }
}

/* The scopes of the form; of a new one all. */
static enum rc read_scopes(struct web_request *rq, unsigned *out)
{
    struct web_value *v;
    size_t n;
    unsigned scopes = 0;
    enum rc rc = web_params_all(rq, &param_scopes, SCOPE_COUNT, &v, &n);
    for (size_t i = 0; i < n; i++)
        if (v[i].given)
            scopes |= 1u << v[i].num;
    *out = scopes;
    return rc;
}

static void show_form(struct web_request *rq, const struct token_list *list)
{
    unsigned scopes = (1u << SCOPE_COUNT) - 1;
    enum rc rc = rq->retry ? read_scopes(rq, &scopes) : RC_OK;
    if (rc != RC_OK)
        scopes = 0; /* what is wrong was said when the form was read */
    web_field(rq, "name", web_t(rq, "Tokens.name_first"));
    web_field(rq, "days", day_choices[DAYS_DEFAULT]);
    web_field(rq, "scopes", "");
    view_num(rq->values, "Form.newest.value", list->n ? list->item[0].id : 0);
    const char *chosen = view_get(rq->values, "Form.days.value");
    for (const char *const *one = day_choices; *one; one++) {
        struct view_node *row = view_add(rq->values, "Form.days.options");
        view_set(row, "value", *one);
        view_set(row, "name", web_t(rq, arena_printf(rq->cx.arena, "Tokens.days_%s", *one)));
        view_flag(row, "selected", strcmp(chosen, *one) == 0);
    }
    for (int i = 0; i < SCOPE_COUNT; i++) {
        struct view_node *row = view_add(rq->values, "Form.scopes.options");
        view_set(row, "value", token_scope_names[i]);
        view_set(row, "name", web_t(rq, arena_printf(rq->cx.arena, "Tokens.scope_%s", token_scope_names[i])));
        view_flag(row, "on", scopes & 1u << i);
    }
}

enum rc page_tokens(struct web_request *rq)
{
    struct token_list list;
    enum rc rc = token_list(&rq->cx, rq->cx.actor->user_id, 0, &list);
    if (rc == RC_OK)
        rc = live_words(rq, NULL, OWN_URL);
    if (rc != RC_OK)
        return rc;
    show_server(rq, NULL);
    show_list(rq, &list);
    show_form(rq, &list);
    return web_page(rq, "tokens", web_t(rq, "Tokens.title"));
}

/* The token is in this answer and nowhere else: no redirect, no address, no store has it. Sent again, as when the page is
 * loaded anew, the form makes no second one. */
enum rc page_token_create(struct web_request *rq)
{
    struct web_value v[P_COUNT];
    const char *key = NULL;
    unsigned scopes = 0;
    web_form_page(rq, page_tokens);
    enum rc rc = web_params(rq, params, P_COUNT, v);
    if (rc == RC_OK)
        rc = read_scopes(rq, &scopes);
    if (rc == RC_OK)
        rc = token_create(&rq->cx,
                          &(struct token_new){.user_id = rq->cx.actor->user_id,
                                              .name = v[P_NAME].text,
                                              .scopes = scopes,
                                              .days = days_of[v[P_DAYS].num],
                                              .newest = &v[P_NEWEST].num},
                          &key);
    if (rc == RC_OK)
        rc = live_words(rq, NULL, OWN_URL);
    if (rc != RC_OK)
        return rc;
    show_server(rq, key);
    const char *title = web_t(rq, "Tokens.new_title", "what", v[P_NAME].text);
    view_set(rq->values, "New.title", title);
    view_set(rq->values, "New.key", key);
    return web_page(rq, "tokens", title);
}

enum rc page_token_revoke(struct web_request *rq)
{
    static const struct web_param param = {"id", WEB_INT, true, 1, INT64_MAX, NULL};
    struct web_value v;
    enum rc rc = web_params(rq, &param, 1, &v);
    if (rc == RC_OK)
        rc = token_revoke(&rq->cx, v.num);
    if (rc != RC_OK)
        return rc;
    web_flash(rq, "token_revoked", NULL, NULL);
    return web_redirect(rq, "/account/tokens");
}

/* --- a profile for OBS --- */

/* OBS (28 to 31) imports a folder. The advanced mode, since the simple one sends a keyframe every 250 frames. */
static const char obs_basic[] =
    "[General]\nName=Lectern\n\n"
    "[Output]\nMode=Advanced\n\n"
    "[AdvOut]\nEncoder=obs_x264\nTrackIndex=1\nTrack1Bitrate=160\nFFAudioMixes=1\n\n"
    "[Video]\nFPSType=0\nFPSCommon=30\n\n"
    "[Audio]\nSampleRate=48000\nChannelSetup=Stereo\n";
static const char obs_encoder[] = "{\"rate_control\":\"CBR\",\"bitrate\":4000,\"keyint_sec\":2,\"preset\":"
                                  "\"veryfast\",\"profile\":\"high\"}\n";

enum rc page_token_profile(struct web_request *rq)
{
    struct buf service, zip;
    const char *server = server_of(rq);
    if (!*server)
        return err_set(&rq->cx, RC_NOTFOUND, NULL, "live_none", "neither live_url nor live_url_tls is set");
    buf_init(&service, ZIP_MAX);
    buf_init(&zip, ZIP_MAX);
    buf_str(&service, "{\"type\":\"rtmp_custom\",\"settings\":{\"server\":");
    buf_json(&service, str_of(server));
    buf_str(&service, ",\"key\":\"\",\"use_auth\":false}}\n");
    const struct zip_file files[] = {{"Lectern/basic.ini", str_of(obs_basic)},
                                     {"Lectern/service.json", buf_view(&service)},
                                     {"Lectern/streamEncoder.json", str_of(obs_encoder)}};
    zip_write(&zip, files, sizeof files / sizeof *files);
    web_header(rq, "Content-Disposition", "attachment; filename=\"lectern-obs.zip\"");
    enum rc rc = web_text(rq, 200, "application/zip", buf_view(&zip));
    buf_fini(&service);
    buf_fini(&zip);
    return rc;
}
