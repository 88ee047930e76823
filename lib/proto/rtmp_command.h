/* Commands of RTMP (section 7.2): a name, a transaction number, a command object and arguments, in AMF0. */
#ifndef LIB_PROTO_RTMP_COMMAND_H
#define LIB_PROTO_RTMP_COMMAND_H

#include "lib/proto/amf0.h"
#include "lib/proto/rtmp.h"

struct rtmp_command {
    struct str name;          /* lends from the message, as all texts of it */
    double transaction;       /* 0: no answer is wanted */
    struct amf0_value object; /* AMF0_NULL with most commands */
    struct amf0 rest;         /* the arguments */
};

/* False: not a command, or its beginning is malformed. Commands marked as AMF3 are read if they are AMF0 after
 * their first byte, as in practice they are. A missing transaction is 0 (FFmpeg's onFCPublish), a missing command
 * object null. */
bool rtmp_command_read(const struct rtmp_message *m, struct rtmp_command *out);
/* The next argument if it is a string of at most `max` bytes without control characters. */
bool rtmp_command_text(struct rtmp_command *c, size_t max, struct str *out);

/* Name and transaction; object and arguments follow by amf0_put_…. */
void rtmp_command_put(struct buf *b, const char *name, double transaction);
/* An information object (section 7.2.2) as an argument. level: "status" or "error". */
void rtmp_command_put_info(struct buf *b, const char *level, const char *code, struct str description);

/* What an information object says; empty where it says nothing. Lends. */
struct rtmp_info {
    struct str level, code, description;
};
struct rtmp_info rtmp_command_info(struct rtmp_command *c); /* takes the next argument */

#endif
