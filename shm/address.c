/*
 * shm/address.c -- one segment at two addresses.
 *
 * Shows:   Each shmat finds an address of its own, even in one process. So what
 *          stands in a segment refers to its other parts by offsets from its
 *          beginning: a pointer is right at one address only.
 *
 * Run:     $ build/shm/address
 *
 * Prints:  attached at <0x7f0000001000> and <0x7f0000000000>
 *          written at the first, read at the second: oslo #1 -3.2 C
 *          a child detaches the first and follows the list at the second
 *          oslo #1 -3.2 C
 *          oslo #2 -3.1 C
 *          oslo #3 -3.0 C
 *
 * Read:    shmget(2), shmat(2), shmctl(2), fork(2), sigaction(2), shmdt(2),
 *          waitpid(2)
 */
#include <signal.h>
#include <stdio.h>
#include <sys/shm.h>
#include <sys/wait.h>

#include "../common/program.h"
#include "../common/reading.h"
#include "segment.h"

#define READINGS 3

struct node {
    struct reading reading;
    union {                   // the next node; all zero: this is the last one
        uint64_t offset;      // of it, from the beginning of the segment
        struct node *pointer; // break it: its address in the writer
    } next;
};

// It may call printf, although it is a signal handler: the fault is in an
// access of this program, not in printf.
static void print_fault(int number, siginfo_t *fault, void *context)
{
    (void)number, (void)context;
    printf("SIGSEGV at %p: nothing is mapped there\n", fault->si_addr);
    _exit(1);
}

static void write_list(struct node *base, bool pointer)
{
    for (uint32_t i = 0; i < READINGS; i++) {
        base[i].reading = reading_sample(i + 1);
        if (i + 1 == READINGS)
            base[i].next.offset = 0;
        else if (pointer)
            base[i].next.pointer = &base[i + 1];
        else
            base[i].next.offset = (i + 1) * sizeof *base;
    }
}

static void print_list(const struct node *base, bool pointer)
{
    const struct node *node = base;

    for (int i = 0; i < READINGS; i++) { // no more, should it be a circle
        reading_print(&node->reading);
        uint64_t offset = node->next.offset;
        if (offset == 0)
            return;
        if (!pointer && offset > (READINGS - 1) * sizeof *base)
            errx(1, "offset %" PRIu64 " leads out of the segment", offset);
        node = pointer ? node->next.pointer
                       : (const void *)((const char *)base + offset);
    }
}

int main(int argc, char *argv[])
{
    program_start();
    int pointer = false; // break it
    const struct option flags[] = {{"pointer", no_argument, &pointer, true},
                                   {0}};
    if (!parse_flags(argc, argv, flags) || argc != optind)
        return usage(argc, argv, "address [--pointer]");

    block_termination(); // until the id is stored
    int segment = shmget(IPC_PRIVATE, READINGS * sizeof(struct node), 0600);
    if (segment == -1)
        errx(1, "shmget: %s", ipc_strerror(errno));
    segment_remove_at_end(segment);
    struct node *first = shmat(segment, NULL, 0);
    struct node *second = shmat(segment, NULL, 0);
    if ((intptr_t)first == -1 || (intptr_t)second == -1)
        err(1, "shmat");
    if (shmctl(segment, IPC_RMID, NULL) == -1)
        err(1, "shmctl");

    printf("attached at %p and %p\n", (void *)first, (void *)second);
    write_list(first, pointer);
    printf("written at the first, read at the second: ");
    reading_print(&second->reading);

    pid_t child = fork();
    if (child == -1)
        err(1, "fork");
    if (child == 0) {
        struct sigaction action = {.sa_sigaction = print_fault,
                                   .sa_flags = SA_SIGINFO};
        sigaction(SIGSEGV, &action, NULL);
        puts("a child detaches the first and follows the list at the second");
        if (shmdt(first) == -1)
            err(1, "shmdt");
        print_list(second, pointer);
        return 0;
    }
    int status;
    if (waitpid(child, &status, 0) == -1)
        err(1, "waitpid");
    return status == 0 ? 0 : 1;
}
