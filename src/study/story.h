/* story.h - why a world ended as it did: what was decided, what stopped what, and when. */
#ifndef STUDY_STORY_H
#define STUDY_STORY_H

#include "base/json_write.h"
#include "study/study.h"

typedef struct story_options {
    uint64_t seed;
    int64_t world;
    int32_t last_month; /* counted from year 0                                  */
    double threshold;   /* of the independence ratio                            */
    const char *region; /* whose freedom it is about                            */
    int32_t projects;   /* told one by one, at most                             */
    json_writer *json;  /* not NULL: keys of the object being written; else text */
    FILE *out;
} story_options;

/* Simulate the world again and tell.
 * Errors: YT_EUSAGE (no such region), YT_EDATA (the case names no incumbent), YT_ENOMEM. */
yt_status study_tell(const yt_network *network, const story_options *options, yt_log *log);

#endif
