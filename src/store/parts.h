/* parts.h - what is done of a long study, block by block, until its answer can be given.
 *
 * A block that was written is safe against anything that happens later.  The file is of use to
 * programs alone: bytes as memory holds them, read again by the same build.
 */
#ifndef STORE_PARTS_H
#define STORE_PARTS_H

#include "store/store.h"

typedef struct store_parts store_parts;

/* Begin path.part, or (resume) take up what was left there; identity (manifest entries) must be
 * the same.  overwrite: begin again where something was left.
 * Errors: YT_EIO, YT_ENOMEM, YT_EDATA (another study lies there). */
yt_status parts_open(const char *path, bool overwrite, bool resume, const store_fact *identity,
                     int32_t n, yt_log *log, store_parts **made);
/* Bytes of a block; false: it is not there, or of another size. */
bool parts_read(store_parts *p, int32_t ensemble, int32_t block, void *bytes, size_t size);
/* Durable when it returns YT_OK. */
yt_status parts_write(store_parts *p, int32_t ensemble, int32_t block, const void *bytes,
                      size_t size, yt_log *log);
/* Copy the blocks of another such file, of the same identity. */
yt_status parts_take(store_parts *p, const char *path, yt_log *log);
int32_t parts_count(const store_parts *p);
/* Close; path.part stays, to be taken up again.  Accepts NULL. */
void parts_leave(store_parts *p);
/* Close; path.part becomes path (a shard that is done). */
yt_status parts_finish(store_parts *p, bool overwrite, yt_log *log);
/* Close and throw away: the answer is kept elsewhere.  Accepts NULL. */
void parts_remove(store_parts *p);

#endif
