/* Makes the last sample of a fragment shorter, in place (ISO/IEC 14496-12 sections 8.8.7, 8.8.8): a picture that is shown
 * until the next one comes, a second later, becomes one that is followed by a gap. */
#ifndef LIB_FORMAT_MP4_SHORTEN_H
#define LIB_FORMAT_MP4_SHORTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* moof: the n bytes of that box's content, of one track. ticks: by how much. False: the sample is not that long, or has
 * the length of all others; nothing is changed. */
bool mp4_shorten(char *moof, size_t n, uint32_t ticks);

#endif
