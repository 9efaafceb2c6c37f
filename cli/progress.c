/* progress.c - how far a long job is, on a terminal; and stopping it with Ctrl-C. */
#include "inside.h"

#include <math.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FIRST_SHOWN 1.0 /* seconds: shorter jobs need no bar */
#define BETWEEN 0.1     /* seconds from one picture to the next */
#define BAR 20          /* cells */

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static volatile sig_atomic_t is_stopped;

static void stop(int signal)
{
    (void)signal;
    is_stopped = 1;
}

/* Ctrl-C sets a flag; the handler is gone after that, so the second one kills.  Caught only
 * once somebody asks: a command that never does is stopped at once. */
static void catch_stop(void)
{
    static bool is_caught;
    if (is_caught)
        return;
    is_caught = true;
    struct sigaction action = {.sa_handler = stop, .sa_flags = (int)SA_RESETHAND | SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool cli_is_stopped(void)
{
    catch_stop();
    return is_stopped != 0;
}

void cli_ignore_closed_pipes(void)
{
    /* writes fail instead, and cli_close is quiet about it */
    struct sigaction action = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &action, NULL);
}

cli_progress cli_progress_start(const cli *c, const char *what, int64_t total)
{
    catch_stop();
    double t = now();
    return (cli_progress){
        .what = what,
        .total = total,
        .before = -1,
        .started = t,
        .shown = t + FIRST_SHOWN - BETWEEN,
        .is_on = !c->quiet && isatty(STDERR_FILENO),
    };
}

/* "0:42", "1:02:03" */
static void format_time(double seconds, char text[32])
{
    long s = isfinite(seconds) && seconds < 1e8 ? lround(seconds) : 0;
    if (s >= 3600)
        snprintf(text, 32, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
    else
        snprintf(text, 32, "%ld:%02ld", s / 60, s % 60);
}

void cli_progress_show(cli_progress *p, int64_t done, const char *answer)
{
    if (!p->is_on)
        return;
    if (p->before < 0)
        p->before = done;
    double t = now();
    if (t < p->shown + BETWEEN)
        return;
    p->shown = t;
    p->is_visible = true;

    double share = p->total > 0 ? (double)done / (double)p->total : 0;
    double rate = (double)(done - p->before) / (t - p->started);
    char bar[3 * BAR + 1] = "", left[32];
    for (int i = 0; i < BAR; i++)
        strcat(bar, (i + 0.5) / BAR < share ? "█" : "░");
    format_time(rate > 0 ? (double)(p->total - done) / rate : 0, left);

    char line[512];
    snprintf(line, sizeof line, "%s  %s %3.0f %%  %lld/%lld  %.*f/s  %s left%s%s", p->what, bar,
             100 * share, (long long)done, (long long)p->total, rate < 10 ? 1 : 0, rate, left,
             answer && *answer ? "  " : "", answer ? answer : "");
    int used;
    fprintf(stderr, "\r%.*s\033[K", cli_text_fit(line, cli_width(stderr) - 1, &used), line);
    fflush(stderr);
}

void cli_progress_end(cli_progress *p)
{
    if (p->is_visible)
        fputs("\r\033[K", stderr);
    p->is_visible = false;
    p->is_on = false;
}
