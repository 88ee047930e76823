/* Recordings of live streams: FLV files rec/<session>-<fence>.flv of whole tags. The event loop writes, which reaches
 * the kernel's cache at once: kill -9 of this program loses nothing that was written. A thread syncs all files that
 * have something new, once a second, so that the loop never waits for a disk, and a power failure costs a second. A file
 * that was cut is readable up to its last whole tag (lib/proto/flv.h). Files stay when the program ends or starts. */
#ifndef DAEMONS_RTMPD_RECORDING_H
#define DAEMONS_RTMPD_RECORDING_H

#include "lib/base/cx.h"
#include "lib/proto/rtmp.h"

struct recorder; /* the folder and the thread */
struct recording;

/* Makes dir/rec. */
WARN_UNUSED enum rc recorder_open(struct cx *cx, const char *dir, struct recorder **out);
/* All recordings have ended before; returns when they are on the disk. NULL is fine. */
void recorder_close(struct recorder *r);

/* A new file. RC_CONFLICT: it is there already; RC_UNAVAIL: the disk. */
WARN_UNUSED enum rc recording_begin(struct cx *cx, struct recorder *r, const char *session, int64_t fence,
                                    struct recording **out);
/* RTMP_AUDIO, RTMP_VIDEO or RTMP_DATA. False: it cannot be written, or what was written before did not reach the disk;
 * the file then ends with the last whole tag. */
bool recording_write(struct recording *rec, const struct rtmp_message *m);
int64_t recording_size(const struct recording *rec); /* bytes */
/* The thread syncs and closes it. NULL is fine. */
void recording_end(struct recording *rec);

#endif
