/* main.c - ytterby COMMAND ...: finds the command, runs it, tells how it went. */
#include "inside.h"

#include "base/embedded.h"
#include "base/text.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* clang-format off */
static const cli_command commands[] = {
#define COMMAND(name, doc, usage) COMMAND_NAMED(name, #name, doc, usage)
#define COMMAND_NAMED(function, name, doc, usage)                                                  \
    {name, doc, usage, command_##function, options_##function},
#include "commands.def"
#undef COMMAND
};
/* clang-format on */

#define COMMANDS ((int32_t)(sizeof commands / sizeof commands[0]))

const cli_command *cli_command_at(int32_t i)
{
    return i >= 0 && i < COMMANDS ? &commands[i] : NULL;
}

const cli_command *cli_command_find(const char *name)
{
    for (int32_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

/* What a person sees who types the name of the program. */
static int introduce(void)
{
    const embedded_file *text = embedded_find("docs/start.md");
    fputs(text ? text->bytes : "ytterby help lists the commands\n", stdout);
    return 0;
}

int cli_unknown_command(const cli *c, const char *word)
{
    const char *names[COMMANDS];
    for (int32_t i = 0; i < COMMANDS; i++)
        names[i] = commands[i].name;
    const char *nearest = text_nearest(word, names, (size_t)COMMANDS);
    if (nearest)
        return cli_usage(c, "unknown command '%s'; did you mean '%s'?", word, nearest);
    return cli_usage(c, "unknown command '%s'; ytterby help lists them", word);
}

/* Run what argv asks for; messages stay in the log. */
static int dispatch(cli *c)
{
    /* options before the command are those that all commands have */
    int first = 1;
    while (first < c->argc && c->argv[first][0] == '-' && c->argv[first][1])
        first++;
    const cli_command *command = NULL;
    if (first < c->argc) {
        command = cli_command_find(c->argv[first]);
        if (!command)
            return cli_unknown_command(c, c->argv[first]);
    }

    int argc = c->argc;
    c->argc = first;
    cli_parse(c, 1);
    c->argc = argc;
    if (command) {
        c->command = command->name;
        c->options = command->options;
        cli_parse(c, first + 1);
    }
    if (c->private_->wants_help || (!command && c->private_->wants_version)) {
        c->operands = 0;
        if (c->private_->wants_help && command)
            c->operand[c->operands++] = command->name;
        c->command = c->private_->wants_help ? "help" : "version";
        return c->private_->wants_help ? command_help(c) : command_version(c);
    }
    if (log_has_errors(c->log))
        return yt_status_exit_code(YT_EUSAGE);
    if (!command)
        return introduce();
    return command->function(c);
}

/* A file that we open must not take the place of a closed standard stream: fill the gaps
 * with something that fails, as it should, when it is used. */
static void fill_standard_streams(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) == -1)
            _exit(yt_status_exit_code(YT_EIO));
}

int main(int argc, char *argv[])
{
    fill_standard_streams();
    cli_ignore_closed_pipes();
    signal(SIGXFSZ, SIG_IGN); /* a write past the limit of a file fails instead */

    struct cli_private *inside = calloc(1, sizeof *inside);
    const char **operand = calloc((size_t)argc + 1, sizeof *operand);
    cli c = {
        .log = yt_log_new(), .argc = argc, .argv = argv, .operand = operand, .private_ = inside};
    if (!inside || !operand || !c.log) {
        fputs("ytterby: error: out of memory\n", stderr);
        return yt_status_exit_code(YT_ENOMEM);
    }

    int exit_code = dispatch(&c);
    if (c.json && exit_code != 0 && !inside->has_json)
        cli_json_failure(&c, exit_code);
    cli_messages(&c);
    if (inside->needs_manual && c.command && !c.quiet && !c.json)
        fprintf(stderr, "ytterby help %s says how\n", c.command);
    if (exit_code == yt_status_exit_code(YT_ESTOPPED) && !c.quiet)
        fprintf(stderr, "ytterby: %s\n", yt_status_text(YT_ESTOPPED));
    exit_code = cli_close(&c, exit_code);
    yt_log_free(c.log);
    free(operand);
    free(inside);
    return exit_code;
}
