/* What a value in a message or a token may be at most. Both sides keep to these: who writes cuts or counts, who
 * reads refuses. */
#ifndef LIB_WIRE_LIMITS_H
#define LIB_WIRE_LIMITS_H

#include <stdint.h>

enum {
    WIRE_KEY_LENGTH = 12,    /* characters of a lecture's or an upload's key: [a-z0-9] */
    WIRE_SHA256_LENGTH = 64, /* hex digits */
    WIRE_TOKEN_MAX = 4096,   /* bytes of any token */
    WIRE_NAME_MAX = 100,     /* bytes of a node's name */
    WIRE_VERSION_MAX = 40,   /* bytes of a program's version */
    WIRE_WORD_MAX = 40,      /* bytes of a word, known or not */
    WIRE_ADDRESS_MAX = 255,  /* bytes of a node's address */
    WIRE_URL_MAX = 1024,     /* bytes of the address of an object */
    WIRE_TEXT_MAX = 1000,    /* bytes of a sentence about a failure */
    WIRE_LOG_MAX = 16384,    /* bytes of a log's end */
    WIRE_CLIENT_MAX = 64,    /* bytes of the address of somebody who connected, without the port */
    WIRE_AVOID_MAX = 16,     /* ingests that a stream has left */
    WIRE_CPUS_MAX = 4096,
    WIRE_SLOTS_MAX = 1024,           /* free places of a lane */
    WIRE_JOBS_MAX = 64,              /* jobs of one node */
    WIRE_INPUTS_MAX = 128,           /* files that one job reads */
    WIRE_UPLOADS_MAX = 256,          /* uploads in one message */
    WIRE_SECONDS_MAX = 7 * 24 * 3600 /* of a recording */
};

#define WIRE_FILE_MAX (INT64_C(1) << 50) /* bytes of a file: sums of such still fit */

#endif
