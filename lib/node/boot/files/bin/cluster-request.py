"""cluster-request.py ENVIRONMENT REGION HOST: prints the request for a certificate of this node, as JSON. Standard input is the
public half of its key, in DER. HOST is where STS answers in the region.

What proves which node asks is a question that it signs with the credentials of its instance, and leaves to be sent by whoever
certifies (lambda/cluster-certificate/caller.ts): the answer of AWS names the instance. The question is good for a quarter of an hour,
and for this key alone.
"""
import base64
import datetime
import hashlib
import json
import os
import sys

# Isolated, a program does not look for modules beside itself; and it leaves nothing there, which would be another bundle.
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from signature import credentials, signed

QUESTION = b"Action=GetCallerIdentity&Version=2011-06-15"


def main(environment, region, host):
    key = sys.stdin.buffer.read()
    call = {
        "content-type": "application/x-www-form-urlencoded",
        "host": host,
        "x-beamstalk-environment": environment,
        "x-beamstalk-key": hashlib.sha256(key).hexdigest(),
    }
    headers = signed("sts", region, call, QUESTION, credentials(), datetime.datetime.now(datetime.timezone.utc))
    print(
        json.dumps(
            {
                "publicKey": base64.b64encode(key).decode(),
                "authorization": headers["authorization"],
                "date": headers["x-amz-date"],
                "token": headers.get("x-amz-security-token", ""),
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
