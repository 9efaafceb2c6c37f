/* team.h - several threads at the same work, each at a bench of its own. */
#ifndef BASE_TEAM_H
#define BASE_TEAM_H

#include <stddef.h>
#include <stdint.h>

/* work(bench) at each of n benches of `size` bytes, the first in this thread; returns when all are
 * done.  Where the system gives no more threads the others do without them: work must take its
 * tasks from a common list until none is left. */
void team_work(void *(*work)(void *bench), void *benches, size_t size, int32_t n);

#endif
