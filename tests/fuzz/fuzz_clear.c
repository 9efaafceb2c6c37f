/* fuzz_clear.c - any bytes as a clearing problem: refused with a message, or solved.
 *
 * Small problems are solved as well: whatever the numbers, the answer is finite and an answer
 * called optimal is certified.  Without libFuzzer: replays the files on the command line.
 */
#include "../../cli/clear_problem.c"

#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check_answer(const clear_problem *p)
{
    const market_problem *answer = &p->answer;
    for (int32_t i = 0; i < p->markets; i++)
        if (!isfinite(p->price[i]) || p->price[i] < 0)
            abort();
    for (int32_t j = 0; j < p->activities; j++)
        if (!isfinite(p->level[j]) || p->level[j] < 0 || p->level[j] > p->capacity[j])
            abort();
    if (answer->status == MARKET_OPTIMAL &&
        !(market_certificate_worst(&answer->certificate) <= MARKET_BAR))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    yt_log *log = yt_log_new();
    clear_problem problem;
    const yt_status status =
        clear_problem_read((const char *)bytes, length, "fuzz.json", log, &problem);
    if (status && yt_status_exit_code(status) != 3)
        abort();
    if (status && yt_log_count(log, YT_ERROR) == 0)
        abort();
    if (!status && problem.markets <= 50 && problem.activities <= 200) {
        if (clear_problem_solve(&problem))
            abort();
        check_answer(&problem);
    }
    clear_problem_free(&problem);
    yt_log_free(log);
    return 0;
}

#ifndef YT_LIBFUZZER
static void replay(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        exit(1);
    static uint8_t bytes[1 << 20];
    const size_t length = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    LLVMFuzzerTestOneInput(bytes, length);
}

int main(int argc, char **argv)
{
    for (int k = 1; k < argc; k++)
        replay(argv[k]);
    return 0;
}
#endif
