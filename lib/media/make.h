/* The three media jobs: probe, quick (first generation) and full (second). Each reads job->source, writes its
 * artifacts into job->out and returns its outputs as JSON in the shape of the job protocol. Failures stand in
 * job->fail. */
#ifndef LIB_MEDIA_MAKE_H
#define LIB_MEDIA_MAKE_H

#include <jansson.h>

#include "lib/base/buf.h"
#include "lib/format/hls.h"
#include "lib/media/plan.h"
#include "lib/media/tool.h"

/* {probe:{…}, plan:{quick:{…}|null, full:{…}, words:[…]}} */
WARN_UNUSED enum rc make_probe(struct cx *cx, struct media_job *job, enum view_kind view, json_t **out);

/* {files:[{name,size,sha256}], duration, renditions:[{name,width,height,bitrate,frames,duration,copied}],
 *  audio:{…}|null, silences:[[start,end]…], chapters:[at…], loudness:{…}|null, sprite:{…}|null}.
 * make_quick needs a plan whose quick is set; else it fails with unsupported. Results are the caller's
 * (json_decref). */
WARN_UNUSED enum rc make_quick(struct cx *cx, struct media_job *job, const struct probe *p,
                               const struct plan *plan, json_t **out);
WARN_UNUSED enum rc make_full(struct cx *cx, struct media_job *job, const struct probe *p,
                              const struct plan *plan, json_t **out);

/* --- pure parts, for tests --- */

struct verify_track;
/* master.m3u8 (RFC 8216) for n renditions, largest first; audio may be NULL. */
void make_master(struct buf *out, const struct plan *plan, const struct verify_track *videos, int n,
                 const struct verify_track *audio);
/* Changes the length of the last segment so that all add up to `seconds`; at least a millisecond stays. */
void make_ending(struct hls_playlist *p, double seconds);
/* WebVTT of n thumbnails on one sheet. */
void make_thumbs_vtt(struct buf *out, int n, int columns, int width, int height, int interval,
                     double duration);

#endif
