/*
 * sem/watch/view.h -- a semaphore set as a table.
 */
#ifndef SEM_WATCH_VIEW_H
#define SEM_WATCH_VIEW_H

// A line for each semaphore that was used: its value, the last process, and
// those that wait. The caller frees the text; NULL if there is no such set.
char *view(int set);

#endif
