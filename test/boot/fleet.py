"""Instances of the gate's environment, as Auto Scaling and Systems Manager see them: lines of the file `fleet`, which the gate's
shell writes: id, role, lifecycle state, address, and number of the machine's first process.
"""
import subprocess
import threading
import uuid
from typing import NamedTuple


class Node(NamedTuple):
    id: str
    role: str
    lifecycle: str
    address: str
    pid: str


class Refused(Exception):
    """An answer with an error code of AWS."""


class Fleet:
    def __init__(self, state):
        self.file = f"{state}/fleet"

    def nodes(self):
        try:
            with open(self.file) as file:
                return [Node(*line.split()) for line in file]
        except FileNotFoundError:
            return []

    def node(self, id):
        return next((node for node in self.nodes() if node.id == id), None)


class RunCommand:
    """Runs scripts on nodes, as root, where their agent would. What a node has from its instance profile comes from the file
    `surroundings`: variables, each ended by a zero.

    Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/ (SendCommand, GetCommandInvocation,
    DescribeInstanceInformation; 2026-11-29)
    """

    OPERATIONS = ("SendCommand", "GetCommandInvocation", "DescribeInstanceInformation")

    def __init__(self, state, fleet):
        self.state, self.fleet, self.commands = state, fleet, {}

    def DescribeInstanceInformation(self, _):
        return {"InstanceInformationList": [{"InstanceId": node.id, "PingStatus": "Online"} for node in self.fleet.nodes()]}

    def SendCommand(self, body):
        (id,) = body["InstanceIds"]
        node = self.fleet.node(id)
        if node is None:
            raise Refused("InvalidInstanceId")
        if body["DocumentName"] != "AWS-RunShellScript":
            raise Refused("InvalidDocument")
        command = {"CommandId": str(uuid.uuid4()), "InstanceId": id, "Status": "InProgress", "StatusDetails": "InProgress", "ResponseCode": -1}
        self.commands[command["CommandId"]] = (command, [])
        script = "\n".join(body["Parameters"]["commands"])
        threading.Thread(target=self.run, args=(node, script, command), daemon=True).start()
        return {"Command": {"CommandId": command["CommandId"], "Status": "Pending"}}

    def run(self, node, script, command):
        with open(f"{self.state}/surroundings") as file:
            variables = file.read().rstrip("\0").split("\0")
        within = ["nsenter", "-t", node.pid, "-m", "-p", "-n", "-r", "-w", "env", "-i", *variables]
        ended = subprocess.run([*within, "/bin/sh", "-c", script], stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
        if self.fleet.node(node.id) is None or ended.returncode < 0:
            # The agent has died with its instance, and nobody tells the end.
            return
        status = "Success" if ended.returncode == 0 else "Failed"
        output = {"StandardOutputContent": ended.stdout[:24000], "StandardErrorContent": ended.stderr[:8000]}
        command.update(Status=status, StatusDetails=status, ResponseCode=ended.returncode, **output)

    def GetCommandInvocation(self, body):
        command, looks = self.commands.get(body["CommandId"], (None, []))
        # News of a command spreads in a moment.
        if not looks:
            looks.append(1)
            raise Refused("InvocationDoesNotExist")
        return command


def groups(nodes, call):
    """Auto Scaling groups with a tag among those that a call of DescribeAutoScalingGroups asks for."""
    asked = {value for key, value in call.items() if key.startswith("Filters.member.1.Values.member.")}
    members = ""
    for role in sorted({node.role for node in nodes}):
        if f"gate-{role}" not in asked:
            continue
        instances = "".join(
            f"<member><InstanceId>{node.id}</InstanceId><LifecycleState>{node.lifecycle}</LifecycleState><HealthStatus>Healthy</HealthStatus></member>"
            for node in nodes
            if node.role == role
        )
        tag = f"<member><Key>beamstalk:fleet</Key><Value>gate-{role}</Value></member>"
        members += f"<member><AutoScalingGroupName>gate-{role}</AutoScalingGroupName><Tags>{tag}</Tags><Instances>{instances}</Instances></member>"
    return f"<AutoScalingGroups>{members}</AutoScalingGroups>"
