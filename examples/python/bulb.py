#!/usr/bin/python3
"""A program that speaks for a light bulb and brings firmware onto it, over the client's Unix socket: nothing but Python is needed.

usage: bulb.py SOCKET STATE-FILE. The bulb is simulated by the state file: what it runs, and what it would switch to.
"""
import hashlib
import json
import os
import socket
import sys
import time
from base64 import b64decode

PART = 48 * 1024


class Client:
    """One line of JSON for each call, answer and signal."""

    def __init__(self, path):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(path)
        self.lines = connection.makefile("rw", encoding="utf-8")
        self.signals = []
        self.calls = 0

    def call(self, method, **arguments):
        while True:
            answer = self.try_to_call(method, arguments)
            if "error" not in answer:
                return answer["result"]
            if answer["error"]["code"] != "TooManyCalls":
                raise RuntimeError(answer["error"]["message"])
            time.sleep(1)

    def try_to_call(self, method, arguments):
        self.calls += 1
        self.lines.write(json.dumps({"id": self.calls, "method": method, "arguments": arguments}) + "\n")
        self.lines.flush()
        while True:
            message = self.read()
            if message.get("id") == self.calls:
                return message
            self.signals.append(message)

    def read(self):
        line = self.lines.readline()
        if not line:
            sys.exit("the client has gone")
        return json.loads(line)

    def next_signal(self):
        return self.signals.pop(0) if self.signals else self.read()


class Bulb:
    """Survives a power cut at any moment: its state changes as a whole or not at all."""

    def __init__(self, path):
        self.path = path
        if not os.path.exists(path):
            self.save({"running": "1.0", "spare": "", "sha256": ""})

    def state(self):
        with open(self.path, encoding="utf-8") as file:
            return json.load(file)

    def save(self, state):
        with open(self.path + ".new", "w", encoding="utf-8") as file:
            json.dump(state, file)
            file.flush()
            os.fsync(file.fileno())
        os.rename(self.path + ".new", self.path)


def transfer(client, bulb, run, properties):
    """Reads the firmware in parts, as the program may not be allowed to open the file itself."""
    name, size = properties["file.0.name"], properties["file.0.bytes"]
    sha256 = hashlib.sha256()
    offset = 0
    while offset < size:
        content = b64decode(client.call("ReadFirmware", run=run, file=name, offset=offset, bytes=PART)["content"])
        sha256.update(content)
        offset += len(content)
        client.call("UpdateProgress", run=run, percent=int(offset * 100 / size))
    bulb.save({**bulb.state(), "spare": properties["version"], "sha256": sha256.hexdigest()})


def carry_out(client, bulb, run, step, properties):
    """Each step may come again, after it was cut off too. Returns how it ended, why, and what else is to be said."""
    state = bulb.state()
    if step == "describe":
        return "done", "", {"firmware": state["running"]}
    if step == "transfer":
        transfer(client, bulb, run, properties)
    elif step == "verify":
        if (state["spare"], state["sha256"]) != (properties["version"], properties["file.0.sha256"]):
            return "failed", "the image did not arrive whole", {}
    elif step == "activate":
        bulb.save({**state, "running": properties["version"]})
    elif step == "rollback":
        bulb.save({"running": properties["firmwareBefore"], "spare": "", "sha256": ""})
    elif step != "prepare":
        return "refused", f"unknown step {step}", {}
    return "done", "", {}


def main():
    client, bulb = Client(sys.argv[1]), Bulb(sys.argv[2])
    firmware = bulb.state()["running"]
    client.call("RegisterSensor", sensor="bulb-1", properties={"kind": "light-bulb", "model": "Glow A60", "firmware": firmware})
    print("registered", flush=True)
    while True:
        message = client.next_signal()
        if message.get("signal") != "UpdateRequested":
            continue
        asked = message["arguments"]
        result, why, more = carry_out(client, bulb, asked["run"], asked["step"], asked["properties"])
        client.call("UpdateDone", run=asked["run"], result=result, message=why, properties=more)


if __name__ == "__main__":
    main()
