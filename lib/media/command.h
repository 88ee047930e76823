/* The FFmpeg commands of a view: plan in, argument list out. Nothing is run here. command.c says why each
 * option is needed. */
#ifndef LIB_MEDIA_COMMAND_H
#define LIB_MEDIA_COMMAND_H

#include "lib/base/buf.h"
#include "lib/media/child.h"
#include "lib/media/plan.h"
#include "lib/media/tool.h"

enum { THUMB_WIDTH = 160, THUMBS_MAX = 400 };

/* The sheet of thumbnails: one picture every `interval` whole seconds, from 0 on; width and height of one. */
struct command_sheet {
    int interval, count, columns, rows, width, height;
};
void command_sheet(const struct plan *plan, struct command_sheet *out);
/* The time of the poster: late enough that a title or a lens cap is over. */
double command_poster_time(double duration);

/* First generation: copies into HLS. audio: FFmpeg's audio options are chosen by the plan. */
void command_quick(struct cx *cx, const struct media_job *job, const struct probe *p, const struct plan *plan,
                   struct child_argv *argv);
/* The poster of the first generation from one keyframe. */
void command_poster(struct cx *cx, const struct media_job *job, const struct probe *p,
                    const struct plan *plan, struct child_argv *argv);
/* Second generation: every rendition, thumbs.jpg, the poster and the slide changes (on standard error as
 * lavfi.scd.time=…) from one decode. audio: path of the finished audio.m4a, NULL without
 * sound. */
void command_full(struct cx *cx, const struct media_job *job, const struct probe *p, const struct plan *plan,
                  const char *audio, struct child_argv *argv);
/* download.mp4 from a finished rendition. */
void command_download(struct cx *cx, const struct media_job *job, const char *video, const char *audio,
                      struct child_argv *argv);

/* The filter graph of command_full, for tests. */
void command_graph(const struct probe *p, const struct plan *plan, struct buf *out);

#endif
