#!/usr/bin/env python3
# tests/right/fifo_basic_recv.py -- the exercise fifo/basic_recv, in Python.
import os
import signal
import stat
import struct
import sys


def fail(text):
    print(f"basic_recv: {text}", file=sys.stderr)
    sys.exit(1)


def remove_and_end(number, frame):
    os.unlink(path)
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def receive():
    arrived = 0
    while True:
        wire = os.read(fifo, 17)
        if not wire:
            fail(f"the sender left without END, after {arrived} readings")
        if len(wire) != 17 or wire[0] not in (1, 2) or wire[16] != 0:
            print(f"skipped {len(wire)} bytes: not a reading", flush=True)
            continue
        kind, seq, tenths, station = struct.unpack(">BIh10s", wire)
        if kind == 2:
            print(f"{arrived} of {seq} readings arrived", flush=True)
            return
        name = station.split(b"\0")[0].decode()
        print(f"{name} #{seq} {tenths / 10:.1f} C", flush=True)
        arrived += 1


if len(sys.argv) != 2:
    print("usage: basic_recv FIFO", file=sys.stderr)
    sys.exit(2)
path = sys.argv[1]
try:
    os.mkfifo(path, 0o600)
except FileExistsError as error:
    there = os.lstat(path)
    if not stat.S_ISFIFO(there.st_mode) or there.st_uid != os.geteuid():
        fail(error)
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, remove_and_end)
try:
    print(f"ready on {path}", flush=True)
    fifo = os.open(path, os.O_RDONLY)
    receive()
finally:
    os.unlink(path)
