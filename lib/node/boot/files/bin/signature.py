"""signature.py: how a node signs what it asks of AWS, in programs that cannot wait for a start of AWS's command line, or that have
others send what they sign.
"""
import datetime
import hashlib
import hmac
import json
import os
import urllib.request

TIMEOUT = 5


def credentials():
    """Those of the environment, or of the role of the instance: key, secret, token and the second in which they end."""
    if "AWS_ACCESS_KEY_ID" in os.environ:
        return os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"], os.environ.get("AWS_SESSION_TOKEN"), float("inf")
    service = os.environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://169.254.169.254").rstrip("/")

    def ask(path, method="GET", **headers):
        request = urllib.request.Request(f"{service}/latest/{path}", method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            return answer.read().decode()

    token = {"X-aws-ec2-metadata-token": ask("api/token", "PUT", **{"X-aws-ec2-metadata-token-ttl-seconds": "300"})}
    folder = "meta-data/iam/security-credentials/"
    given = json.loads(ask(folder + ask(folder, **token).split("\n")[0], **token))
    ends = datetime.datetime.strptime(given["Expiration"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)
    return given["AccessKeyId"], given["SecretAccessKey"], given["Token"], ends.timestamp()


def signed(service, region, call, body, identity, now):
    """Headers of a POST of the body to `/` of a service: those of the call, which name the host, and those that sign it.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html (2026-11-30)"""
    key, secret, token, _ = identity
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    digest = hashlib.sha256(body).hexdigest()
    headers = {
        **call,
        "x-amz-content-sha256": digest,
        "x-amz-date": stamp,
        **({"x-amz-security-token": token} if token else {}),
    }
    names = ";".join(sorted(headers))
    lines = [f"{name}:{headers[name]}" for name in sorted(headers)]
    request = "\n".join(["POST", "/", "", *lines, "", names, digest])
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(request.encode()).hexdigest()])
    derived = f"AWS4{secret}".encode()
    for word in (*scope.split("/"), text):
        derived = hmac.new(derived, word.encode(), hashlib.sha256).digest()
    authorization = f"AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders={names}, Signature={derived.hex()}"
    return {**headers, "authorization": authorization}
