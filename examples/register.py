"""A replicated key-value store in Python: a whole server of splitbrain's node protocol (docs/node-protocol.md).

Put `run "python3 examples/register.py"` before `joinServer 0`. Every server takes writes, stamps them with its Lamport
clock, and sends each once to the other servers; of two writes of a key the one with the greater stamp wins everywhere.
It reads no clock, starts no thread and draws nothing: what it puts out is a function of the lines that it gets.
"""

import hashlib
import json
import sys

KEY_DOES_NOT_EXIST, NOT_SUPPORTED, DEPENDENCIES_NOT_SATISFIED = 20, 10, 1001
ENTRIES_IN_A_PIECE = 1000  # of an answer to `inspect`


def order_of(stamp):
    """Stamps are ordered by clock, then by the server's number, then by its incarnation."""
    return (stamp["clock"], int(stamp["server"][1:]), stamp["incarnation"])


def digest_of(entry):
    text = json.dumps([entry["key"], entry["value"], order_of(entry["stamp"])])
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "big")


class Server:
    def __init__(self, init):
        self.name, self.incarnation = init["node_id"], init["incarnation"]
        self.members = init["node_ids"]
        self.clock = 0
        self.entries = {}  # key -> the write that won
        self.digest = 0  # of all entries, in whatever order they came: their digests, combined by exclusive or
        self.answered = {}  # client -> (session, msg_id) and stamp of its last write here
        self.place = None  # the last order to stabilize
        self.awaited = set()  # the children that have not reported yet
        self.lines = []  # what this step puts out
        self.changes = []  # what this step changed in the store

    # ---- what arrives -------------------------------------------------------------------------------------------

    def take(self, source, body):
        """One event. `source` is who says it: a client, a server, the master or the clock."""
        kind = body["type"]
        if source == "master" and kind == "members":
            self.members = body["servers"]
        elif source == "master" and kind == "stabilize":
            self.place, self.awaited = body, set(body["children"])
            self.report_if_complete()
        elif source.startswith("c"):
            self.serve(source, body)
        elif kind == "replicate":
            self.merge(body["entry"])
        elif kind in ("gather", "spread"):
            self.take_store(source, body)
        else:
            sys.exit(f"a message of the type {kind} from {source} means nothing to this server")

    def serve(self, client, request):
        """A client's request: lin-kv."""
        if request["type"] == "read":
            self.read(client, request)
        elif request["type"] == "write":
            self.write(client, request)
        else:
            self.refuse(client, request, NOT_SUPPORTED, "this server knows read and write")

    def read(self, client, request):
        entry, after = self.entries.get(request["key"]), request.get("after")
        if after and (entry is None or order_of(entry["stamp"]) < order_of(after)):
            # Before ERR_KEY: a server that lacks what the session depends on cannot say that there is no value.
            self.refuse(client, request, DEPENDENCIES_NOT_SATISFIED, "not seen here yet")
        elif entry is None:
            self.refuse(client, request, KEY_DOES_NOT_EXIST, "the key has no value")
        else:
            self.reply(client, request, {"type": "read_ok", "value": entry["value"], "stamp": entry["stamp"]})

    def write(self, client, request):
        number = (request["session"], request["msg_id"])
        last, stamp = self.answered.get(client, ((0, 0), None))
        if number < last:
            return  # it comes late, and the session has gone on
        if number > last:
            self.clock = max(self.clock, request["clock"]) + 1
            stamp = {"clock": self.clock, "server": self.name, "incarnation": self.incarnation}
            entry = {"key": request["key"], "value": request["value"], "stamp": stamp}
            self.answered[client] = (number, stamp)
            self.merge(entry)
            for member in self.members:
                if member != self.name:
                    self.send(member, {"type": "replicate", "entry": entry})
        # A retry is answered again, and not taken again.
        self.reply(client, request, {"type": "write_ok", "stamp": stamp})

    def merge(self, entry):
        """Keeps a write if it wins."""
        self.clock = max(self.clock, entry["stamp"]["clock"])
        present = self.entries.get(entry["key"])
        if present and order_of(present["stamp"]) >= order_of(entry["stamp"]):
            return
        self.digest ^= digest_of(entry) ^ (digest_of(present) if present else 0)
        self.entries[entry["key"]] = entry
        self.changes.append([entry["key"], entry["value"]])

    # ---- stabilize: stores are merged on the way up the master's tree, the result on the way down ----------------

    def take_store(self, source, body):
        for entry in body["entries"]:
            self.merge(entry)  # merging is always right, whichever round it is
        if self.place is None or body["round"] != self.place["round"]:
            return
        if body["type"] == "gather" and source in self.awaited:
            self.awaited.remove(source)
            self.report_if_complete()
        elif body["type"] == "spread":
            self.send_store("spread", self.place["children"])

    def report_if_complete(self):
        if not self.awaited and self.place["parent"] is not None:
            self.send_store("gather", [self.place["parent"]])
        elif not self.awaited:
            self.send_store("spread", self.place["children"])

    def send_store(self, kind, recipients):
        for recipient in recipients:
            entries = list(self.entries.values())
            self.send(recipient, {"type": kind, "round": self.place["round"], "entries": entries})

    # ---- what it puts out ---------------------------------------------------------------------------------------

    def send(self, dest, body):
        self.lines.append(json.dumps({"src": self.name, "dest": dest, "body": body}))

    def reply(self, dest, request, body):
        self.send(dest, {**body, "in_reply_to": request["msg_id"]})

    def refuse(self, dest, request, code, text):
        self.reply(dest, request, {"type": "error", "code": code, "text": text})

    def done(self, step):
        """The end of a step, with what it changed: by `digest` the master knows when servers hold the same."""
        state = {"digest": f"{self.digest:032x}", "store": self.changes}
        self.send("clock", {"type": "done", "step": step, "state": state})
        self.changes = []

    def inspect(self, question):
        """No event: it is answered with one line, and nothing changes."""
        if question["part"] != "store":
            return self.refuse("master", question, NOT_SUPPORTED, "this server has a store only")
        entries = list(self.entries.values())[question["skip"]:]
        piece = [[entry["key"], entry["value"]] for entry in entries[:ENTRIES_IN_A_PIECE]]
        self.reply("master", question, {"type": "inspect_ok", "store": piece, "more": len(piece) < len(entries)})

    def flush(self):
        """One write for all lines of a step."""
        sys.stdout.write("".join(line + "\n" for line in self.lines))
        sys.stdout.flush()
        self.lines = []


def main():
    server = None
    for line in sys.stdin:  # until the master closes it: then the run is over
        message = json.loads(line)
        body = message["body"]
        if body["type"] == "init":
            server = Server(body)
            server.reply(message["src"], body, {"type": "init_ok", "lockstep": 1})
        elif body["type"] == "inspect":
            server.inspect(body)
        else:
            server.take(message["src"], body)
        if "step" in message:
            server.done(message["step"])
        server.flush()


main()
