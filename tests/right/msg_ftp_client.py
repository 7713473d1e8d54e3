#!/usr/bin/env python3
# tests/right/msg_ftp_client.py -- the exercise msg/ftp_client, in Python.
import ctypes
import errno
import os
import signal
import struct
import sys
import tempfile
from ctypes import c_int, c_long, c_size_t, c_ssize_t, c_void_p

IPC_PRIVATE, IPC_RMID = 0, 0
DATA, EOT, ERROR, PATH, DONE, CALL = range(0x66747031, 0x66747037)

libc = ctypes.CDLL(None, use_errno=True)
libc.msgsnd.argtypes = [c_int, c_void_p, c_size_t, c_int]
libc.msgrcv.argtypes = [c_int, c_void_p, c_size_t, c_long, c_int]
libc.msgrcv.restype = c_ssize_t


class Failed(Exception):
    pass


class Ended(Exception):
    pass


def call(function, *arguments):
    result = function(*arguments)
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def on_signal(number, _):
    if number == signal.SIGALRM:
        raise Failed("nothing has come in time")
    raise Ended(number)


def send(queue, kind, body):
    head = struct.pack(">IHH", kind, 1, 8 + len(body))
    call(libc.msgsnd, queue, struct.pack("l", kind) + head + body,
         8 + len(body), 0)


# The next message within the limit, an alarm that comes again each second: it
# may come before msgrcv waits. (its kind, what is behind its head)
def receive(queue, limit):
    buffer = ctypes.create_string_buffer(8 + 8192)
    signal.setitimer(signal.ITIMER_REAL, limit, 1)
    n = call(libc.msgrcv, queue, buffer, 8192, -ERROR, 0)
    signal.setitimer(signal.ITIMER_REAL, 0)
    kind_length = {DATA: 24, EOT: 20, ERROR: 8}
    message = buffer.raw[8:8 + n]
    if n < 8:
        raise Failed(f"a message of {n} bytes")
    kind, version, size = struct.unpack_from(">IHH", message)
    mtype, = struct.unpack_from("l", buffer)
    if kind != mtype or version != 1 or size != n or n < kind_length[kind] \
            or (kind == EOT and n != 20):
        raise Failed("a message that breaks the protocol")
    return kind, message[8:]


def until_removed(queue, limit):
    try:
        receive(queue, limit)
    except OSError as error:
        if error.errno not in (errno.EIDRM, errno.EINVAL):
            raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def cksum_table():
    for n in range(256):
        crc = n << 24
        for _ in range(8):
            crc = crc << 1 ^ (0x104c11db7 if crc & 0x80000000 else 0)
        yield crc


TABLE = list(cksum_table())


def cksum(crc, data):
    for byte in data:
        crc = (crc << 8 & 0xffffffff) ^ TABLE[crc >> 24 ^ byte]
    return crc


def cksum_end(crc, length):
    octets = length.to_bytes((length.bit_length() + 7) // 8, "little")
    return cksum(crc, octets) ^ 0xffffffff


# Take the file in, as far as EOT. (checksum, length)
def take(queue, limit, file):
    offset = crc = 0
    total = None
    while True:
        kind, body = receive(queue, limit)
        if kind == ERROR:
            raise Failed(body.decode(errors="replace"))
        if kind == EOT:
            length, sum_sent = struct.unpack(">QI", body)
            sum_here = cksum_end(crc, offset)
            if length != offset or sum_sent != sum_here:
                raise Failed("the file has been damaged")
            return sum_here, offset
        start, total_now = struct.unpack_from(">QQ", body)
        if start != offset or total not in (None, total_now):
            raise Failed("DATA that does not continue the file")
        total = total_now
        file.write(body[16:])
        crc = cksum(crc, body[16:])
        offset += len(body) - 16


def get(key_file, path, to, limit):
    server = call(libc.msgget,
                  call(libc.ftok, os.fsencode(key_file), ord("I")), 0)
    queue = call(libc.msgget, IPC_PRIVATE, 0o600)
    part = None
    try:
        send(queue, PATH, struct.pack(">I", server) + os.fsencode(path))
        send(server, CALL, struct.pack(">I", queue))
        with tempfile.NamedTemporaryFile(dir=os.path.dirname(to) or ".",
                                         delete=False) as file:
            part = file.name
            crc, length = take(queue, limit, file)
        os.rename(part, to)
        part = None
        send(queue, DONE, b"")
        until_removed(queue, limit)
        print(crc, length, to, flush=True)
    finally:
        if part is not None:
            os.unlink(part)
        libc.msgctl(queue, IPC_RMID, None)


def main():
    operands, limit = sys.argv[1:], 10
    if operands and operands[0] == "--limit":
        limit = int(operands[1]) if operands[1:2] and \
            operands[1].isdigit() else 0
        operands = operands[2:]
    if len(operands) == 2:
        operands = [".", *operands]
    if len(operands) != 3 or not 1 <= limit <= 3600:
        print("usage: ftp_client [--limit SECONDS] [KEYFILE] FROM TO",
              file=sys.stderr)
        sys.exit(2)
    for number in signal.SIGINT, signal.SIGTERM, signal.SIGALRM:
        signal.signal(number, on_signal)
    try:
        get(*operands, limit)
    except Ended as ended:
        signal.signal(ended.args[0], signal.SIG_DFL)
        os.kill(os.getpid(), ended.args[0])
    except Failed as failed:
        sys.exit(f"ftp_client: {failed}")
    except OSError as error:
        sys.exit(f"ftp_client: {error.strerror}")


main()
