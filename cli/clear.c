/* clear.c - clears one market given as JSON: the solver without a case. */
#include "cli.h"

#include "base/file.h"
#include "clear_problem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
const cli_option options_clear[] = {
    CLI_JSON,
    CLI_OUTPUT,
    CLI_END,
};
/* clang-format on */

static const size_t MAX_BYTES = (size_t)1 << 30;

/* All of standard input on the arena. */
static yt_status read_stdin(arena *memory, yt_log *log, char **text, size_t *length)
{
    char *bytes = NULL;
    size_t used = 0, room = 0;
    yt_status status = YT_OK;
    while (!status) {
        if (used + 1 >= room) {
            room = room ? room * 2 : 65536;
            char *larger = room > MAX_BYTES ? NULL : realloc(bytes, room);
            if (!larger) {
                log_error(log, YT_ENOMEM, place_at("<stdin>", 0, 0), "the input is too large");
                status = YT_ENOMEM;
                break;
            }
            bytes = larger;
        }
        const size_t got = fread(bytes + used, 1, room - used - 1, stdin);
        used += got;
        if (got == 0)
            break;
    }
    if (!status && ferror(stdin)) {
        log_error(log, YT_EIO, place_at("<stdin>", 0, 0), "cannot read: %s", strerror(errno));
        status = YT_EIO;
    }
    if (!status) {
        *text = arena_alloc(memory, used + 1);
        if (*text)
            memcpy(*text, bytes, used);
        else
            status = YT_ENOMEM;
    }
    *length = used;
    free(bytes);
    return status;
}

static yt_status solve_text(cli *c, const char *text, size_t length, const char *file,
                            int *exit_code)
{
    clear_problem problem;
    yt_status status = clear_problem_read(text, length, file, c->log, &problem);
    if (!status)
        status = clear_problem_solve(&problem);
    if (!status) {
        json_writer out = cli_json_begin(c);
        clear_problem_write(&problem, &out);
        cli_json_end(c, &out);
        *exit_code = clear_problem_exit_code(&problem);
    }
    clear_problem_free(&problem);
    return status;
}

int command_clear(cli *c)
{
    if (!cli_operands(c, 1, 1))
        return yt_status_exit_code(YT_EUSAGE);
    const char *path = c->operand[0];
    const bool is_stdin = strcmp(path, "-") == 0;
    const char *file = is_stdin ? "<stdin>" : path;
    arena *memory = arena_new();
    if (!memory)
        return yt_status_exit_code(YT_ENOMEM);
    char *text = NULL;
    size_t length = 0;
    int exit_code = 0;
    yt_status status = is_stdin
                           ? read_stdin(memory, c->log, &text, &length)
                           : file_read_all(memory, path, file, MAX_BYTES, c->log, &text, &length);
    if (!status)
        status = solve_text(c, text, length, file, &exit_code);
    if (status == YT_ENOMEM)
        log_error(c->log, YT_ENOMEM, place_none(), "out of memory");
    arena_free(memory);
    return status ? yt_status_exit_code(status) : exit_code;
}
