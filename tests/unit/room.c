/* room.c - a folder of its own for a test that writes files. */
#include "room.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int make_room(char room[64], const char *under)
{
    const char *temporary = under ? under : getenv("TMPDIR");
    snprintf(room, 64, "%.40s/ytterby-XXXXXX", temporary ? temporary : "/tmp");
    return mkdtemp(room) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *where)
{
    (void)st, (void)flag, (void)where;
    return remove(path);
}

int remove_room(const char *room)
{
    return nftw(room, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
