/* Only for files of lib/format: flags of the boxes that describe a fragment of MP4 (ISO/IEC 14496-12 sections 8.8.7,
 * 8.8.8). */
#ifndef LIB_FORMAT_MP4_FLAGS_H
#define LIB_FORMAT_MP4_FLAGS_H

enum {
    TFHD_OFFSET = 0x1,
    TFHD_DESCRIPTION = 0x2,
    TFHD_DURATION = 0x8,
    TFHD_SIZE = 0x10,
    TFHD_SAMPLE_FLAGS = 0x20,
    TRUN_OFFSET = 0x1,
    TRUN_FLAGS = 0x4,
    TRUN_DURATIONS = 0x100,
    TRUN_SIZES = 0x200,
    TRUN_SAMPLE_FLAGS = 0x400,
    TRUN_SHIFTS = 0x800,
    TRUN_EACH = TRUN_DURATIONS | TRUN_SIZES | TRUN_SAMPLE_FLAGS | TRUN_SHIFTS
};

#endif
