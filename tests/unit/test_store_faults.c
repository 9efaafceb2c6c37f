/* test_store_faults.c - full disks, failing writes, kill -9: the old store or the new one. */
#include "room.h"
#include "store_fixture.h"

#include "store/export.h"
#include "store/read.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];
static char path[128];

static int make_folder(void **state)
{
    (void)state;
    /* in memory, if possible: thousands of fsyncs */
    if (make_room(folder, access("/dev/shm", W_OK) == 0 ? "/dev/shm" : NULL))
        return -1;
    snprintf(path, sizeof path, "%s/a.ytt", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return remove_room(folder);
}

/* Remove what killed writers left beside the store. */
static int clear_leftovers(void)
{
    int n = 0;
    DIR *dir = opendir(folder);
    for (struct dirent *e; dir && (e = readdir(dir));)
        if (strstr(e->d_name, ".partial-")) {
            char name[512];
            snprintf(name, sizeof name, "%s/%s", folder, e->d_name);
            unlink(name);
            n++;
        }
    closedir(dir);
    return n;
}

static store_fixture world(double capacity)
{
    store_fixture f = store_fixture_small();
    f.capacity = capacity;
    return f;
}

/* Capacity that the store at `path` tells of; -1 when it is no whole store. */
static double capacity_in_store(void)
{
    store_reader *r = NULL;
    if (store_reader_open(path, NULL, &r))
        return -1;
    double capacity = -1;
    sqlite3_stmt *rows = NULL;
    if (store_reader_check(r, NULL) == YT_OK &&
        store_reader_prepare(r,
                             "SELECT capacity * 12 FROM facility_month WHERE facility = 'plant00'"
                             " AND month = '2011-12'",
                             NULL, &rows) == YT_OK &&
        sqlite3_step(rows) == SQLITE_ROW)
        capacity = sqlite3_column_double(rows, 0);
    sqlite3_finalize(rows);
    store_reader_close(r);
    return capacity;
}

/* ------------------------------------------------- a VFS whose n-th operation goes wrong */

typedef enum operation { OPEN, READ, WRITE, SYNC, TRUNCATE, OPERATIONS } operation;

static struct {
    operation operation;
    int count, fail_at; /* 1-based; 0: never */
    bool for_ever;
} fault;

static bool fails(operation o)
{
    if (o != fault.operation || fault.fail_at == 0)
        return false;
    fault.count++;
    return fault.count == fault.fail_at || (fault.for_ever && fault.count > fault.fail_at);
}

typedef struct shim_file {
    sqlite3_file base;
    sqlite3_file *real;
} shim_file;

#define REAL(f) (((shim_file *)(f))->real)

static int shim_close(sqlite3_file *f)
{
    int code = REAL(f)->pMethods->xClose(REAL(f));
    sqlite3_free(REAL(f));
    return code;
}
static int shim_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
    return fails(READ) ? SQLITE_IOERR_READ : REAL(f)->pMethods->xRead(REAL(f), to, n, at);
}
static int shim_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
    return fails(WRITE) ? SQLITE_FULL : REAL(f)->pMethods->xWrite(REAL(f), from, n, at);
}
static int shim_truncate(sqlite3_file *f, sqlite3_int64 n)
{
    return fails(TRUNCATE) ? SQLITE_IOERR_TRUNCATE : REAL(f)->pMethods->xTruncate(REAL(f), n);
}
static int shim_sync(sqlite3_file *f, int flags)
{
    return fails(SYNC) ? SQLITE_IOERR_FSYNC : REAL(f)->pMethods->xSync(REAL(f), flags);
}
static int shim_size(sqlite3_file *f, sqlite3_int64 *n)
{
    return REAL(f)->pMethods->xFileSize(REAL(f), n);
}
static int shim_lock(sqlite3_file *f, int level)
{
    return REAL(f)->pMethods->xLock(REAL(f), level);
}
static int shim_unlock(sqlite3_file *f, int level)
{
    return REAL(f)->pMethods->xUnlock(REAL(f), level);
}
static int shim_reserved(sqlite3_file *f, int *out)
{
    return REAL(f)->pMethods->xCheckReservedLock(REAL(f), out);
}
static int shim_control(sqlite3_file *f, int what, void *with)
{
    return REAL(f)->pMethods->xFileControl(REAL(f), what, with);
}
static int shim_sector(sqlite3_file *f)
{
    return REAL(f)->pMethods->xSectorSize(REAL(f));
}
static int shim_characteristics(sqlite3_file *f)
{
    return REAL(f)->pMethods->xDeviceCharacteristics(REAL(f));
}

/* version 1: no shared memory, which an exclusive writer does without */
static const sqlite3_io_methods shim_methods = {
    .iVersion = 1,
    .xClose = shim_close,
    .xRead = shim_read,
    .xWrite = shim_write,
    .xTruncate = shim_truncate,
    .xSync = shim_sync,
    .xFileSize = shim_size,
    .xLock = shim_lock,
    .xUnlock = shim_unlock,
    .xCheckReservedLock = shim_reserved,
    .xFileControl = shim_control,
    .xSectorSize = shim_sector,
    .xDeviceCharacteristics = shim_characteristics,
};

static sqlite3_vfs shim, *real_vfs;

static int shim_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    (void)vfs;
    shim_file *f = (shim_file *)file;
    f->base.pMethods = NULL;
    if (fails(OPEN))
        return SQLITE_CANTOPEN;
    f->real = sqlite3_malloc(real_vfs->szOsFile);
    if (!f->real)
        return SQLITE_NOMEM;
    int code = real_vfs->xOpen(real_vfs, name, f->real, flags, out);
    if (code == SQLITE_OK)
        f->base.pMethods = &shim_methods;
    else
        sqlite3_free(f->real);
    return code;
}

static void use_shim(void)
{
    real_vfs = sqlite3_vfs_find(NULL);
    shim = *real_vfs;
    shim.zName = "shim";
    shim.szOsFile = sizeof(shim_file);
    shim.xOpen = shim_open;
    sqlite3_vfs_register(&shim, 1);
}

static void use_real(void)
{
    sqlite3_vfs_register(real_vfs, 1);
    sqlite3_vfs_unregister(&shim);
}

/* After a failure: message, old store whole.  After success: new store whole. */
static void assert_old_or_new(yt_status status, const yt_log *log, double old, double new)
{
    double capacity = capacity_in_store();
    if (status == YT_OK) {
        assert_float_equal(capacity, new, 1e-6);
    } else {
        assert_int_equal(yt_status_exit_code(status), 5);
        assert_true(yt_log_count(log, YT_ERROR) > 0);
        assert_string_equal(yt_log_get(log, 0).file, path);
        assert_true(strlen(yt_log_get(log, 0).text) > strlen("cannot be written: "));
        assert_true(capacity == old || capacity == new); /* new: only the folder's sync failed */
    }
    assert_int_equal(clear_leftovers(), 0);
}

static void run_out_of(operation o, bool for_ever)
{
    int failures = 0;
    fault.operation = o;
    fault.for_ever = for_ever;
    const store_fixture old = world(1200), new = world(2400);
    for (int n = 1; n < 100000; n += 1 + n / 20) {
        fault.fail_at = 0;
        if (capacity_in_store() != 1200)
            assert_int_equal(make_store_for_tests(path, &old, NULL), YT_OK);
        yt_log *log = yt_log_new();
        fault.fail_at = n;
        fault.count = 0;
        yt_status status = make_store_for_tests(path, &new, log);
        bool was_reached = fault.count >= n;
        fault.fail_at = 0;
        assert_old_or_new(status, log, 1200, 2400);
        yt_log_free(log);
        if (!was_reached) {
            assert_int_equal(status, YT_OK);
            break;
        }
        failures++;
    }
    if (o == WRITE || o == SYNC || o == OPEN)
        assert_true(failures > 0);
}

static void test_store_faults__any_failing_operation_leaves_the_old_store(void **state)
{
    (void)state;
    use_shim();
    for (operation o = OPEN; o < OPERATIONS; o++) {
        run_out_of(o, false);
        run_out_of(o, true);
    }
    use_real();
}

/* ------------------------------------------------------------------------- a full disk */

typedef int child(const void *data);

/* Exit code of a child; -1 when a signal ended it. */
static int in_child(child *run, const void *data)
{
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(run(data));
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void limit_files(rlim_t bytes)
{
    struct rlimit limit = {bytes, bytes};
    signal(SIGXFSZ, SIG_IGN); /* as the program does */
    setrlimit(RLIMIT_FSIZE, &limit);
}

static int write_limited(const void *data)
{
    limit_files(*(const rlim_t *)data);
    store_fixture f = world(2400);
    yt_log *log = yt_log_new();
    yt_status status = make_store_for_tests(path, &f, log);
    bool says_why = status == YT_OK ||
                    (yt_log_count(log, YT_ERROR) > 0 && strcmp(yt_log_get(log, 0).file, path) == 0);
    yt_log_free(log);
    return says_why ? yt_status_exit_code(status) : 99;
}

static void test_store_faults__a_full_disk_leaves_the_old_store(void **state)
{
    (void)state;
    store_fixture old = world(1200);
    assert_int_equal(make_store_for_tests(path, &old, NULL), YT_OK);
    struct stat st;
    stat(path, &st);
    bool has_failed = false, has_worked = false;
    for (rlim_t bytes = 0; bytes < 4 * (rlim_t)st.st_size; bytes += 9973) {
        int code = in_child(write_limited, &bytes);
        double capacity = capacity_in_store();
        assert_int_equal(clear_leftovers(), 0);
        if (code == 0) {
            assert_float_equal(capacity, 2400, 1e-6);
            has_worked = true;
            assert_int_equal(make_store_for_tests(path, &old, NULL), YT_OK);
        } else {
            assert_int_equal(code, 5);
            assert_float_equal(capacity, 1200, 1e-6);
            has_failed = true;
        }
    }
    assert_true(has_failed && has_worked);
}

typedef struct limited_export {
    const char *to, *format;
    rlim_t bytes;
} limited_export;

static int export_limited(const void *data)
{
    const limited_export *e = data;
    limit_files(e->bytes);
    /* the spreadsheet library complains on its own */
    if (!freopen("/dev/null", "w", stderr))
        return 99;
    const store_export_options options = {.format = e->format, .to = e->to, .replace = true};
    yt_log *log = yt_log_new();
    yt_status status = store_export(path, &options, log);
    bool says_why = status == YT_OK || (yt_log_count(log, YT_ERROR) > 0 &&
                                        strcmp(yt_log_get(log, 0).file, e->to) == 0);
    yt_log_free(log);
    return says_why ? yt_status_exit_code(status) : 99;
}

static off_t size_of(const char *file)
{
    struct stat st;
    return stat(file, &st) == 0 ? st.st_size : -1;
}

static void export_until_it_fits(const char *format)
{
    char to[160];
    snprintf(to, sizeof to, "%s/out.%s", folder, format);
    limited_export e = {to, format, RLIM_INFINITY};
    assert_int_equal(in_child(export_limited, &e), 0);
    off_t whole = size_of(to);
    e.bytes = 0;
    int code;
    while ((code = in_child(export_limited, &e)) != 0) {
        assert_int_equal(code, 5);
        assert_int_equal(size_of(to), whole); /* the old one */
        assert_int_equal(clear_leftovers(), 0);
        e.bytes += 997 + e.bytes / 4;
        assert_true(e.bytes < 10000000);
    }
    assert_int_equal(size_of(to), whole);
    assert_true(e.bytes > 0);
}

static void test_store_faults__a_full_disk_never_gives_half_an_export(void **state)
{
    (void)state;
    store_fixture f = world(1200);
    assert_int_equal(make_store_for_tests(path, &f, NULL), YT_OK);
    export_until_it_fits("json");
    export_until_it_fits("xlsx");
    export_until_it_fits("csv");
}

/* ------------------------------------------------------------------------------- kill -9 */

static int write_for_ever(const void *data)
{
    (void)data;
    for (int i = 0; i < 1000; i++) {
        store_fixture f = world(2400 + i % 2);
        f.months = 60;
        if (make_store_for_tests(path, &f, NULL))
            return 1;
    }
    return 0;
}

static void test_store_faults__kill_leaves_a_whole_store(void **state)
{
    (void)state;
    store_fixture old = world(1200);
    assert_int_equal(make_store_for_tests(path, &old, NULL), YT_OK);
    uint32_t random = 12345;
    int interrupted = 0;
    for (int round = 0; round < 60; round++) {
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
            _exit(write_for_ever(NULL));
        random = random * 1664525u + 1013904223u;
        const struct timespec wait = {0, (long)(random % 40000000)};
        nanosleep(&wait, NULL);
        kill(pid, SIGKILL);
        int status;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        double capacity = capacity_in_store();
        assert_true(capacity == 1200 || (capacity > 2399 && capacity < 2402));
        interrupted += clear_leftovers() > 0;
    }
    assert_true(interrupted > 5);
}

/* ---------------------------------------------------------------------------- memory */

static sqlite3_mem_methods real_memory;
static int allocations, fail_allocation;

static void *failing_malloc(int n)
{
    return ++allocations >= fail_allocation && fail_allocation ? NULL : real_memory.xMalloc(n);
}
static void *failing_realloc(void *p, int n)
{
    return ++allocations >= fail_allocation && fail_allocation ? NULL : real_memory.xRealloc(p, n);
}

static void test_store_faults__without_memory_the_old_store_stays(void **state)
{
    (void)state;
    store_fixture old = world(1200), new = world(2400);
    assert_int_equal(make_store_for_tests(path, &old, NULL), YT_OK);
    sqlite3_shutdown();
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_memory);
    sqlite3_mem_methods failing = real_memory;
    failing.xMalloc = failing_malloc;
    failing.xRealloc = failing_realloc;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &failing);
    int failures = 0;
    for (int n = 40; n < 1000000; n += n / 8) {
        yt_log *log = yt_log_new();
        allocations = 0;
        fail_allocation = n;
        yt_status status = make_store_for_tests(path, &new, log);
        fail_allocation = 0;
        assert_old_or_new(status, log, 1200, 2400);
        yt_log_free(log);
        if (status == YT_OK)
            break;
        failures++;
    }
    assert_true(failures > 10);
    sqlite3_shutdown();
    sqlite3_config(SQLITE_CONFIG_MALLOC, &real_memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_store_faults__any_failing_operation_leaves_the_old_store),
        cmocka_unit_test(test_store_faults__a_full_disk_leaves_the_old_store),
        cmocka_unit_test(test_store_faults__a_full_disk_never_gives_half_an_export),
        cmocka_unit_test(test_store_faults__kill_leaves_a_whole_store),
        cmocka_unit_test(test_store_faults__without_memory_the_old_store_stays),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
