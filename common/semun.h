/*
 * common/semun.h -- the fourth argument of semctl(2).
 *
 * Of all the structures of System V IPC this is the one that no system header
 * has: the caller defines it, says POSIX, and semctl(2) says how.
 */
#ifndef COMMON_SEMUN_H
#define COMMON_SEMUN_H

struct semid_ds;
struct seminfo;

union semun {
    int val;               // SETVAL
    struct semid_ds *buf;  // IPC_STAT, IPC_SET, SEM_STAT
    unsigned short *array; // GETALL, SETALL: as many as the set has
    struct seminfo *__buf; // IPC_INFO, SEM_INFO
};

#endif
