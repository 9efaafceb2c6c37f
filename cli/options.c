/* options.c - the command line sorted into options and operands, checked against a table.
 *
 * --name value, --name=value, -n value, -nvalue, bundled flags (-qv), -- ends the options, a
 * lone - is an operand.  No abbreviations: a script must not change its meaning when an
 * option is added.
 */
#include "inside.h"

#include "base/calendar.h"
#include "base/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
const cli_option cli_common_options[] = {
    {"help",     'h', NULL, "print the manual page of the command"},
    {"quiet",    'q', NULL, "say nothing but errors"},
    {"verbose",  'v', NULL, "say more, and print every message"},
    {"no-color", 0,   NULL, "no colours, whatever the terminal"},
    CLI_END,
};
/* clang-format on */

#define MOST_NAMES 64

int cli_usage(const cli *c, const char *format, ...)
{
    char text[500];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    log_error(c->log, YT_EUSAGE, place_none(), "%s", text);
    return yt_status_exit_code(YT_EUSAGE);
}

static const cli_option *in_table(const cli_option *table, const char *name, size_t length,
                                  char letter)
{
    for (const cli_option *o = table; o && o->name; o++) {
        bool is_it = name ? strlen(o->name) == length && memcmp(o->name, name, length) == 0
                          : o->letter == letter;
        if (is_it)
            return o;
    }
    return NULL;
}

/* An option by its long name, or by its letter when name is NULL. */
static const cli_option *find_option(const cli *c, const char *name, size_t length, char letter)
{
    const cli_option *own = in_table(c->options, name, length, letter);
    return own ? own : in_table(cli_common_options, name, length, letter);
}

static void unknown_option(const cli *c, const char *argument)
{
    const char *names[MOST_NAMES];
    size_t n = 0;
    const cli_option *tables[] = {c->options, cli_common_options};
    for (int t = 0; t < 2; t++)
        for (const cli_option *o = tables[t]; o && o->name && n < MOST_NAMES; o++)
            names[n++] = o->name;

    char word[100];
    snprintf(word, sizeof word, "%.*s", (int)strcspn(argument + 2, "="), argument + 2);
    const char *nearest = argument[1] == '-' ? text_nearest(word, names, n) : NULL;
    if (nearest)
        cli_usage(c, "unknown option --%s; did you mean --%s?", word, nearest);
    else if (argument[1] == '-')
        cli_usage(c, "unknown option --%s", word);
    else
        cli_usage(c, "unknown option %s", argument);
}

static void take(cli *c, const cli_option *option, const char *value)
{
    struct cli_private *p = c->private_;
    if (p->given_count >= CLI_MAX_GIVEN) {
        cli_usage(c, "more than %d options; put the values into an overlay file", CLI_MAX_GIVEN);
        return;
    }
    p->given[p->given_count++] = (cli_given){option, value};

    const char *name = option->name;
    if (strcmp(name, "help") == 0)
        p->wants_help = true;
    else if (strcmp(name, "quiet") == 0)
        c->quiet = true;
    else if (strcmp(name, "verbose") == 0)
        c->verbose = true;
    else if (strcmp(name, "no-color") == 0)
        p->no_color = true;
    else if (strcmp(name, "json") == 0)
        c->json = true;
    else if (strcmp(name, "csv") == 0)
        c->csv = true;
    else if (strcmp(name, "output") == 0 && strcmp(option->value, "FILE") == 0)
        c->output = strcmp(value, "-") == 0 ? NULL : value;
}

/* "--name", "--name=value", "--name" "value"; returns how many arguments were used. */
static int parse_long(cli *c, int i)
{
    const char *argument = c->argv[i], *name = argument + 2;
    size_t length = strcspn(name, "=");
    const char *value = name[length] == '=' ? name + length + 1 : NULL;

    if (length == 7 && memcmp(name, "version", 7) == 0 && !c->command) {
        c->private_->wants_version = true;
        return 1;
    }
    const cli_option *option = find_option(c, name, length, 0);
    if (!option) {
        unknown_option(c, argument);
        return 1;
    }
    if (!option->value) {
        if (value)
            cli_usage(c, "--%s takes no value", option->name);
        take(c, option, NULL);
        return 1;
    }
    if (value) {
        take(c, option, value);
        return 1;
    }
    if (i + 1 >= c->argc) {
        cli_usage(c, "--%s needs a value: --%s %s", option->name, option->name, option->value);
        return 1;
    }
    take(c, option, c->argv[i + 1]);
    return 2;
}

/* "-q", "-qv", "-o file", "-ofile"; returns how many arguments were used. */
static int parse_short(cli *c, int i)
{
    for (const char *at = c->argv[i] + 1; *at; at++) {
        const cli_option *option = find_option(c, NULL, 0, *at);
        if (!option) {
            unknown_option(c, c->argv[i]);
            return 1;
        }
        if (!option->value) {
            take(c, option, NULL);
            continue;
        }
        if (at[1]) {
            take(c, option, at + 1);
            return 1;
        }
        if (i + 1 >= c->argc) {
            cli_usage(c, "-%c needs a value: -%c %s", *at, *at, option->value);
            return 1;
        }
        take(c, option, c->argv[i + 1]);
        return 2;
    }
    return 1;
}

void cli_parse(cli *c, int first)
{
    int32_t errors = yt_log_count(c->log, YT_ERROR);
    /* how to print complaints must be known before the first one */
    for (int i = first; i < c->argc && strcmp(c->argv[i], "--") != 0; i++)
        if (strcmp(c->argv[i], "--json") == 0 && find_option(c, "json", 4, 0))
            c->json = true;

    for (int i = first; i < c->argc;) {
        const char *argument = c->argv[i];
        if (strcmp(argument, "--") == 0) {
            for (i++; i < c->argc; i++)
                c->operand[c->operands++] = c->argv[i];
        } else if (argument[0] == '-' && argument[1] == '-') {
            i += parse_long(c, i);
        } else if (argument[0] == '-' && argument[1]) {
            i += parse_short(c, i);
        } else {
            c->operand[c->operands++] = argument;
            i++;
        }
    }
    if (c->json && c->csv)
        cli_usage(c, "--json and --csv exclude each other");
    c->private_->needs_manual |= yt_log_count(c->log, YT_ERROR) > errors;
}

bool cli_has(const cli *c, const char *name)
{
    return cli_value(c, name, NULL) != NULL;
}

const char *cli_value(const cli *c, const char *name, const char *otherwise)
{
    const struct cli_private *p = c->private_;
    for (int i = p->given_count - 1; i >= 0; i--)
        if (strcmp(p->given[i].option->name, name) == 0)
            return p->given[i].value ? p->given[i].value : "";
    return otherwise;
}

const char *const *cli_values(const cli *c, const char *name, int32_t *n)
{
    /* options stay together in `values`: each name has the places of its first to last use */
    struct cli_private *p = c->private_;
    int32_t first = 0, found = 0;
    for (int i = 0; i < p->given_count; i++)
        first += strcmp(p->given[i].option->name, name) < 0;
    for (int i = 0; i < p->given_count; i++)
        if (strcmp(p->given[i].option->name, name) == 0)
            p->values[first + found++] = p->given[i].value;
    *n = found;
    return found ? p->values + first : NULL;
}

bool cli_integer(const cli *c, const char *name, int64_t lowest, int64_t highest, int64_t *value)
{
    const char *text = cli_value(c, name, NULL);
    int64_t number;
    if (!text)
        return true;
    if (!text_integer64(text, &number) || number < lowest || number > highest) {
        if (highest == INT64_MAX)
            cli_usage(c, "--%s %s: a whole number from %lld on is due", name, text,
                      (long long)lowest);
        else
            cli_usage(c, "--%s %s: a whole number from %lld to %lld is due", name, text,
                      (long long)lowest, (long long)highest);
        return false;
    }
    *value = number;
    return true;
}

bool cli_number(const cli *c, const char *name, double lowest, double highest, double *value)
{
    const char *text = cli_value(c, name, NULL);
    double number;
    if (!text)
        return true;
    if (!text_number(text, &number) || number < lowest || number > highest) {
        cli_usage(c, "--%s %s: a number from %g to %g is due", name, text, lowest, highest);
        return false;
    }
    *value = number;
    return true;
}

bool cli_month(const cli *c, const char *name, bool last_of_year, int32_t *month)
{
    const char *text = cli_value(c, name, NULL);
    int32_t first, last;
    if (!text)
        return true;
    if (!calendar_parse(text, &first, &last)) {
        cli_usage(c, "--%s %s: a month such as 2010-07 is due", name, text);
        return false;
    }
    *month = last_of_year ? last : first;
    return true;
}

bool cli_operands(const cli *c, int fewest, int most)
{
    const cli_command *command = cli_command_find(c->command);
    c->private_->needs_manual |= c->operands < fewest || c->operands > most;
    if (c->operands < fewest) {
        cli_usage(c, "something is missing: ytterby %s %s", c->command, command->usage);
        return false;
    }
    if (c->operands > most) {
        cli_usage(c, "'%s' is one too many: ytterby %s %s", c->operand[most], c->command,
                  command->usage);
        return false;
    }
    return true;
}
