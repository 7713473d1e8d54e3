#!/usr/bin/env python3
# tests/right/pipe_basic.py -- the exercise pipe/basic, in Python.
import os
import signal
import struct
import sys


def fail(text):
    print(f"basic: {text}", file=sys.stderr)
    sys.stderr.flush()
    os._exit(1)


def say(line):
    data = (line + "\n").encode()
    while data:
        try:
            data = data[os.write(1, data):]
        except OSError as error:
            fail(f"stdout: {error.strerror}")


def receive(end):
    arrived = 0
    while wire := os.read(end, 17):
        kind, seq, tenths, station = struct.unpack(">BIh10s", wire)
        name = station.split(b"\0")[0].decode()
        say(f"{name} #{seq} {tenths / 10:.1f} C")
        arrived += 1
    say(f"end of file after {arrived} readings")


if len(sys.argv) != 2 or not sys.argv[1].isdigit():
    print("usage: basic COUNT", file=sys.stderr)
    sys.exit(2)
for number in (signal.SIGINT, signal.SIGPIPE):
    signal.signal(number, signal.SIG_DFL)
read_end, write_end = os.pipe()
child = os.fork()
if child == 0:
    os.close(write_end)
    receive(read_end)
    os._exit(0)
os.close(read_end)
for seq in range(1, int(sys.argv[1]) + 1):
    os.write(write_end, struct.pack(">BIh10s", 1, seq, seq % 50 - 33, b"oslo"))
os.close(write_end)
status = os.waitpid(child, 0)[1]
if os.WIFSIGNALED(status):
    fail(f"the receiver was ended by signal {os.WTERMSIG(status)}")
os._exit(os.WEXITSTATUS(status))
