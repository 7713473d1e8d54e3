#!/usr/bin/env python3
# tests/right/pipe_filter.py -- the exercise pipe/filter, in Python.
import ctypes
import os
import select
import signal
import sys

PR_SET_PDEATHSIG = 1


def fail(text):
    print(f"filter: {text}", file=sys.stderr)
    sys.exit(1)


def be_command(command, to, back):
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL) # Python ignores it
    os.dup2(to, 0)
    os.dup2(back, 1)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        print(f"filter: {command[0]}: {error.strerror}", file=sys.stderr)
        os._exit(127)


def write_all(data):
    while data:
        try:
            data = data[os.write(1, data):]
        except OSError as error:
            fail(f"stdout: {error.strerror}")


def exchange(to, back, count):
    poll = select.poll()
    poll.register(to, select.POLLOUT)
    poll.register(back, select.POLLIN)
    open_ends = {to, back}
    fed = 0
    while open_ends:
        for fd, events in poll.poll():
            done = False
            if fd == to:
                done = fed == count
                if not done:
                    fed += 1
                    tenths = fed % 50 - 33
                    line = f"oslo #{fed} {tenths / 10:.1f} C\n"
                    try:
                        os.write(to, line.encode())
                    except BrokenPipeError:
                        done = True
            else:
                data = os.read(back, 65536)
                write_all(data)
                done = not data
            if done:
                poll.unregister(fd)
                os.close(fd)
                open_ends.remove(fd)


if len(sys.argv) < 3 or not sys.argv[1].isdigit():
    print("usage: filter COUNT COMMAND [ARGUMENT]...", file=sys.stderr)
    sys.exit(2)
command = sys.argv[2:]
to_read, to_write = os.pipe() # close-on-exec, in Python
back_read, back_write = os.pipe()
child = os.fork()
if child == 0:
    be_command(command, to_read, back_write)
os.close(to_read)
os.close(back_write)
exchange(to_write, back_read, int(sys.argv[1]))
status = os.waitpid(child, 0)[1]
if os.WIFSIGNALED(status):
    how = f"was ended by signal {os.WTERMSIG(status)}"
else:
    how = f"ended with status {os.WEXITSTATUS(status)}"
write_all(f"{command[0]} {how}\n".encode())
sys.exit(0 if status == 0 else 1)
