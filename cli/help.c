/* help.c - the manual pages of docs/man, on a terminal. */
#include "inside.h"

#include "base/embedded.h"

#include <string.h>

/* clang-format off */
const cli_option options_help[] = {
    {"markdown", 0, NULL, "the page as it is in docs/man"},
    CLI_END,
};
/* clang-format on */

/* A line of running text: `code` and **strong** are bold, the signs go away. */
static void write_inline(const cli *c, FILE *out, const char *line, int length)
{
    const char *bold = cli_paint(c, out, CLI_BOLD), *plain = cli_paint(c, out, CLI_PLAIN);
    bool is_code = false, is_strong = false;
    for (int i = 0; i < length; i++) {
        if (line[i] == '`') {
            is_code = !is_code;
            fputs(is_code ? bold : plain, out);
        } else if (!is_code && line[i] == '*' && i + 1 < length && line[i + 1] == '*') {
            is_strong = !is_strong;
            fputs(is_strong ? bold : plain, out);
            i++;
        } else {
            fputc(line[i], out);
        }
    }
}

void cli_markdown(const cli *c, FILE *out, const char *text)
{
    const char *bold = cli_paint(c, out, CLI_BOLD), *plain = cli_paint(c, out, CLI_PLAIN);
    bool is_block = false;
    for (const char *line = text; *line;) {
        int length = (int)strcspn(line, "\n");
        if (strncmp(line, "```", 3) == 0) {
            is_block = !is_block;
        } else if (is_block) {
            fprintf(out, "    %.*s\n", length, line);
        } else if (line[0] == '#') {
            int marks = (int)strspn(line, "#");
            const char *title = line + marks + strspn(line + marks, " ");
            fprintf(out, "%s%.*s%s\n", bold, length - (int)(title - line), title, plain);
        } else if (strncmp(line, "<!--", 4) != 0) {
            write_inline(c, out, line, length);
            fputc('\n', out);
        }
        line += length + (line[length] == '\n');
    }
}

static void list_commands(const cli *c)
{
    const char *bold = cli_paint(c, stdout, CLI_BOLD), *plain = cli_paint(c, stdout, CLI_PLAIN);
    const cli_command *command;
    printf("%sytterby COMMAND ...%s\n\n", bold, plain);
    for (int32_t i = 0; (command = cli_command_at(i)); i++)
        printf("  %s%-11s%s  %s\n", bold, command->name, plain, command->doc);
    printf("\nOptions of every command:\n");
    for (const cli_option *o = cli_common_options; o->name; o++)
        printf("  %c%c --%-10s  %s\n", o->letter ? '-' : ' ', o->letter ? o->letter : ' ', o->name,
               o->doc);
    printf("\nytterby help COMMAND prints its manual page, ytterby help ytterby the first one.\n");
}

/* A command without a page still has its line and its options. */
static void describe(const cli_command *command)
{
    printf("ytterby %s %s\n\n%s\n\n", command->name, command->usage, command->doc);
    for (const cli_option *o = command->options; o && o->name; o++)
        printf("  --%s%s%s\n        %s\n", o->name, o->value ? " " : "", o->value ? o->value : "",
               o->doc);
}

int command_help(cli *c)
{
    if (c->operands == 0) {
        list_commands(c);
        return 0;
    }
    const char *word = c->operand[0];
    const cli_command *command = cli_command_find(word);
    if (c->operands > 1)
        return cli_usage(c, "one command at a time: ytterby help %s", word);
    if (!command && strcmp(word, "ytterby") != 0)
        return cli_unknown_command(c, word);

    char name[64];
    snprintf(name, sizeof name, "docs/man/%s.md", word);
    const embedded_file *page = embedded_find(name);
    if (!page)
        describe(command);
    else if (cli_has(c, "markdown"))
        fwrite(page->bytes, 1, page->size, stdout);
    else
        cli_markdown(c, stdout, page->bytes);
    return 0;
}
