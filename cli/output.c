/* output.c - where answers and messages go, and in what shape. */
#include "inside.h"

#include "base/text.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define MOST_LINES 20 /* messages printed without -v */
#define NARROWEST 40

/* ------------------------------------------------------------------------------ terminal */

static bool wants_colour(const cli *c, FILE *stream)
{
    const char *no_colour = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return !c->private_->no_color && !(no_colour && *no_colour) && terminal &&
           strcmp(terminal, "dumb") != 0 && isatty(fileno(stream));
}

const char *cli_paint(const cli *c, FILE *stream, cli_style style)
{
    static const char *const sequence[] = {
        [CLI_PLAIN] = "\033[0m", [CLI_BOLD] = "\033[1m",    [CLI_DIM] = "\033[2m",
        [CLI_RED] = "\033[31m",  [CLI_YELLOW] = "\033[33m", [CLI_GREEN] = "\033[32m",
    };
    return wants_colour(c, stream) ? sequence[style] : "";
}

int cli_width(FILE *stream)
{
    struct winsize size;
    int width = 80;
    if (isatty(fileno(stream)) && ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        width = size.ws_col;
    return width < NARROWEST ? NARROWEST : width;
}

/* Wide: Chinese, Japanese, Korean; no width: accents that combine. */
static int character_width(uint32_t c)
{
    if (c >= 0x300 && c <= 0x36f)
        return 0;
    bool is_wide = (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) ||
                   (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
                   (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
                   (c >= 0x20000 && c <= 0x3fffd);
    return is_wide ? 2 : 1;
}

int cli_text_fit(const char *text, int columns, int *used)
{
    size_t n = strlen(text), i = 0;
    *used = 0;
    while (i < n) {
        size_t length = text_utf8_length(text + i, n - i);
        uint32_t c = (unsigned char)text[i];
        if (length == 2)
            c &= 0x1f;
        else if (length == 3)
            c &= 0x0f;
        else if (length == 4)
            c &= 0x07;
        for (size_t k = 1; k < length; k++)
            c = c << 6 | ((unsigned char)text[i + k] & 0x3f);
        int width = length ? character_width(c) : 1;
        if (*used + width > columns)
            break;
        *used += width;
        i += length ? length : 1;
    }
    return (int)i;
}

int cli_text_width(const char *text)
{
    int used;
    cli_text_fit(text, 1 << 30, &used);
    return used;
}

void cli_wrap(FILE *out, const char *text, int indent, int width)
{
    int column = 0;
    for (const char *at = text; *at;) {
        at += strspn(at, " \n");
        int length = (int)strcspn(at, " \n"), wide = 0;
        if (length == 0)
            break;
        for (int i = 0; i < length; i++)
            wide += ((unsigned char)at[i] & 0xc0) != 0x80;
        if (column > 0 && column + 1 + wide > width) {
            fputc('\n', out);
            column = 0;
        }
        if (column == 0)
            column = fprintf(out, "%*s", indent, "");
        else
            column += fprintf(out, " ");
        fprintf(out, "%.*s", length, at);
        column += wide;
        at += length;
    }
    if (column > 0)
        fputc('\n', out);
}

/* ------------------------------------------------------------------------------ messages */

static const char *severity_name(yt_severity severity)
{
    return severity == YT_ERROR ? "error" : severity == YT_WARNING ? "warning" : "note";
}

static void print_message(const cli *c, const yt_message *m)
{
    static const cli_style style[] = {
        [YT_NOTE] = CLI_DIM, [YT_WARNING] = CLI_YELLOW, [YT_ERROR] = CLI_RED};
    if (m->file && m->line > 0 && m->column > 0)
        fprintf(stderr, "%s:%d:%d: ", m->file, m->line, m->column);
    else if (m->file && m->line > 0)
        fprintf(stderr, "%s:%d: ", m->file, m->line);
    else
        fprintf(stderr, "%s: ", m->file ? m->file : "ytterby");
    fprintf(stderr, "%s%s:%s %s\n", cli_paint(c, stderr, style[m->severity]),
            severity_name(m->severity), cli_paint(c, stderr, CLI_PLAIN), m->text);
}

/* "3 more errors and 1 more warning" */
static void print_rest(int32_t errors, int32_t others)
{
    fputs("ytterby: ", stderr);
    if (errors > 0)
        fprintf(stderr, "%d more error%s", errors, errors == 1 ? "" : "s");
    if (errors > 0 && others > 0)
        fputs(" and ", stderr);
    if (others > 0)
        fprintf(stderr, "%d more warning%s", others, others == 1 ? "" : "s");
    fputs("; -v prints them all\n", stderr);
}

void cli_messages(cli *c)
{
    struct cli_private *p = c->private_;
    int32_t n = yt_log_count(c->log, YT_NOTE), waiting[3] = {0};
    yt_severity lowest = c->quiet ? YT_ERROR : YT_NOTE;
    for (int32_t i = p->shown; i < n; i++)
        waiting[yt_log_get(c->log, i).severity]++;

    /* when not all can be printed errors go first, otherwise the order of arrival is kept */
    int32_t room[3] = {waiting[YT_NOTE], waiting[YT_WARNING], waiting[YT_ERROR]};
    if (!c->verbose && waiting[0] + waiting[1] + waiting[2] > MOST_LINES) {
        int32_t left = MOST_LINES;
        for (int s = YT_ERROR; s >= YT_NOTE; s--) {
            room[s] = waiting[s] < left ? waiting[s] : left;
            left -= room[s];
        }
    }
    for (int32_t i = p->shown; i < n; i++) {
        yt_message m = yt_log_get(c->log, i);
        if (m.severity < lowest || room[m.severity] == 0)
            continue;
        room[m.severity]--;
        waiting[m.severity]--;
        print_message(c, &m);
    }
    int32_t others = c->quiet ? 0 : waiting[YT_WARNING] + waiting[YT_NOTE];
    if (waiting[YT_ERROR] + others > 0)
        print_rest(waiting[YT_ERROR], others);
    p->shown = n;
}

static void write_messages(cli *c, json_writer *w)
{
    json_key(w, "messages");
    json_begin_array(w);
    int32_t n = yt_log_count(c->log, YT_NOTE);
    for (int32_t i = 0; i < n; i++) {
        yt_message m = yt_log_get(c->log, i);
        json_begin_object(w);
        json_key_text(w, "severity", severity_name(m.severity));
        json_key_text(w, "file", m.file);
        json_key_integer(w, "line", m.line);
        json_key_integer(w, "column", m.column);
        json_key_text(w, "text", m.text);
        json_end_object(w);
    }
    json_end_array(w);
    c->private_->shown = n;
}

void cli_say(const cli *c, const char *format, ...)
{
    if (c->quiet)
        return;
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

/* -------------------------------------------------------------------------------- answers */

FILE *cli_out(cli *c)
{
    struct cli_private *p = c->private_;
    if (!c->output)
        return stdout;
    if (!p->has_file) {
        if (file_out_open(&p->file, c->output, c->log))
            return NULL;
        p->has_file = true;
    }
    return p->file.file;
}

json_writer cli_json_begin(cli *c)
{
    FILE *out = cli_out(c);
    json_writer w = out ? json_to_file(out, 2) : json_to_memory(2);
    if (!out)
        w.status = YT_EIO; /* told in the log; nothing is written */
    c->private_->has_json = out != NULL;
    char schema[80];
    snprintf(schema, sizeof schema, "ytterby/%s/1", c->command);
    json_begin_object(&w);
    json_key_text(&w, "schema", schema);
    return w;
}

void cli_json_end(cli *c, json_writer *w)
{
    if (w->status == YT_OK) {
        write_messages(c, w);
        json_end_object(w);
    }
    bool is_memory = w->file == NULL;
    json_finish(w);
    if (is_memory)
        json_discard(w);
}

void cli_json_failure(cli *c, int exit_code)
{
    json_writer w = json_to_file(stdout, 2);
    json_begin_object(&w);
    json_key_text(&w, "schema", "ytterby/error/1");
    json_key_integer(&w, "exit_code", exit_code);
    write_messages(c, &w);
    json_end_object(&w);
    json_finish(&w);
}

/* The reader of our standard output is gone. */
static bool is_pipe_closed(void)
{
    struct pollfd fd = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&fd, 1, 0) == 1 && (fd.revents & POLLERR);
}

int cli_close(cli *c, int exit_code)
{
    struct cli_private *p = c->private_;
    /* 1 is an answer too: the negative one */
    if (p->has_file && exit_code <= 1) {
        yt_status st = file_out_commit(&p->file, c->log);
        if (st) {
            exit_code = yt_status_exit_code(st);
            cli_messages(c);
        }
    } else if (p->has_file) {
        file_out_discard(&p->file);
    }

    errno = 0;
    bool failed = fflush(stdout) != 0 || ferror(stdout);
    if (failed && errno != EPIPE && !is_pipe_closed()) {
        fprintf(stderr, "ytterby: error: standard output could not be written%s%s\n",
                errno ? ": " : "", errno ? strerror(errno) : "");
        exit_code = yt_status_exit_code(YT_EIO);
    }
    return exit_code;
}
