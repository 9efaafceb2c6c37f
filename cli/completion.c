/* completion.c - completion scripts for bash, zsh and fish, made from commands.def, the
 * options of each command and the tables of schema.def. */
#include "inside.h"

#include "base/text.h"
#include "model/model.h"

#include <string.h>

const cli_option options_completion[] = {CLI_END};

static const char *const shells[] = {"bash", "zsh", "fish"};

/* Words a command takes besides files. */
static void write_words(FILE *out, const char *command)
{
    if (strcmp(command, "completion") == 0)
        for (int i = 0; i < 3; i++)
            fprintf(out, " %s", shells[i]);
    else if (strcmp(command, "help") == 0)
        for (int32_t i = 0; cli_command_at(i); i++)
            fprintf(out, " %s", cli_command_at(i)->name);
    else if (strcmp(command, "show") == 0)
        for (int t = 0; t < TABLE_COUNT; t++)
            fprintf(out, " %s", model_table_describe((table_id)t).name);
}

/* Every option of a command, its own and the common ones; NULL after the last. */
static const cli_option *option_at(const cli_command *command, int i)
{
    for (const cli_option *o = command->options; o && o->name; o++)
        if (i-- == 0)
            return o;
    for (const cli_option *o = cli_common_options; o->name; o++)
        if (i-- == 0)
            return o;
    return NULL;
}

static void write_bash(FILE *out)
{
    const cli_option *o;
    fputs("# bash completion for ytterby: source <(ytterby completion bash)\n"
          "_ytterby()\n"
          "{\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} command= options= words= i\n"
          "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
          "        [[ ${COMP_WORDS[i]} == -* ]] || { command=${COMP_WORDS[i]}; break; }\n"
          "    done\n"
          "    case $command in\n",
          out);
    for (int32_t i = 0; cli_command_at(i); i++) {
        const cli_command *command = cli_command_at(i);
        fprintf(out, "    %s)\n        options='", command->name);
        for (int k = 0; (o = option_at(command, k)); k++)
            fprintf(out, "%s--%s", k ? " " : "", o->name);
        fputs("'\n        words='", out);
        write_words(out, command->name);
        fputs("' ;;\n", out);
    }
    fputs("    '')\n        words='", out);
    for (int32_t i = 0; cli_command_at(i); i++)
        fprintf(out, "%s%s", i ? " " : "", cli_command_at(i)->name);
    fputs("' ;;\n"
          "    esac\n"
          "    if [[ $word == -* ]]; then\n"
          "        COMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
          "    else\n"
          "        COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
          "        [[ -n $command ]] && COMPREPLY+=($(compgen -f -- \"$word\"))\n"
          "    fi\n"
          "}\n"
          "complete -o filenames -F _ytterby ytterby\n",
          out);
}

/* Inside '...' of a shell, with the signs that zsh gives a meaning in option lists. */
static void write_quoted(FILE *out, const char *text, bool is_zsh)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", out);
        else if (is_zsh && strchr("[]:\\", *text))
            fprintf(out, "\\%c", *text);
        else
            fputc(*text, out);
    }
}

static void write_zsh(FILE *out)
{
    const cli_option *o;
    fputs("#compdef ytterby\n"
          "# zsh completion: ytterby completion zsh > a folder of $fpath, file _ytterby\n"
          "_ytterby()\n"
          "{\n"
          "    local -a commands\n"
          "    commands=(\n",
          out);
    for (int32_t i = 0; cli_command_at(i); i++) {
        fprintf(out, "        '%s:", cli_command_at(i)->name);
        write_quoted(out, cli_command_at(i)->doc, true);
        fputs("'\n", out);
    }
    fputs("    )\n"
          "    if ((CURRENT == 2)); then\n"
          "        _describe command commands\n"
          "        return\n"
          "    fi\n"
          "    case $words[2] in\n",
          out);
    for (int32_t i = 0; cli_command_at(i); i++) {
        const cli_command *command = cli_command_at(i);
        fprintf(out, "    %s)\n        _arguments -s", command->name);
        for (int k = 0; (o = option_at(command, k)); k++) {
            fprintf(out, " \\\n            '--%s%s[", o->name, o->value ? "=" : "");
            write_quoted(out, o->doc, true);
            fputc(']', out);
            if (o->value) {
                fputc(':', out);
                write_quoted(out, o->value, true);
                fputs(":_files", out);
            }
            fputc('\'', out);
        }
        fputs(" \\\n            '*:argument:{_alternative \"files:file:_files\" "
              "\"words:word:(",
              out);
        write_words(out, command->name);
        fputs(")\"}' ;;\n", out);
    }
    fputs("    esac\n}\n_ytterby \"$@\"\n", out);
}

static void write_fish(FILE *out)
{
    const cli_option *o;
    fputs("# fish completion: ytterby completion fish > ~/.config/fish/completions/ytterby.fish\n",
          out);
    for (int32_t i = 0; cli_command_at(i); i++) {
        const cli_command *command = cli_command_at(i);
        fprintf(out, "complete -c ytterby -n __fish_use_subcommand -f -a %s -d '", command->name);
        write_quoted(out, command->doc, false);
        fputs("'\n", out);
        for (int k = 0; (o = option_at(command, k)); k++) {
            fprintf(out, "complete -c ytterby -n '__fish_seen_subcommand_from %s' -l %s",
                    command->name, o->name);
            if (o->letter)
                fprintf(out, " -s %c", o->letter);
            fprintf(out, "%s -d '", o->value ? " -r" : "");
            write_quoted(out, o->doc, false);
            fputs("'\n", out);
        }
        if (strcmp(command->name, "completion") == 0 || strcmp(command->name, "help") == 0 ||
            strcmp(command->name, "show") == 0) {
            fprintf(out, "complete -c ytterby -n '__fish_seen_subcommand_from %s' -a '",
                    command->name);
            write_words(out, command->name);
            fputs("'\n", out);
        }
    }
}

int command_completion(cli *c)
{
    if (!cli_operands(c, 1, 1))
        return 2;
    const char *shell = c->operand[0];
    if (strcmp(shell, "bash") == 0)
        write_bash(stdout);
    else if (strcmp(shell, "zsh") == 0)
        write_zsh(stdout);
    else if (strcmp(shell, "fish") == 0)
        write_fish(stdout);
    else {
        const char *nearest = text_nearest(shell, shells, 3);
        return cli_usage(c, "unknown shell '%s'%s%s; bash, zsh and fish are known", shell,
                         nearest ? "; did you mean " : "", nearest ? nearest : "");
    }
    return 0;
}
