"""archives.py SEED COUNT FOLDER: so many archives `<number>.tar.gz` of a small release among members that a release has no
business with: names, links, kinds and modes by chance. Prints nothing; the same seed makes the same archives.
"""
import io
import os
import random
import sys
import tarfile

seed, count, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
chance = random.Random(seed)

PLACES = ["", "/", "./", "../", "../../../../../../", "/etc/", "lib/", "bin/", "releases/", "lib/../", "lib//", "~/", "inside/"]
NAMES = ["canary", "canary.d/more", "echo", "COOKIE", "COOKIE.new", "a b", "-rf", "--checkpoint-action=exec=sh", "x\nUser=root"]
NAMES += ["$(touch x)", "`id`", "tab\tname", "\x1b]0;x\x07", "\u202egpj", "caf\u00e9", "%n", "n" * 200, "bell\x7f", "*", "link", "link/in"]
TARGETS = ["/etc/canary", "/etc/canary.d", "../../../../../../etc/canary.d", "..", ".", "link", "bin/echo", "/", "lib", "../lib", "a/../.."]
KINDS = [tarfile.REGTYPE] * 6 + [tarfile.SYMTYPE] * 5 + [tarfile.LNKTYPE] * 2 + [tarfile.DIRTYPE] * 2
KINDS += [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.CONTTYPE]
MODES = [0o644, 0o755, 0o4755, 0o2755, 0o6777, 0o1777, 0o7777, 0, 0o200]


def hostile():
    member = tarfile.TarInfo(chance.choice(PLACES) + chance.choice(NAMES))
    member.type, member.mode = chance.choice(KINDS), chance.choice(MODES)
    member.uid = member.gid = chance.choice([0, 1, 65534, 2**20])
    member.devmajor, member.devminor = 1, 3
    data = b""
    if member.issym() or member.islnk():
        member.linkname = chance.choice(TARGETS)
    elif member.isreg():
        data = b"reached\n" * chance.randrange(3)
        member.size = len(data)
    return member, data


def plain(name, data=b"", mode=0o644):
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(data), mode
    return member, data


for number in range(count):
    members = [plain("bin/echo", b"#!/bin/sh\n", 0o755), plain("releases/start_erl.data", b"15 1"), plain("lib/a", b"a")]
    # One archive in eight is what a release looks like: not everything may be refused.
    for _ in range(0 if number % 8 == 0 else chance.randrange(1, 4)):
        members.insert(chance.randrange(len(members) + 1), hostile())
    with tarfile.open(os.path.join(folder, f"{number}.tar.gz"), "w:gz", format=tarfile.PAX_FORMAT) as archive:
        for member, data in members:
            archive.addfile(member, io.BytesIO(data))
