/* record.h - turns a run's month into the plain arrays a store takes. */
#ifndef STUDY_RECORD_H
#define STUDY_RECORD_H

#include "sim/sim.h"
#include "store/store.h"

typedef struct record record;

/* What will be written, by name: keys of all series, lanes, plants and uses of a network.
 * Owned by the caller; holds references into the network and the model. */
yt_status record_new(const yt_network *net, const yt_model *model, record **made);
void record_free(record *r);

const store_layout *record_layout(const record *r);

/* The month the run has just finished (yt_step called, run->t turned).  The arrays stay valid
 * until the next call.  Call it also for months of the spin-up: it looks at nothing else. */
store_month record_month(record *r, const yt_network *net, const yt_run *run);

#endif
