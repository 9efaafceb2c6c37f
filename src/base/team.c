/* team.c - several threads at the same work, each at a bench of its own. */
#include "base/team.h"

#include <pthread.h>

#define MOST 256

void team_work(void *(*work)(void *bench), void *benches, size_t size, int32_t n)
{
    pthread_t thread[MOST];
    int32_t started = 1;
    while (started < n && started < MOST &&
           pthread_create(&thread[started], NULL, work, (char *)benches + (size_t)started * size) ==
               0)
        started++;
    work(benches);
    for (int32_t i = 1; i < started; i++)
        pthread_join(thread[i], NULL);
}
