/* Our metadata. */
#include "lib/saml/metadata.h"

#include "lib/saml/tree.h"
#include "lib/saml/write.h"

#define NAME_URI "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"

/* What lib/saml/decrypt.h accepts, the best first. CBC is not offered. */
static const char *const encryption_methods[] = {
    "http://www.w3.org/2009/xmlenc11#aes256-gcm",
    "http://www.w3.org/2009/xmlenc11#aes128-gcm",
    "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
};

static void put_key(struct cx *cx, struct saml_writer *w, const struct saml_cert *cert, const char *use)
{
    saml_write(w, "<md:KeyDescriptor");
    saml_write_attr(w, "use", use);
    saml_write(w, "><ds:KeyInfo><ds:X509Data><ds:X509Certificate>");
    saml_write(w, str_b64(cx->arena, cert->der.p, cert->der.n));
    saml_write(w, "</ds:X509Certificate></ds:X509Data></ds:KeyInfo>");
    for (size_t i = 0; use[0] == 'e' && i < sizeof encryption_methods / sizeof *encryption_methods; i++) {
        saml_write(w, "<md:EncryptionMethod");
        saml_write_attr(w, "Algorithm", encryption_methods[i]);
        saml_write(w, "/>");
    }
    saml_write(w, "</md:KeyDescriptor>");
}

static void put_name(struct saml_writer *w, const char *tag, const char *lang, const char *text)
{
    if (!text)
        return;
    buf_printf(&w->text, "<%s xml:lang=\"%s\">", tag, lang);
    saml_write_escaped(w, text);
    buf_printf(&w->text, "</%s>", tag);
}

static void put_endpoint(struct saml_writer *w, const char *name, const char *binding, const char *url,
                         const char *rest)
{
    buf_printf(&w->text, "<md:%s", name);
    saml_write_attr(w, "Binding", binding);
    saml_write_attr(w, "Location", url);
    buf_printf(&w->text, "%s/>", rest);
}

static void put_wanted(struct saml_writer *w, const struct saml_sp *sp)
{
    if (sp->wanted_n == 0)
        return;
    saml_write(w, "<md:AttributeConsumingService index=\"0\">");
    put_name(w, "md:ServiceName", "de", sp->name_de);
    put_name(w, "md:ServiceName", "en", sp->name_en);
    for (size_t i = 0; i < sp->wanted_n; i++) {
        saml_write(w, "<md:RequestedAttribute");
        saml_write_attr(w, "Name", sp->wanted[i].name);
        saml_write_attr(w, "NameFormat", NAME_URI);
        saml_write_attr(w, "FriendlyName", sp->wanted[i].friendly);
        saml_write_attr(w, "isRequired", sp->wanted[i].required ? "true" : "false");
        saml_write(w, "/>");
    }
    saml_write(w, "</md:AttributeConsumingService>");
}

static bool has_certs(const struct saml_sp *sp)
{
    for (size_t i = 0; i < sp->keys_n; i++)
        if (!saml_key_cert(sp->keys[i]))
            return false;
    return sp->keys_n > 0;
}

static void put_keys(struct cx *cx, struct saml_writer *w, const struct saml_sp *sp)
{
    static const char *const uses[] = {"signing", "encryption"};
    for (size_t use = 0; use < sizeof uses / sizeof *uses; use++)
        for (size_t i = 0; i < sp->keys_n; i++)
            put_key(cx, w, saml_key_cert(sp->keys[i]), uses[use]);
}

/* The order of the elements is that of the schema ([Meta] 2.4). */
enum rc saml_sp_metadata(struct cx *cx, const struct saml_sp *sp, struct str *xml)
{
    struct saml_writer w;
    if (!has_certs(sp))
        return err_set(cx, RC_INVALID, NULL, NULL, "no key, or one without a certificate");
    saml_write_init(&w);
    saml_write(&w, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<md:EntityDescriptor xmlns:md=\"" NS_METADATA
                   "\" xmlns:ds=\"" NS_SIGNATURE "\" xmlns:mdui=\"" NS_UI "\"");
    saml_write_attr(&w, "entityID", sp->entity);
    saml_write(&w, "><md:SPSSODescriptor AuthnRequestsSigned=\"true\" WantAssertionsSigned=\"true\""
                   " protocolSupportEnumeration=\"" NS_PROTOCOL "\"><md:Extensions><mdui:UIInfo>");
    put_name(&w, "mdui:DisplayName", "de", sp->name_de);
    put_name(&w, "mdui:DisplayName", "en", sp->name_en);
    saml_write(&w, "</mdui:UIInfo></md:Extensions>");
    put_keys(cx, &w, sp);
    put_endpoint(&w, "SingleLogoutService", BINDING_REDIRECT, sp->slo, "");
    put_endpoint(&w, "SingleLogoutService", BINDING_POST, sp->slo, "");
    put_endpoint(&w, "AssertionConsumerService", BINDING_POST, sp->acs, " index=\"0\" isDefault=\"true\"");
    put_wanted(&w, sp);
    saml_write(&w, "</md:SPSSODescriptor>");
    if (sp->contact) {
        saml_write(&w, "<md:ContactPerson contactType=\"technical\"><md:EmailAddress>mailto:");
        saml_write_escaped(&w, sp->contact);
        saml_write(&w, "</md:EmailAddress></md:ContactPerson>");
    }
    saml_write(&w, "</md:EntityDescriptor>\n");
    return saml_written(cx, &w, xml);
}
