/* file.c - reading regular files whole, and writing so that a crash leaves old or new. */
#include "base/file.h"

#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Open for reading if it is a regular file of a bearable size. */
static int open_regular(const char *path, place at, size_t max_bytes, yt_log *log, size_t *size,
                        yt_status *status)
{
    struct stat st;
    *status = YT_EIO;
    /* looked at before opening: opening a pipe or a device may wait or do something */
    if (stat(path, &st) != 0) {
        log_error(log, YT_EIO, at, "cannot be read: %s", strerror(errno));
        return -1;
    }
    if (!S_ISREG(st.st_mode)) {
        log_error(log, YT_EIO, at, "is %s; a regular file is due",
                  S_ISDIR(st.st_mode) ? "a folder" : "a pipe, device or socket");
        return -1;
    }
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        log_error(log, YT_EIO, at, "cannot be read: %s", strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    if (st.st_size < 0 || (uint64_t)st.st_size > max_bytes) {
        log_error(log, YT_EDATA, at, "has %lld bytes; the limit is %zu", (long long)st.st_size,
                  max_bytes);
        *status = YT_EDATA;
        close(fd);
        return -1;
    }
    *size = (size_t)st.st_size;
    return fd;
}

yt_status file_read_all(arena *a, const char *path, const char *shown_name, size_t max_bytes,
                        yt_log *log, char **bytes, size_t *n)
{
    place at = place_at(shown_name ? shown_name : path, 0, 0);
    size_t size = 0;
    yt_status status;
    int fd = open_regular(path, at, max_bytes, log, &size, &status);
    if (fd < 0)
        return status;

    char *buffer = arena_alloc(a, size + 1);
    if (!buffer) {
        close(fd);
        log_error(log, YT_ENOMEM, at, "does not fit into memory");
        return YT_ENOMEM;
    }
    /* one byte more than expected, to notice a file that grows */
    size_t got = 0;
    ssize_t r = 0;
    while (got <= size) {
        r = read(fd, buffer + got, size + 1 - got);
        if (r < 0 && errno == EINTR)
            continue;
        if (r <= 0)
            break;
        got += (size_t)r;
    }
    int error = r < 0 ? errno : 0;
    close(fd);
    if (error || got != size) {
        log_error(log, YT_EIO, at, error ? "cannot be read: %s" : "changed while it was read%s",
                  error ? strerror(error) : "");
        return YT_EIO;
    }
    buffer[size] = '\0';
    *bytes = buffer;
    *n = size;
    return YT_OK;
}

/* --------------------------------------------------------------------------- writing */

static yt_status cannot_write(yt_log *log, const char *path, const char *why)
{
    log_error(log, YT_EIO, place_at(path, 0, 0), "cannot be written: %s", why);
    return YT_EIO;
}

/* "folder/.name.tmp.PID.i", opened for nobody else */
static int open_temporary(const char *path, char **name, mode_t mode)
{
    const char *slash = strrchr(path, '/');
    int folder = slash ? (int)(slash - path) + 1 : 0;
    size_t size = strlen(path) + 48;
    *name = malloc(size);
    if (!*name) {
        errno = ENOMEM;
        return -1;
    }
    for (int i = 0; i < 1000; i++) {
        snprintf(*name, size, "%.*s.%s.tmp.%ld.%d", folder, path, path + folder, (long)getpid(), i);
        int fd = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

yt_status file_out_open(file_out *out, const char *path, yt_log *log)
{
    *out = (file_out){NULL, NULL, NULL};
    struct stat st;
    bool exists = stat(path, &st) == 0;
    if (exists && S_ISDIR(st.st_mode))
        return cannot_write(log, path, "it is a folder");
    out->path = strdup(path);
    if (!out->path)
        return YT_ENOMEM;

    int fd;
    if (exists && !S_ISREG(st.st_mode))
        fd = open(path, O_WRONLY | O_CLOEXEC); /* /dev/stdout and the like: straight */
    else
        fd = open_temporary(path, &out->temporary, 0666);
    if (fd >= 0 && exists && out->temporary)
        (void)!fchmod(fd, st.st_mode & 0777); /* keep what the old file allowed, if we may */
    out->file = fd >= 0 ? fdopen(fd, "wb") : NULL;
    if (out->file)
        return YT_OK;

    yt_status status = cannot_write(log, path, strerror(errno));
    if (fd >= 0)
        close(fd);
    else if (out->temporary) {
        free(out->temporary); /* never came to be: nothing to remove */
        out->temporary = NULL;
    }
    file_out_discard(out);
    return status;
}

void file_out_discard(file_out *out)
{
    if (out->file)
        fclose(out->file);
    if (out->temporary)
        unlink(out->temporary);
    free(out->temporary);
    free(out->path);
    *out = (file_out){NULL, NULL, NULL};
}

/* the new name is safe only when the folder is on the disk as well */
static int sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
    if (!folder)
        return -1;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(folder);
    if (fd < 0)
        return -1;
    /* some file systems cannot sync a folder and say EINVAL */
    int failed = fsync(fd) != 0 && errno != EINVAL && errno != EROFS;
    int error = errno;
    close(fd);
    errno = error;
    return failed ? -1 : 0;
}

yt_status file_out_commit(file_out *out, yt_log *log)
{
    bool failed = ferror(out->file) != 0;
    errno = failed ? EIO : 0;
    failed = fflush(out->file) != 0 || failed;
    if (!failed && out->temporary)
        failed = fsync(fileno(out->file)) != 0;
    int error = errno;
    if (fclose(out->file) != 0 && !failed) {
        failed = true;
        error = errno;
    }
    out->file = NULL;
    if (!failed && out->temporary) {
        failed = rename(out->temporary, out->path) != 0;
        error = errno;
        if (!failed) {
            free(out->temporary);
            out->temporary = NULL;
            failed = sync_folder(out->path) != 0;
            error = errno;
        }
    }
    yt_status status = YT_OK;
    if (failed)
        status = cannot_write(log, out->path, strerror(error ? error : EIO));
    file_out_discard(out);
    return status;
}

yt_status file_write_atomic(const char *path, const void *bytes, size_t n, yt_log *log)
{
    file_out out;
    yt_status status = file_out_open(&out, path, log);
    if (status)
        return status;
    if (n > 0 && fwrite(bytes, 1, n, out.file) != n) {
        status = cannot_write(log, path, strerror(errno));
        file_out_discard(&out);
        return status;
    }
    return file_out_commit(&out, log);
}

/* --------------------------------------------------------------------------- folders */

bool file_exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

bool file_is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool file_is_regular(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

char *file_join(arena *a, const char *folder, const char *name)
{
    if (!folder || !folder[0])
        return arena_strdup(a, name);
    return arena_printf(a, "%s%s%s", folder, text_ends_with(folder, "/") ? "" : "/", name);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

yt_status file_list(arena *a, const char *folder, const char *suffix, yt_log *log,
                    const char ***names, int32_t *n)
{
    *names = NULL;
    *n = 0;
    DIR *dir = opendir(folder);
    if (!dir) {
        log_error(log, YT_EIO, place_at(folder, 0, 0), "cannot be read: %s", strerror(errno));
        return YT_EIO;
    }
    yt_status status = YT_OK;
    int32_t size = 0, count = 0;
    const char **list = NULL;
    for (struct dirent *entry; status == YT_OK && (entry = readdir(dir));) {
        if (entry->d_name[0] == '.' || !text_ends_with(entry->d_name, suffix))
            continue;
        char *path = file_join(a, folder, entry->d_name);
        if (path && !file_is_regular(path))
            continue;
        if (count + 1 >= size) {
            size = size ? 2 * size : 16;
            const char **more = arena_array(a, (size_t)size, sizeof *more);
            if (more && count)
                memcpy(more, list, (size_t)count * sizeof *more);
            list = more;
        }
        char *name = arena_strdup(a, entry->d_name);
        if (!path || !list || !name)
            status = YT_ENOMEM;
        else
            list[count++] = name;
    }
    closedir(dir);
    if (status == YT_OK && !list)
        list = arena_array(a, 1, sizeof *list);
    if (!list)
        return YT_ENOMEM;
    qsort(list, (size_t)count, sizeof *list, compare_names);
    *names = list;
    *n = count;
    return status;
}

bool file_is_inside(const char *relative)
{
    if (!relative[0] || relative[0] == '/' || relative[0] == '~' || strchr(relative, '\\') ||
        strstr(relative, "://"))
        return false;
    for (const char *part = relative; part;) {
        const char *slash = strchr(part, '/');
        size_t length = slash ? (size_t)(slash - part) : strlen(part);
        if (length == 2 && part[0] == '.' && part[1] == '.')
            return false;
        part = slash ? slash + 1 : NULL;
    }
    return true;
}
