/* room.h - a folder of its own for a test that writes files. */
#ifndef ROOM_H
#define ROOM_H

/* Make a new folder below `under` (NULL: TMPDIR, else /tmp) and write its path into `room`;
 * 0, or -1 when it cannot be made.  Give it back with remove_room. */
int make_room(char room[64], const char *under);
/* Remove a folder and all that is in it; 0 or -1. */
int remove_room(const char *room);

#endif
