/* fuzz.h - a fuzz target is one function; without libFuzzer it replays the files given.
 *
 * A file includes this once and defines LLVMFuzzerTestOneInput.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#ifndef YT_LIBFUZZER
#include <stdio.h>
#include <stdlib.h>

/* As libFuzzer does: a buffer of exactly the file's size. */
static int replay(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return 1;
    }
    size_t size = 0, room = 4096;
    uint8_t *data = malloc(room);
    for (size_t got; data && (got = fread(data + size, 1, room - size, file)) > 0;) {
        size += got;
        if (size == room)
            data = realloc(data, room *= 2);
    }
    fclose(file);
    uint8_t *exact = malloc(size ? size : 1);
    if (!data || !exact)
        return 1;
    for (size_t i = 0; i < size; i++)
        exact[i] = data[i];
    free(data);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return 0;
}

int main(int argc, char *argv[])
{
    int failed = 0;
    for (int i = 1; i < argc; i++)
        failed += replay(argv[i]);
    printf("%d files replayed\n", argc - 1);
    return failed != 0;
}
#endif
#endif
