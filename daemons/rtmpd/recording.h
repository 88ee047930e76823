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

/* Of that recording so many bytes are on the disk. over: it is closed, and that is all of it. In the recorder's
 * thread, each time there is something new. */
typedef void recorder_kept(void *arg, const char *session, int64_t fence, int64_t size, bool over);

/* dir: …/rec, which is there. */
struct recorder *recorder_new(const char *dir, recorder_kept *kept, void *arg);
/* All recordings have ended before; returns when they are on the disk. NULL is fine. */
void recorder_free(struct recorder *r);

/* A new file. RC_CONFLICT: it is there already; RC_UNAVAIL: the disk. */
WARN_UNUSED enum rc recording_begin(struct cx *cx, struct recorder *r, const char *session, int64_t fence,
                                    struct recording **out);
/* RTMP_AUDIO, RTMP_VIDEO or RTMP_DATA. False: it cannot be written, or what was written before did not reach the disk;
 * the file then ends with the last whole tag. */
bool recording_write(struct recording *rec, const struct rtmp_message *m);
int64_t recording_size(const struct recording *rec); /* bytes */
int64_t recording_tags(const struct recording *rec);
/* The thread syncs and closes it. NULL is fine. */
void recording_end(struct recording *rec);

#endif
