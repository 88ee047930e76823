/* The FFmpeg of a live stream: its argument list, in the sandbox, from a ladder. */
#ifndef DAEMONS_RTMPD_COMMAND_H
#define DAEMONS_RTMPD_COMMAND_H

#include "lib/live/ladder.h"
#include "lib/media/child.h"
#include "lib/os/conf.h"

/* Reads an FLV from its standard input and writes fragmented MP4 to its standard output: a track per rung in their
 * order, then the sound. Times are those of the FLV. Pieces are of 0.34 to 0.4 s, one fragment a track. */
void command_live(struct cx *cx, const struct conf *conf, const struct ladder *l, struct child_argv *argv);
/* Encodes `seconds` of a moving picture of 1080 lines into 720 and 360 lines, and writes nothing: what this machine
 * needs for it. */
void command_trial(struct cx *cx, const struct conf *conf, int seconds, struct child_argv *argv);

#endif
