/* xlsx_check.c - a look at a finished spreadsheet: is every row there?
 *
 * libxlsxwriter gathers sheets in temporary files without asking whether the writes
 * succeeded, so a full disk can end in a file that opens and lacks rows.  An .xlsx is a ZIP
 * file; sheet i is xl/worksheets/sheet<i>.xml.
 */
#include "store/export_inside.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

typedef struct zip {
    const unsigned char *bytes;
    size_t n;
} zip;

static uint32_t little_endian(const unsigned char *b, int n)
{
    uint32_t value = 0;
    for (int i = n - 1; i >= 0; i--)
        value = value << 8 | b[i];
    return value;
}

/* The central directory: where it starts and how many files it lists. */
static bool find_directory(const zip *z, size_t *at, uint32_t *files)
{
    if (z->n < 22)
        return false;
    for (size_t end = z->n - 22;; end--) {
        if (little_endian(z->bytes + end, 4) == 0x06054b50) {
            *files = little_endian(z->bytes + end + 10, 2);
            *at = little_endian(z->bytes + end + 16, 4);
            return *at < z->n;
        }
        if (end == 0 || z->n - end > 66000)
            return false;
    }
}

/* Rows of a sheet that is being unpacked, and how it ended. */
typedef struct counter {
    int64_t rows;
    char tail[16]; /* the last bytes seen */
} counter;

static void count_rows(counter *c, const unsigned char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        memmove(c->tail, c->tail + 1, sizeof c->tail - 1);
        c->tail[sizeof c->tail - 1] = (char)bytes[i];
        if (bytes[i] == ' ' && memcmp(c->tail + sizeof c->tail - 5, "<row ", 5) == 0)
            c->rows++;
    }
}

/* Unpack one deflated member; false when it is damaged. */
static bool unpack(const unsigned char *packed, size_t n, uint32_t crc, counter *c)
{
    z_stream stream = {.next_in = (unsigned char *)(uintptr_t)packed, .avail_in = (uInt)n};
    if (inflateInit2(&stream, -15) != Z_OK)
        return false;
    unsigned char buffer[16384];
    uLong sum = crc32(0, NULL, 0);
    int code = Z_OK;
    while (code == Z_OK) {
        stream.next_out = buffer;
        stream.avail_out = sizeof buffer;
        code = inflate(&stream, Z_NO_FLUSH);
        size_t got = sizeof buffer - stream.avail_out;
        sum = crc32(sum, buffer, (uInt)got);
        count_rows(c, buffer, got);
    }
    inflateEnd(&stream);
    return code == Z_STREAM_END && sum == crc;
}

/* The member whose entry in the directory is at `at`. */
static bool check_member(const zip *z, size_t at, const int64_t *rows, int32_t sheets,
                         int32_t *seen)
{
    const unsigned char *e = z->bytes + at;
    size_t packed = little_endian(e + 20, 4), name = little_endian(e + 28, 2);
    size_t local = little_endian(e + 42, 4);
    char text[64] = "";
    if (at + 46 + name > z->n || local + 30 > z->n)
        return false;
    memcpy(text, e + 46, name < sizeof text - 1 ? name : sizeof text - 1);
    int sheet;
    if (sscanf(text, "xl/worksheets/sheet%d.xml", &sheet) != 1)
        return true;
    const unsigned char *l = z->bytes + local;
    size_t start = local + 30 + little_endian(l + 26, 2) + little_endian(l + 28, 2);
    counter c = {.rows = 0};
    static const char ending[] = "</worksheet>";
    size_t length = sizeof ending - 1;
    if (sheet < 1 || sheet > sheets || start + packed > z->n || little_endian(e + 10, 2) != 8 ||
        !unpack(z->bytes + start, packed, little_endian(e + 16, 4), &c))
        return false;
    ++*seen;
    return c.rows == rows[sheet - 1] &&
           memcmp(c.tail + sizeof c.tail - length, ending, length) == 0;
}

static bool check_zip(const zip *z, const int64_t *rows, int32_t sheets)
{
    size_t at;
    uint32_t files;
    int32_t seen = 0;
    if (!find_directory(z, &at, &files))
        return false;
    for (uint32_t i = 0; i < files; i++) {
        if (at + 46 > z->n || little_endian(z->bytes + at, 4) != 0x02014b50 ||
            !check_member(z, at, rows, sheets, &seen))
            return false;
        const unsigned char *e = z->bytes + at;
        at += 46 + little_endian(e + 28, 2) + little_endian(e + 30, 2) + little_endian(e + 32, 2);
    }
    return seen == sheets;
}

bool xlsx_is_whole(const char *file, const int64_t *rows, int32_t sheets)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0 || st.st_size <= 0) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    zip z = {NULL, (size_t)st.st_size};
    void *bytes = mmap(NULL, z.n, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (bytes == MAP_FAILED)
        return false;
    z.bytes = bytes;
    bool whole = check_zip(&z, rows, sheets);
    munmap(bytes, z.n);
    return whole;
}
