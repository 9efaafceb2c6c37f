/* file.h - whole files in, whole files out: a reader never sees half a file. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/arena.h"
#include "base/log.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Read a regular file of at most max_bytes (refusing pipes, devices and folders before
 * opening can block).  *bytes is on the arena with a NUL after the last byte. */
yt_status file_read_all(arena *a, const char *path, const char *shown_name, size_t max_bytes,
                        yt_log *log, char **bytes, size_t *n);

/* A file being written beside its final place; it appears there, whole, on commit. */
typedef struct file_out {
    FILE *file; /* write here with fwrite, fprintf, json_to_file, ... */
    char *path, *temporary;
} file_out;

yt_status file_out_open(file_out *out, const char *path, yt_log *log);
/* Flush, fsync, rename over `path`, fsync the folder.  On failure the temporary file is
 * removed, what was at `path` before is untouched. */
yt_status file_out_commit(file_out *out, yt_log *log);
/* Forget it; safe after commit or a failed open. */
void file_out_discard(file_out *out);

/* Open, write, commit in one go. */
yt_status file_write_atomic(const char *path, const void *bytes, size_t n, yt_log *log);

bool file_exists(const char *path);
bool file_is_folder(const char *path);
bool file_is_regular(const char *path);
/* folder/name on the arena; `name` alone when folder is NULL or "". */
char *file_join(arena *a, const char *folder, const char *name);
/* Names (not paths) of the regular files in a folder that end in `suffix`, sorted by byte;
 * NULL-terminated, on the arena.  *n gets their count.  Hidden files are left out. */
yt_status file_list(arena *a, const char *folder, const char *suffix, yt_log *log,
                    const char ***names, int32_t *n);
/* Relative, without "..", drive, scheme or leading "~": stays inside the case folder. */
bool file_is_inside(const char *relative);

#endif
