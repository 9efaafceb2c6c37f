/* cli.h - what every command shares: options, messages, tables, progress, signals.
 *
 * A command NAME is a line of commands.def and two things in NAME.c:
 *
 *     const cli_option options_NAME[] = {CLI_JSON, {...}, CLI_END};
 *     int command_NAME(cli *c);
 *
 * command_NAME gets its options parsed and checked against that table, writes its answer to
 * cli_out(c), puts whatever goes wrong into c->log and returns an exit code:
 *
 *     yt_model *model = NULL;
 *     yt_status st = cli_load_case(c, c->operand[0], &model);
 *     if (st)
 *         return yt_status_exit_code(st);
 *
 * main prints the messages, closes the output and turns a failed write into exit code 5.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/json_write.h"
#include "base/log.h"
#include "ytterby.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* ------------------------------------------------------------------------------- options */

typedef struct cli_option {
    const char *name;  /* long form, without the dashes; NULL closes the table */
    char letter;       /* short form; 0 when there is none                     */
    const char *value; /* what it takes, in capitals: "FILE"; NULL for a flag  */
    const char *doc;   /* one line, small first letter, no full stop           */
} cli_option;

/* Entries for options that mean the same everywhere.  -h, -q, -v and --no-color need none. */
/* clang-format off */
#define CLI_END     {NULL, 0, NULL, NULL}
#define CLI_JSON    {"json", 0, NULL, "write the answer as JSON"}
#define CLI_CSV     {"csv", 0, NULL, "write the answer as CSV"}
#define CLI_OUTPUT  {"output", 'o', "FILE", "write to this file"}
#define CLI_OVERLAY {"overlay", 0, "FILE", "YAML file laid over the case; may be repeated"}
#define CLI_SET     {"set", 0, "TABLE[KEY].COLUMN=VALUE", "one value laid over the case; may be repeated"}
/* clang-format on */

typedef struct cli {
    const char *command;       /* "check"; NULL before one is known                      */
    const cli_option *options; /* of the command                                         */
    int operands;              /* arguments that are not options                         */
    const char **operand;      /* [operands]                                             */
    bool json, csv, quiet, verbose;
    const char *output; /* of CLI_OUTPUT; NULL: standard output ("-" also gives NULL).  A
                           command that writes its file itself has an option "output" with
                           a value that is not called FILE, and asks cli_value           */
    yt_log *log;        /* main prints it when the command returns                       */
    int argc;           /* the whole command line, for the manifest of a run             */
    char **argv;
    struct cli_private *private_; /* parser, output and printing state                   */
} cli;

/* Was this flag or option given? */
bool cli_has(const cli *c, const char *name);
/* Value of an option (the last one given); `otherwise` when it was not given. */
const char *cli_value(const cli *c, const char *name, const char *otherwise);
/* All values of an option that may be repeated, in order; NULL when n is 0. */
const char *const *cli_values(const cli *c, const char *name, int32_t *n);
/* A whole number lowest..highest; *value is left alone when the option was not given.
 * False after a message. */
bool cli_integer(const cli *c, const char *name, int64_t lowest, int64_t highest, int64_t *value);
bool cli_number(const cli *c, const char *name, double lowest, double highest, double *value);
/* A month such as 2010-07, counted from year 0; of a year the first month (last with
 * last_of_year). */
bool cli_month(const cli *c, const char *name, bool last_of_year, int32_t *month);

/* -j; all processors when it was not given. */
bool cli_threads(const cli *c, int32_t *threads);
/* --shard 3/64: shard 2 of 64; 0 of 1 when it was not given. */
bool cli_shard(const cli *c, int32_t *shard, int32_t *shards);
/* "a\nb": the values of an option, one a line; on the heap, NULL when memory is short. */
char *cli_join_lines(const cli *c, const char *option);

/* Is the number of operands what the command takes?  False after a message. */
bool cli_operands(const cli *c, int fewest, int most);

/* The whole command line as one text, for manifests; on the heap, NULL when memory is short. */
char *cli_command_line(const cli *c);

/* Wrong usage: adds the message, returns exit code 2. */
int cli_usage(const cli *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ----------------------------------------------------------------------------- the case */

/* yt_model_load with the --overlay and --set options of this command line. */
yt_status cli_load_case(cli *c, const char *path, yt_model **model);

/* ------------------------------------------------------------------------------- output */

/* Where the answer goes: standard output, or the file of -o, which appears whole when the
 * command returns 0.  NULL after a message when that cannot be opened. */
FILE *cli_out(cli *c);
/* A writer of the one JSON document of a --json answer, onto cli_out; the key "schema" is
 * written: "ytterby/<command>/1".  End it with cli_json_end, which adds what is in the log
 * as "messages". */
json_writer cli_json_begin(cli *c);
void cli_json_end(cli *c, json_writer *w);
/* Print to stderr the messages that were not printed yet; main does so at the end. */
void cli_messages(cli *c);
/* A line to stderr about what is being done; nothing with -q. */
void cli_say(const cli *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Escape sequences when the stream is a terminal that wants them, else "". */
typedef enum cli_style { CLI_PLAIN, CLI_BOLD, CLI_DIM, CLI_RED, CLI_YELLOW, CLI_GREEN } cli_style;
const char *cli_paint(const cli *c, FILE *stream, cli_style style);
/* Columns of the terminal; 80 when the stream is none, at least 40. */
int cli_width(FILE *stream);
/* Columns a text takes on a terminal. */
int cli_text_width(const char *text);
/* `text` on lines of `width` columns, each after `indent` spaces (the first as well). */
void cli_wrap(FILE *out, const char *text, int indent, int width);

/* A table of texts: aligned for a terminal, CSV with --csv, rows of objects with --json.
 * Texts are copied.  Errors (memory) are remembered and told by cli_table_print. */
typedef struct cli_table cli_table;
cli_table *cli_table_new(int32_t columns, const char *const *name);
void cli_table_free(cli_table *t);
/* Numbers go to the right and are numbers in JSON; NULL is blank (null). */
void cli_table_text(cli_table *t, const char *text);
void cli_table_number(cli_table *t, double value); /* shortest text; NAN is blank  */
void cli_table_integer(cli_table *t, int64_t value);
/* Aligned, fitting the terminal: the widest cells are cut with an ellipsis. */
void cli_table_write(const cli *c, FILE *out, const cli_table *t);
void cli_table_write_csv(FILE *out, const cli_table *t);
void cli_table_write_json(json_writer *w, const cli_table *t); /* an array */
/* The whole answer of a command, in the form asked for; YT_OK or YT_ENOMEM, YT_EIO.
 * In JSON the array is called `name`. */
yt_status cli_table_print(cli *c, const char *name, const cli_table *t);

/* ----------------------------------------------------------------------------- progress */

/* A line on stderr, only when that is a terminal, after the first second, without -q.  From
 * the start on Ctrl-C is caught: whoever shows progress must ask cli_is_stopped. */
typedef struct cli_progress {
    const char *what; /* "run"                     */
    int64_t total;
    double started, shown; /* seconds                */
    int64_t before;        /* done in earlier sittings: of no say in the rate; -1: not known yet */
    bool is_on, is_visible;
} cli_progress;
cli_progress cli_progress_start(const cli *c, const char *what, int64_t total);
/* answer: what is known so far, a few words; may be NULL.  Cheap: call it every step. */
void cli_progress_show(cli_progress *p, int64_t done, const char *answer);
/* The same for a study (study_progress); false when Ctrl-C came.  progress: cli_progress. */
bool cli_progress_step(void *progress, int32_t done, int32_t total, const char *answer);
void cli_progress_end(cli_progress *p);

/* ------------------------------------------------------------------------------ signals */

/* Ctrl-C (or SIGTERM) came once: finish the step, save, return 130.  The second one kills.
 * It is caught from the first question on. */
bool cli_is_stopped(void);

/* ----------------------------------------------------------------------------- commands */

typedef struct cli_command {
    const char *name, *doc, *usage;
    int (*function)(cli *c);
    const cli_option *options;
} cli_command;

/* In the order of commands.def; NULL outside 0..count-1. */
const cli_command *cli_command_at(int32_t i);
const cli_command *cli_command_find(const char *name);

#define COMMAND(name, doc, usage)                                                                  \
    extern const cli_option options_##name[];                                                      \
    int command_##name(cli *c);
#include "commands.def"
#undef COMMAND

#endif
