/* The recording's directory, and the descriptors that are kept of it.
 *
 * What is open stays open when the program changes its root directory or gives up its rights, so the directory and the ring
 * are held by descriptors: high, close-on-exec. Programs close and reuse descriptors, so each use asks with fstat
 * whether the number still is ours; if not, the thing is opened again by its path, and a stranger's descriptor is left alone.
 * Any thread. Keeps nothing of errno.
 */
#ifndef N1_PRELOAD_PLACE_H
#define N1_PRELOAD_PLACE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

/* A descriptor and what it has to be. */
struct n1_held {
    _Atomic int fd_and_one; /* 0: none */
    dev_t device;
    ino_t inode;
};

/* Moves fd to a high number where programs do not look, with close-on-exec. Returns the descriptor to use, or −1. */
int n1_place_move_high(int fd);

/* The held descriptor, or −1 when there is none or the number is another file's. */
int n1_held_get(const struct n1_held *held);
/* Takes fd over (moved high) as what is held from now on; before it is used by other threads. −1: fd is bad. */
int n1_held_set(struct n1_held *held, int fd);
/* Closes it if it is ours. */
void n1_held_close(struct n1_held *held);

/* Opens a file of the recording's directory as openat() does, mode 0600, close-on-exec. −1 with errno. */
int n1_place_open(const char *name, int flags);
void n1_place_remove(const char *name);

#endif
