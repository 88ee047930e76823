/* What the configuration records of H.264 and AAC say about picture and sound: what FLV and MP4 carry as the
 * sequence header. HEVC, AV1, VP9 and Opus are not read. Pure; the bytes may be anything. */
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

struct codec_sound {
    char name[CODEC_NAME]; /* "mp4a.40.2" */
    int rate;              /* samples a second: 1 to 2^24 - 1; with SBR that of the core */
    int channels;          /* 1 to 8; 0: a channel layout of its own */
};

/* AudioSpecificConfig (ISO/IEC 14496-3 section 1.6.2.1). False: broken, or a reserved value. */
bool codec_aac_read(struct str config, struct codec_sound *out);

#endif
