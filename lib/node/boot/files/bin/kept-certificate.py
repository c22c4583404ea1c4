"""kept-certificate.py pack|unpack STORE DOMAIN WEBROOT: what a box keeps of certbot's folder STORE, a tar.gz on standard
output or input: the account and the newest certificate of DOMAIN with its key.

The box that packed it may have been somebody else's, and certbot runs what its folder says: hooks, by name or by
configuration. So only files of a list come out, each looked at, and certbot's configuration of the certificate is written
here. Anything else in the archive is passed over; an archive without all of the list is refused.
"""
import gzip
import io
import json
import os
import re
import ssl
import subprocess
import sys
import tarfile
import tempfile

AUTHORITY = "acme-v02.api.letsencrypt.org/directory"
ACCOUNT_FILES = ("meta.json", "private_key.json", "regr.json")
PEM_FILES = ("cert", "chain", "fullchain", "privkey")
# Far above what certificates take (assumed: 10 KiB), far below what would fill a disk or the memory.
# Certificates of Let's Encrypt are valid for 90 days at most: https://letsencrypt.org/docs/faq/ (2026-11-29)
LONGEST_TERM_DAYS = 100
LONGEST_FILE = 64 * 1024
LONGEST_ARCHIVE = 16 * 1024 * 1024
BLOCK = rb"-----BEGIN (%s)-----\n[A-Za-z0-9+/=\n]+-----END \1-----\n"
PEM = {
    "cert": re.compile(BLOCK % b"CERTIFICATE"),
    "chain": re.compile(rb"(?:-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----\n\n?){1,8}"),
    "fullchain": re.compile(rb"(?:-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----\n\n?){1,9}"),
    "privkey": re.compile(BLOCK % b"(?:EC |RSA )?PRIVATE KEY"),
}

action, store, domain, webroot = sys.argv[1:]
ACCOUNT = re.compile(rf"accounts/{re.escape(AUTHORITY)}/([0-9a-f]{{32}})/({'|'.join(ACCOUNT_FILES)})")
CERTIFICATE = re.compile(rf"archive/{re.escape(domain)}/({'|'.join(PEM_FILES)})([1-9][0-9]{{0,5}})\.pem")


class Bounded(io.RawIOBase):
    """Reads at most so many bytes; what is packed small may be large."""

    def __init__(self, file):
        self.file, self.left = file, LONGEST_ARCHIVE

    def readable(self):
        return True

    def readinto(self, buffer):
        data = self.file.read(len(buffer))
        self.left -= len(data)
        if self.left < 0:
            sys.exit("the archive is too large")
        buffer[: len(data)] = data
        return len(data)


def chosen(files):
    """Of files by name: (id of the account, its files), (number of the certificate, its files). Newest, and whole."""
    accounts, certificates = {}, {}
    for name, data in files.items():
        if account := ACCOUNT.fullmatch(name):
            accounts.setdefault(account[1], {})[account[2]] = data
        elif certificate := CERTIFICATE.fullmatch(name):
            certificates.setdefault(int(certificate[2]), {})[certificate[1]] = data
    accounts = {key: value for key, value in accounts.items() if len(value) == len(ACCOUNT_FILES)}
    certificates = {key: value for key, value in certificates.items() if len(value) == len(PEM_FILES)}
    if not accounts or not certificates:
        sys.exit(f"there is no account, or no certificate of {domain}")
    return min(accounts.items()), max(certificates.items())


def archived():
    files = {}
    try:
        stream = io.BufferedReader(Bounded(gzip.GzipFile(fileobj=sys.stdin.buffer)))
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in archive:
                name = member.name.removeprefix("./")
                wanted = ACCOUNT.fullmatch(name) or CERTIFICATE.fullmatch(name)
                if wanted and member.isreg() and 0 < member.size <= LONGEST_FILE:
                    files[name] = archive.extractfile(member).read()
    except (tarfile.TarError, OSError, EOFError, ValueError) as error:
        sys.exit(f"the archive cannot be read: {type(error).__name__}")
    return files


def stored():
    files = {}
    for folder, _, names in os.walk(store):
        for name in (os.path.relpath(os.path.join(folder, name), store) for name in names):
            if ACCOUNT.fullmatch(name) or CERTIFICATE.fullmatch(name):
                with open(os.path.join(store, name), "rb") as file:
                    files[name] = file.read()
    return files


def openssl(*arguments, given):
    done = subprocess.run(["openssl", *arguments], input=given, capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else None


def look_at(account, certificate):
    for name, data in account.items():
        try:
            content = json.loads(data)
        except ValueError:
            content = None
        if not isinstance(content, dict):
            sys.exit(f"{name} of the account is no JSON object")
        if name == "regr.json" and not str(content.get("uri")).startswith("https://acme-v02.api.letsencrypt.org/"):
            sys.exit("the account is of another authority")
    for name, data in certificate.items():
        if PEM[name].fullmatch(data) is None:
            sys.exit(f"{name}.pem is not what its name says")
    if not certificate["fullchain"].startswith(certificate["cert"]):
        sys.exit("fullchain.pem begins with another certificate")
    key = openssl("pkey", "-pubout", given=certificate["privkey"])
    if key is None or key != openssl("x509", "-noout", "-pubkey", given=certificate["cert"]):
        sys.exit("key and certificate do not belong together")
    names = openssl("x509", "-noout", "-checkhost", domain, given=certificate["cert"])
    if names is None or b"does match" not in names:
        sys.exit(f"the certificate is not of {domain}")
    # nginx would serve what anybody signed, and nobody would renew what is valid for a century.
    if not leads_to_a_trusted_authority(certificate):
        sys.exit("the certificate leads to no authority that this system trusts")
    if term_days(certificate["cert"]) > LONGEST_TERM_DAYS:
        sys.exit(f"the certificate is valid for more than {LONGEST_TERM_DAYS} days")


def leads_to_a_trusted_authority(certificate):
    with tempfile.NamedTemporaryFile() as chain:
        chain.write(certificate["chain"])
        chain.flush()
        verified = openssl("verify", "-purpose", "sslserver", "-untrusted", chain.name, given=certificate["cert"])
    return verified is not None


def term_days(certificate):
    said = openssl("x509", "-noout", "-startdate", "-enddate", given=certificate).decode()
    begins, ends = (ssl.cert_time_to_seconds(line.partition("=")[2]) for line in said.splitlines())
    return (ends - begins) / (24 * 3600)


def write(name, data):
    path = os.path.join(store, name)
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    new = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(new, "wb") as file:
        file.write(data)


def pack():
    (account, account_files), (number, certificate) = chosen(stored())
    with tarfile.open(fileobj=sys.stdout.buffer, mode="w|gz") as archive:
        for name, data in {
            **{f"accounts/{AUTHORITY}/{account}/{name}": data for name, data in account_files.items()},
            **{f"archive/{domain}/{name}{number}.pem": data for name, data in certificate.items()},
        }.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), 0o600
            archive.addfile(member, io.BytesIO(data))


def unpack():
    (account, account_files), (number, certificate) = chosen(archived())
    look_at(account_files, certificate)
    live = os.path.join(store, "live", domain)
    for name, data in account_files.items():
        write(f"accounts/{AUTHORITY}/{account}/{name}", data)
    for name, data in certificate.items():
        write(f"archive/{domain}/{name}{number}.pem", data)
    configuration = [f"archive_dir = {store}/archive/{domain}"]
    configuration += [f"{name} = {live}/{name}.pem" for name in PEM_FILES]
    configuration += ["[renewalparams]", f"account = {account}", "authenticator = webroot"]
    configuration += [f"server = https://{AUTHORITY}", f"webroot_path = {webroot},"]
    configuration += ["[[webroot_map]]", f"{domain} = {webroot}", ""]
    write(f"renewal/{domain}.conf", "\n".join(configuration).encode())
    # Last: a certificate that is live is whole.
    os.makedirs(live, mode=0o700)
    for name in PEM_FILES:
        os.symlink(f"../../archive/{domain}/{name}{number}.pem", os.path.join(live, f"{name}.pem"))


{"pack": pack, "unpack": unpack}[action]()
