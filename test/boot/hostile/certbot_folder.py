"""certbot_folder.py FOLDER DOMAIN DAYS SERVER [SIGNER]: what certbot keeps of one account and one certificate that is valid
for so many days. SERVER names the authority as certbot's folders do, `<host>/directory`; SIGNER.crt and SIGNER.key are those
of who signs, by default the one whom the machines of the gate trust, and with `-` it is signed by itself.
"""
import os
import subprocess
import sys

import josepy
from acme import messages
from certbot._internal.account import Account
from cryptography.hazmat.primitives.asymmetric import rsa

folder, domain, days, server = sys.argv[1:5]
signer = sys.argv[5] if len(sys.argv) > 5 else "/root/signer"


def write(name, text):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)
    return path


key = josepy.JWKRSA(key=rsa.generate_private_key(public_exponent=65537, key_size=2048))
uri = f"https://{server.removesuffix('/directory')}/acme/acct/1"
registration = messages.RegistrationResource(body=messages.Registration(), uri=uri)
account = f"accounts/{server}/{Account(registration, key).id}"
write(f"{account}/private_key.json", key.json_dumps())
write(f"{account}/regr.json", registration.json_dumps())
write(f"{account}/meta.json", '{"creation_dt": "2026-01-01T00:00:00Z", "creation_host": "gate", "register_to_eff": null}')

archive = f"archive/{domain}"
privkey = write(f"{archive}/privkey1.pem", "")
cert = os.path.join(folder, archive, "cert1.pem")
signed = [] if signer == "-" else ["-CA", f"{signer}.crt", "-CAkey", f"{signer}.key"]
subprocess.run(
    ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", days]
    + ["-subj", f"/CN={domain}", "-addext", f"subjectAltName=DNS:{domain}", *signed]
    + ["-addext", "basicConstraints=critical,CA:FALSE", "-addext", "extendedKeyUsage=serverAuth", "-keyout", privkey, "-out", cert],
    check=True,
    capture_output=True,
)
with open(cert) as file:
    pem = file.read()
with open(cert if signer == "-" else f"{signer}.crt") as file:
    chain = file.read()
write(f"{archive}/chain1.pem", chain)
write(f"{archive}/fullchain1.pem", pem + chain)
os.makedirs(f"{folder}/live/{domain}", exist_ok=True)
for name in ("cert", "chain", "fullchain", "privkey"):
    os.symlink(f"../../{archive}/{name}1.pem", f"{folder}/live/{domain}/{name}.pem")
