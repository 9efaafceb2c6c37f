/* view.h - a result file turned into what a reader sees: view.json and the report.
 *
 * Reads results only, through the views of docs/store.md; knows no model and no network.
 */
#ifndef VIEW_VIEW_H
#define VIEW_VIEW_H

#include "base/json_write.h"
#include "base/log.h"
#include "ytterby.h"

#include <stdio.h>

/* Write the document of docs/report.md about a result: "ytterby/view/1" of one run,
 * "ytterby/ensemble/1" of an ensemble, or of two (n = 2) that are compared world by world,
 * "ytterby/backtest/1", "ytterby/shock/1", "ytterby/screen/1" of the answers of a study.
 * Errors: YT_EIO (not a result, with path and reason), YT_EUSAGE (two runs), YT_EDATA (ensembles
 * that cannot be paired), YT_ENOMEM. */
yt_status view_write_json(const char *const paths[], int32_t n, json_writer *w, yt_log *log);

/* Write one self-contained page: the bundle of web/dist with view.json inside.
 * Errors: as above, YT_EABSENT when the program was built without web/dist. */
yt_status view_write_report(const char *const paths[], int32_t n, FILE *out, yt_log *log);

#endif
