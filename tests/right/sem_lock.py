#!/usr/bin/env python3
# tests/right/sem_lock.py -- the exercise sem/lock, in Python.
import ctypes
import errno
import mmap
import os
import signal
import struct
import sys
import time
from ctypes import c_int, c_size_t, c_void_p

IPC_CREAT, IPC_EXCL, IPC_NOWAIT, IPC_RMID = 0o1000, 0o2000, 0o4000, 0
SEM_UNDO, PR_SET_PDEATHSIG = 0x1000, 1
OWNER, LOCK = 0, 1

libc = ctypes.CDLL(None, use_errno=True)
libc.semop.argtypes = [c_int, c_void_p, c_size_t]


def call(function, *arguments):
    result = function(*arguments)
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


# Each operation is a semaphore, what is added, and flags.
def semop(semaphores, *operations):
    together = b"".join(struct.pack("3h", *o) for o in operations)
    while True:
        try:
            return call(libc.semop, semaphores, together, len(operations))
        except InterruptedError:
            pass


def become_owner(semaphores):
    semop(semaphores, (OWNER, 0, IPC_NOWAIT), (OWNER, 1, SEM_UNDO))


def make_set(key):
    try:
        leftover = call(libc.semget, key, 0, 0)
        become_owner(leftover)
        call(libc.semctl, leftover, 0, IPC_RMID)
    except FileNotFoundError:
        pass
    return call(libc.semget, key, 2, IPC_CREAT | IPC_EXCL | 0o600)


def add(semaphores, numbers, mine, times):
    for n in range(1, times + 1):
        semop(semaphores, (LOCK, -1, SEM_UNDO))
        number, = struct.unpack_from("l", numbers)
        time.sleep(1e-6)
        struct.pack_into("l", numbers, 0, number + 1)
        struct.pack_into("l", numbers, mine * 8, n)
        semop(semaphores, (LOCK, 1, SEM_UNDO))


def run(path, processes, times):
    signals = signal.SIGINT, signal.SIGTERM
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    semaphores = make_set(call(libc.ftok, os.fsencode(path), ord("I")))

    def remove_set(number, _):
        libc.semctl(semaphores, 0, IPC_RMID)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    for number in signals:
        signal.signal(number, remove_set)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
    try:
        become_owner(semaphores)
        semop(semaphores, (LOCK, 1, 0))
        numbers = mmap.mmap(-1, (1 + processes) * 8)
        parent = os.getpid()
        for mine in range(1, processes + 1):
            if os.fork() == 0:
                for number in signals:
                    signal.signal(number, signal.SIG_DFL)
                libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
                if os.getppid() == parent:
                    add(semaphores, numbers, mine, times)
                os._exit(0)
        for _ in range(processes):
            os.wait()
        number, *each = struct.unpack(f"{1 + processes}l", numbers)
        print(f"{processes} processes added 1, {sum(each)} times in all:",
              number, flush=True)
        return 0 if number >= sum(each) else 1
    finally:
        libc.semctl(semaphores, 0, IPC_RMID)


def operand(text, largest):
    return int(text) if text.isdigit() and 1 <= int(text) <= largest else 0


operands = sys.argv[1:]
if len(operands) != 3 or not operand(operands[1], 100) \
        or not operand(operands[2], 100_000):
    print("usage: lock KEYFILE PROCESSES TIMES", file=sys.stderr)
    sys.exit(2)
try:
    sys.exit(run(operands[0], int(operands[1]), int(operands[2])))
except OSError as error:
    in_use = error.errno == errno.EAGAIN
    sys.exit("lock: " + ("in use" if in_use else error.strerror))
