/* version.c - which program this is and how it was built.  No date: the same source gives
 * the same program. */
#include "inside.h"

#include <jansson.h>
#include <sqlite3.h>
#include <string.h>
#include <xlsxwriter.h>
#include <yaml.h>

/* given by the build: CMakeLists.txt */
#ifndef YT_BUILD_FLAGS
#define YT_BUILD_FLAGS "unknown"
#endif
#ifndef YT_BUILD_COMMIT
#define YT_BUILD_COMMIT "unknown"
#endif

#ifdef __clang__
#define COMPILER "clang " __clang_version__
#elif defined __GNUC__
#define COMPILER "gcc " __VERSION__
#else
#define COMPILER "unknown"
#endif

#if defined __AVX512F__
#define SIMD "AVX-512"
#elif defined __AVX2__
#define SIMD "AVX2"
#elif defined __SSE2__
#define SIMD "SSE2"
#elif defined __ARM_NEON
#define SIMD "NEON"
#else
#define SIMD "none"
#endif

/* clang-format off */
const cli_option options_version[] = {
    {"build", 0, NULL, "compiler, flags and libraries as well"},
    CLI_JSON,
    CLI_END,
};
/* clang-format on */

typedef struct fact {
    const char *name, *value;
} fact;

int command_version(cli *c)
{
    if (c->command && strcmp(c->command, "version") == 0 && c->options && !cli_operands(c, 0, 0))
        return 2;
    const fact facts[] = {
        {"version", yt_version()},
        {"commit", YT_BUILD_COMMIT},
        {"compiler", COMPILER},
        {"flags", YT_BUILD_FLAGS},
        {"simd", SIMD},
        {"libyaml", yaml_get_version_string()},
        {"jansson", jansson_version_str()},
        {"sqlite", sqlite3_libversion()},
        {"libxlsxwriter", lxw_version()},
    };
    size_t n = cli_has(c, "build") || c->json ? sizeof facts / sizeof facts[0] : 1;
    if (c->json) {
        json_writer w = cli_json_begin(c);
        for (size_t i = 0; i < n; i++)
            json_key_text(&w, facts[i].name, facts[i].value);
        cli_json_end(c, &w);
        return 0;
    }
    printf("ytterby %s\n", yt_version());
    for (size_t i = 1; i < n; i++)
        printf("%-14s %s\n", facts[i].name, facts[i].value);
    return 0;
}
