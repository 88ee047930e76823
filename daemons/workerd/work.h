/* One job from assignment to report, in a thread of its own: fetch the source (and join its parts), run the media
 * step, put the artifacts. Everything it makes lies in scratch_dir/<job>-<attempt>, which is gone when work_run returns. */
#ifndef DAEMONS_WORKERD_WORK_H
#define DAEMONS_WORKERD_WORK_H

#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "daemons/workerd/sources.h"
#include "lib/node/node.h"
#include "lib/os/conf.h"

struct work {
    int64_t job, attempt;
    json_t *assignment; /* owned */
    char *token;        /* owned: the job's newest one, NULL: as assigned; under *lock */
    pthread_mutex_t *lock;
    atomic_bool stop; /* set from any thread; the child is then ended at once */
    const struct conf *conf;
    struct node *node;
    struct sources *sources;
    struct store *store; /* of a storage node on this machine, or NULL */
};

/* Reports to the node's list of jobs. Has no result: a failure is what it reports. */
void work_run(struct work *w);

#endif
