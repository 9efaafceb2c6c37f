/* inside.h - what main.c, options.c and output.c know of each other. */
#ifndef CLI_INSIDE_H
#define CLI_INSIDE_H

#include "base/file.h"
#include "cli.h"

#define CLI_MAX_GIVEN 256 /* options on one command line */

typedef struct cli_given {
    const cli_option *option;
    const char *value; /* NULL for a flag */
} cli_given;

struct cli_private {
    /* options.c */
    cli_given given[CLI_MAX_GIVEN];
    const char *values[CLI_MAX_GIVEN]; /* room for what cli_values gives back */
    int given_count;
    bool wants_help, wants_version, no_color;
    bool needs_manual; /* the command line itself is wrong */
    /* output.c */
    int32_t shown; /* messages of the log that went out already */
    bool has_json; /* the command began its JSON answer          */
    bool has_file; /* `file` is open                             */
    file_out file; /* of -o                                      */
};

/* Options every command has. */
extern const cli_option cli_common_options[];

/* Sort argv[first...] into options and operands; messages go to the log. */
void cli_parse(cli *c, int first);

/* Complain about a word that is no command; exit code 2.  main.c */
int cli_unknown_command(const cli *c, const char *word);

/* Print the little Markdown that our pages use: headings, code, strong.  help.c */
void cli_markdown(const cli *c, FILE *out, const char *text);

/* "share, %": what may be written for a kind of unit as schema.def names it.  show.c */
const char *cli_units_of(const char *kind);

/* Bytes of `text` that fit `columns` of a terminal, whole characters; *used gets the columns
 * they take. */
int cli_text_fit(const char *text, int columns, int *used);

/* Commit or drop the file of -o, flush standard output; the exit code to leave with. */
int cli_close(cli *c, int exit_code);
/* The messages of a command that failed before it wrote JSON, as JSON. */
void cli_json_failure(cli *c, int exit_code);

/* progress.c: a reader that has seen enough is no error. */
void cli_ignore_closed_pipes(void);

#endif
