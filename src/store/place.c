/* place.c - how a finished file gets its name: beside it, synced, renamed, folder synced. */
#include "store/inside.h"

#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

char *place_partial_name(arena *a, const char *path, int attempt)
{
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    if (attempt == 0)
        return arena_printf(a, "%.*s.partial-%ld", (int)n, path, (long)getpid());
    return arena_printf(a, "%.*s.partial-%ld-%d", (int)n, path, (long)getpid(), attempt);
}

int place_sync(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    /* some file systems cannot sync a folder and say EINVAL */
    int error = fsync(fd) != 0 && errno != EINVAL && errno != EROFS ? errno : 0;
    if (close(fd) != 0 && !error)
        error = errno;
    return error;
}

/* Folder of a path and the name inside it. */
static char *folder_of(arena *a, const char *path, const char **name)
{
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    while (n > 0 && path[n - 1] != '/')
        n--;
    *name = path + n;
    return n == 0 ? arena_strdup(a, ".") : arena_strndup(a, path, n);
}

int place_sync_folder_of(const char *path)
{
    const char *name;
    arena *a = arena_new();
    char *folder = a ? folder_of(a, path, &name) : NULL;
    int error = folder ? place_sync(folder) : ENOMEM;
    arena_free(a);
    return error;
}

int place_rename(const char *from, const char *to, bool replace)
{
    if (!replace) {
        if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
            return 0;
        if (errno != EINVAL && errno != ENOSYS)
            return errno;
        if (access(to, F_OK) == 0) /* a file system without the flag */
            return EEXIST;
    }
    return rename(from, to) == 0 ? 0 : errno;
}

int place_settle(const char *partial, const char *path, bool replace)
{
    int error = place_sync(partial);
    if (!error)
        error = place_rename(partial, path, replace);
    return error ? error : place_sync_folder_of(path);
}

void place_note_leftovers(const char *path, yt_log *log)
{
    const char *name;
    arena *a = arena_new();
    char *folder = a ? folder_of(a, path, &name) : NULL;
    char *start = folder ? arena_printf(a, "%s.partial-", name) : NULL;
    DIR *dir = start ? opendir(folder) : NULL;
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        if (text_starts_with(entry->d_name, start) && !text_ends_with(entry->d_name, "-wal"))
            log_note(log, place_at(path, 0, 0),
                     "%s is beside it: another run is writing it now, or was interrupted; if none "
                     "is, it may be deleted",
                     entry->d_name);
    if (dir)
        closedir(dir);
    arena_free(a);
}
