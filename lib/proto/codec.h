/* What the configuration record of H.264 says about the picture: what FLV and MP4 carry as the sequence header.
 * HEVC, AV1 and VP9 are not read. Pure; the bytes may be anything. */
#ifndef LIB_PROTO_CODEC_H
#define LIB_PROTO_CODEC_H

#include <stdbool.h>

#include "lib/base/str.h"

enum { CODEC_NAME = 24, CODEC_SIDE_MAX = 16384 };

struct codec_picture {
    char name[CODEC_NAME]; /* RFC 6381: "avc1.64001f" */
    int width, height;     /* pixels shown, 1 to CODEC_SIDE_MAX; 0: not said in a way that is read here */
};

/* AVCDecoderConfigurationRecord (ISO/IEC 14496-15 section 5.3.3.1). The size is that of the first sequence
 * parameter set (ITU-T H.264 section 7.3.2.1.1). False: no such record, or one without a parameter set. */
bool codec_avc_read(struct str record, struct codec_picture *out);

#endif
