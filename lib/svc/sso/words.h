/* Names of attributes that universities send (eduPerson 202208, REFEDS, SAML subject identifiers 1.0): the
 * Name of the attribute; its FriendlyName is for people and never read. */
#ifndef LIB_SVC_SSO_WORDS_H
#define LIB_SVC_SSO_WORDS_H

#define SSO_SUBJECT_ID         "urn:oasis:names:tc:SAML:attribute:subject-id"
#define SSO_PAIRWISE_ID        "urn:oasis:names:tc:SAML:attribute:pairwise-id"
#define SSO_PERSISTENT         "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
#define SSO_EPPN               "urn:oid:1.3.6.1.4.1.5923.1.1.1.6"
#define SSO_UID                "urn:oid:0.9.2342.19200300.100.1.1"
#define SSO_MAIL               "urn:oid:0.9.2342.19200300.100.1.3"
#define SSO_DISPLAY_NAME       "urn:oid:2.16.840.1.113730.3.1.241"
#define SSO_GIVEN_NAME         "urn:oid:2.5.4.42"
#define SSO_SURNAME            "urn:oid:2.5.4.4"
#define SSO_COMMON_NAME        "urn:oid:2.5.4.3"
#define SSO_AFFILIATION        "urn:oid:1.3.6.1.4.1.5923.1.1.1.1"
#define SSO_SCOPED_AFFILIATION "urn:oid:1.3.6.1.4.1.5923.1.1.1.9"
#define SSO_ENTITLEMENT        "urn:oid:1.3.6.1.4.1.5923.1.1.1.7"

#endif
