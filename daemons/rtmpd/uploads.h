/* Recordings as uploads of the store of their lecture. One recording is one upload, which grows while the stream goes on
 * (tus 1.0 with creation-defer-length): every two seconds what is on this disk is sent, and the length at the end. A
 * few threads ask the core which upload it is (live_upload, lib/wire/live.h) and send; nothing waits for them. When
 * the store has the whole file and its hash is that of the file here, the file is removed. A file that the core does not
 * want any more is removed, too. What a program that ended has left in the folder is sent by the next one. */
#ifndef DAEMONS_RTMPD_UPLOADS_H
#define DAEMONS_RTMPD_UPLOADS_H

#include "daemons/rtmpd/core.h"

struct uploads;

/* dir: …/rec, which is there; no recording may have begun in it. core: what it names must outlive it. */
WARN_UNUSED enum rc uploads_open(struct cx *cx, const struct core *core, const char *dir,
                                 struct uploads **out);
/* What is not sent stays in the folder. NULL is fine. */
void uploads_close(struct uploads *u);
/* A recorder_kept (recording.h), of a recorder for the same folder. */
void uploads_grow(void *uploads, const char *session, int64_t fence, int64_t size, bool over);

#endif
