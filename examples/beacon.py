#!/usr/bin/env python3
"""A second implementation of the beacon's reader: it checks docs/beacon-vectors.txt with Python's standard library only.

    python3 examples/beacon.py docs/beacon-vectors.txt

It is written from docs/BEACON.md, is slow, and is for checking other implementations, not for use.
"""
import hashlib
import sys

# Ed25519 (RFC 8032), verification only. Points are (x, y); slow and plain on purpose.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(a, b):
    (x1, y1), (x2, y2) = a, b
    k = D * x1 * x2 * y1 * y2
    x3 = (x1 * y2 + x2 * y1) * pow(1 + k, P - 2, P)
    y3 = (y1 * y2 + x1 * x2) * pow(1 - k, P - 2, P)
    return x3 % P, y3 % P


def times(n, point):
    total = (0, 1)
    while n:
        if n & 1:
            total = add(total, point)
        point = add(point, point)
        n >>= 1
    return total


def point_of(data):
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    assert y < P and x * x % P == square, "no point of the curve"
    return (x if x % 2 == sign else P - x), y


BASE = point_of(bytes.fromhex("5866666666666666666666666666666666666666666666666666666666666666"))


def signed(key, message, signature):
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    h = int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % L
    return s < L and times(s, BASE) == add(point_of(r), times(h, point_of(key)))


def half(purpose, key):
    return hashlib.sha256(purpose + key).digest()[:16]


def number(data):
    return int.from_bytes(data, "little")


def evidence(pages, length):
    """The evidence of the pages; every form that is not the one form is an error."""
    for place, page in enumerate(pages):
        assert page[0] == 0x22 and page[1] == 0x50 | place, "a page stands where another belongs"
    assert pages[0][2] == len(pages) - 1 and pages[0][3] == length, "another form of evidence"
    data = pages[0][8:] + b"".join(page[2:] for page in pages[1:])
    assert not any(data[length:]), "padding"
    data = data[:length]
    assert pages[0][4:8] == data[1:5], "the timestamp is not the beginning"
    return data


def messages(pack, count):
    assert len(pack) == 3 + 25 * count and pack[:3] == bytes([0xF2, 25, count]), "no such pack"
    return [pack[at : at + 25] for at in range(3, len(pack), 25)]


def basic_id(message):
    assert message[:3] == bytes([0x02, 0x4F, 225]) and not any(message[19:]), "no id of a humanoid"
    return message[3:19]


def read_link(pack, ca_key):
    first, *pages = messages(pack, 8)
    data, robot_id = evidence(pages, 137), basic_id(first)
    start, end, key = number(data[1:5]), number(data[5:9]), data[25:57]
    assert data[0] == 0xE1 and data[9:25] == robot_id == half(b"robot-id/v1\0", key), "id and key"
    assert 0 < end - start <= 14 * 24 * 3600, "validity"
    assert data[57:73] == half(b"site-ca-id/v1\0", ca_key), "another CA"
    assert signed(ca_key, b"bellwether/endorsement/v1\0" + data[1:73], data[73:]), "signature of the CA"
    return key, start, end


def read_presence(pack, key):
    who, location, text, journal, *pages = messages(pack, 9)
    data, robot_id = evidence(pages, 89), basic_id(who)
    start, end, tenths = number(data[1:5]), number(data[5:9]), number(location[21:23])
    assert data[0] == 0xE2 and data[9:25] == robot_id == half(b"robot-id/v1\0", key), "id and key"
    assert 0 < end - start <= 30 and tenths // 10 == start % 3600, "times"
    unknown = bytes([181, 255, 126]) + bytes(16)
    assert location[0] == 0x12 and location[1] & 15 == 3 and location[2:21] == unknown and not any(location[23:])
    assert location[1] >> 4 in (1, 3, 4), "status"
    assert text[:17] == b"\x32\x00HUMANOID ROBOT ", "it does not say machine"
    assert journal[:2] == bytes([0x52, 201]) and not any(journal[22:]), "the journal's message"
    assert signed(key, b"bellwether/beacon/v1\0" + data[1:9] + pack[3:103] + data[9:25], data[25:]), "signature"
    return text[2:].rstrip(b"\0").decode(), location[1] >> 4, start, tenths % 10, number(journal[2:6]), journal[6:22].hex()


def read_revoked(data, ca_key):
    """The ids on a list of keys that count no more."""
    count = number(data[24:26])
    end = 26 + 16 * count
    ids = [data[at : at + 16] for at in range(26, end, 16)]
    assert data[:4] == b"RVK1" and len(data) == end + 64 and count <= 4096, "no such list"
    assert all(a < b for a, b in zip(ids, ids[1:])), "ids that do not rise"
    assert data[4:20] == half(b"site-ca-id/v1\0", ca_key), "another CA"
    assert signed(ca_key, b"bellwether/revoked/v1\0" + data[:end], data[end:]), "signature of the CA"
    return ids


def main(path):
    lines = (line.strip() for line in open(path, encoding="ascii"))
    pairs = (line.split(" = ") for line in lines if line and not line.startswith("#"))
    vectors = {name: bytes.fromhex(digits) for name, digits in pairs}
    assert vectors["disclosure_id"] == half(b"robot-id/v1\0", vectors["robot_key"])
    assert vectors["ca_id"] == half(b"site-ca-id/v1\0", vectors["ca_key"])
    key, start, end = read_link(vectors["link"], vectors["ca_key"])
    assert key == vectors["robot_key"]
    print(f"link: endorsed from {start} to {end}")
    for name in sorted(name for name in vectors if name.startswith("presence_")):
        said = read_presence(vectors[name], key)
        assert start <= said[2] <= end
        print(f"{name}: {said}")
    revoked = read_revoked(vectors["revoked"], vectors["ca_key"])
    assert vectors["disclosure_id"] in revoked
    print(f"revoked: {[robot_id.hex() for robot_id in revoked]}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} docs/beacon-vectors.txt")
    main(sys.argv[1])
