/* store.c - how long a result of a large case takes to write, and how much room. */
#include "unit/store_fixture.c"

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "bench-store.ytt";
    store_fixture f = store_fixture_large();
    yt_log *log = yt_log_new();
    double start = now();
    yt_status status = make_store_for_tests(name, &f, log);
    double end = now();
    struct stat st;
    if (status || stat(name, &st) != 0) {
        fprintf(stderr, "%s\n", yt_log_count(log, YT_ERROR) ? yt_log_get(log, 0).text : "?");
        yt_log_free(log);
        return 1;
    }
    printf("store: %d months in %.2f s, %.1f MB\n", (int)f.months, end - start,
           (double)st.st_size / 1e6);
    if (argc < 2)
        unlink(name);
    yt_log_free(log);
    return 0;
}
