/* A thread that syncs files, so that no request waits for the disk: in the order in which they were given. */
#ifndef DAEMONS_LIVED_DISK_H
#define DAEMONS_LIVED_DISK_H

#include "lib/base/str.h"

struct disk;

struct disk *disk_new(void);
void disk_free(struct disk *d); /* when all is done; NULL is fine */

/* Syncs and closes `fd` (-1: none), then appends the line to `index`. What cannot be synced gets no line. */
void disk_line(struct disk *d, int fd, int index, struct str line);
/* Closes it when what came before is done. */
void disk_close(struct disk *d, int index);
/* Waits until all that was given is done. */
void disk_wait(struct disk *d);

#endif
