# Writes the header that `ytterby version --build` reads; leaves it alone when nothing is new.
# cmake -DOUT=FILE -DFLAGS=TEXT -P build-info.cmake
set(commit "unknown")
# others may be at work in this folder: take no lock
set(ENV{GIT_OPTIONAL_LOCKS} 0)
execute_process(COMMAND git describe --always --dirty --match v*
    OUTPUT_VARIABLE described OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(NOT failed)
    set(commit "${described}")
endif()
string(REGEX REPLACE " +" " " FLAGS "${FLAGS}")
string(STRIP "${FLAGS}" FLAGS)
set(text "#define YT_BUILD_COMMIT \"${commit}\"\n#define YT_BUILD_FLAGS \"${FLAGS}\"\n")
set(old "")
if(EXISTS ${OUT})
    file(READ ${OUT} old)
endif()
if(NOT old STREQUAL text)
    file(WRITE ${OUT} "${text}")
endif()
