"""settle-tree.py FOLDER: refuses a tree that holds more than plain files, folders and links within it, and gives every file
and folder a mode of ours. The tree lies where nobody else may write, so that nothing changes between look and deed.
"""
import os
import stat
import sys

# Longer than any tool of releases makes them, and within what every program that reads them takes.
LONGEST_PATH = 1024

root = os.path.realpath(os.fsencode(sys.argv[1]))


def refuse(path, reason):
    sys.exit(f"{ascii(os.fsdecode(os.path.relpath(path, root)))} {reason}")


def settle(path):
    name, found = os.path.basename(path), os.lstat(path)
    if any(byte < 0x20 or byte == 0x7F for byte in name):
        refuse(path, "has a control character in its name")
    if len(path) - len(root) > LONGEST_PATH:
        refuse(path, "has too long a path")
    try:
        name.decode()
    except UnicodeDecodeError:
        refuse(path, "has a name that is not UTF-8")
    if stat.S_ISLNK(found.st_mode):
        to = os.readlink(path)
        within = os.path.realpath(path)
        if os.path.isabs(to) or not (within == root or within.startswith(root + b"/")):
            refuse(path, "is a link out of the release")
    elif stat.S_ISDIR(found.st_mode):
        os.chmod(path, 0o755)
    elif not stat.S_ISREG(found.st_mode):
        refuse(path, "is no file, folder or link")
    elif found.st_nlink > 1:
        # Its other name may be outside. `tar --hard-dereference` packs such files apart.
        refuse(path, "is a hard link")
    else:
        os.chmod(path, 0o755 if found.st_mode & 0o111 else 0o644)


def cannot(error):
    sys.exit(f"the tree cannot be read: {error.strerror}")


try:
    settle(root)
    for folder, folders, files in os.walk(root, onerror=cannot):
        for name in folders + files:
            settle(os.path.join(folder, name))
except OSError as error:
    cannot(error)
