/* worlds_page.h - what report.c asks of an ensemble. */
#ifndef VIEW_WORLDS_PAGE_H
#define VIEW_WORLDS_PAGE_H

#include "view/worlds.h"

/* view.json; other: a second ensemble to compare with, or NULL. */
void worlds_write(const worlds *w, const worlds *other, json_writer *j);
/* Keys of the object being written. */
void worlds_write_change(json_writer *j, const worlds_change *change);
/* May the worlds of both be paired?  YT_EDATA: other seeds, or not as long. */
yt_status worlds_check_pair(const worlds *a, const worlds *b, yt_log *log);

#endif
