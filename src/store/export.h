/* export.h - a store for other tools: CSV files, a spreadsheet, JSON. */
#ifndef STORE_EXPORT_H
#define STORE_EXPORT_H

#include "base/log.h"
#include "ytterby.h"

#include <stdbool.h>

typedef struct store_export_options {
    const char *format; /* see store_export_formats; NULL: by the end of the name `to` */
    const char *to;     /* file; CSV: folder                                           */
    bool replace;
    bool (*is_stopped)(void); /* may be NULL */
} store_export_options;

/* Write all of a store; what appears at `to` is whole.
 * Errors: those of store_reader_open; YT_EUSAGE (no such format), YT_EIO, YT_ENOMEM,
 * YT_ESTOPPED. */
yt_status store_export(const char *path, const store_export_options *options, yt_log *log);

/* "csv (a folder ...), json, xlsx", for messages. */
const char *store_export_formats(void);

#endif
