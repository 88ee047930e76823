/* May this request have this file? Pure: what the web server said and the claims of a verified token in, yes
 * or no out. The token comes from the raw address, the object from the file the web server resolved; both
 * must name the same. */
#ifndef LIB_PLAY_DECIDE_H
#define LIB_PLAY_DECIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/str.h"

/* What a playback token allows, as the cache keeps it. */
struct grant {
    char lecture[13];
    int64_t gmin, gmax;
    unsigned views; /* bit 0 CAM, 1 PRES, 2 COMB */
    bool download;
};

/* "/m/<token>/<path>?…" into token and path. False: another shape. */
bool decide_split(const char *request_uri, struct str *token, struct str *path);

/* path: "<lecture>/g<N>/<view>/<file>", from the raw address. */
bool decide_allow_path(const char *method, struct str path, const struct grant *g);
/* The same, and the web server resolved it to that file. script_filename: the resolved file; root: store_root. */
bool decide_allow(const char *method, struct str path, const char *script_filename, const char *root,
                  const struct grant *g);

/* 0 for anything but CAM, PRES, COMB. */
unsigned decide_view_bit(struct str view);

#endif
