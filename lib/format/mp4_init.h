/* The initialization segment of one track, taken out of that of several (ISO/IEC 14496-12 section 8.8; RFC 8216 section
 * 3.3: a segment of HLS holds one rendition). FFmpeg writes all tracks of a live stream into one output. Nothing is
 * made here but lengths of boxes; the bytes may be anything. */
#ifndef LIB_FORMAT_MP4_INIT_H
#define LIB_FORMAT_MP4_INIT_H

#include "lib/base/buf.h"
#include "lib/format/mp4.h"

/* The numbers of the tracks in their order, at most `max`: how many there are. 0: broken, none, or more. moov: the
 * content of that box. */
size_t mp4_init_tracks(struct str moov, uint32_t *numbers, size_t max);

/* Appends ftyp (the whole box) and a moov box with that track only. False: the track is not there, or a box is
 * broken; *out may then hold a part. */
bool mp4_init_put(struct str ftyp, struct str moov, uint32_t number, struct buf *out);

#endif
