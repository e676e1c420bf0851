"""A replicated key-value store in Python: a whole server of splitbrain's node protocol (docs/node-protocol.md).

Put `run "python3 examples/register.py"` before `joinServer 0`. Every server takes writes, stamps them with its Lamport
clock, and sends each once to the other servers; of two writes of a key the one with the greater stamp wins everywhere.
A write is in the server's log, on its disk, before it is answered; a server that is started again has it from there.
It reads no clock, starts no thread and draws nothing: what it puts out is a function of its log and of the lines that
it gets.
"""

import hashlib
import itertools
import json
import os
import sys
import zlib

KEY_DOES_NOT_EXIST, NOT_SUPPORTED, DEPENDENCIES_NOT_SATISFIED = 20, 10, 1001
ENTRIES_IN_A_PIECE = 1000  # of an answer to `inspect`


def order_of(stamp):
    """Stamps are ordered by clock, then by the server's number, then by its incarnation."""
    return (stamp["clock"], int(stamp["server"][1:]), stamp["incarnation"])


def place_of(key):
    """Where a key stands in a store: a key that is a literal comes as an object, which is no key of a dict."""
    return json.dumps(key)


def digest_of(entry):
    text = json.dumps([entry["key"], entry["value"], order_of(entry["stamp"])])
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "big")


class Log:
    """The file `log` in a server's folder. Each line is a record, as JSON, with its checksum before it."""

    def __init__(self, folder):
        self.file = open(os.path.join(folder, "log"), "a+b")  # made if it is not there
        self.file.seek(0)
        lines = self.file.readlines()
        found = [self.decode(line) for line in lines]
        self.records = list(itertools.takewhile(lambda record: record is not None, found))
        good = len(self.records)
        if any(record is not None for record in found[good:]):
            sys.exit(f"log: line {good + 1} is corrupt, and a later one is good: no loss of power leaves that")
        self.length = sum(len(line) for line in lines[:good])
        self.is_torn = good < len(lines)  # the power failed while the end was being written: it was never synced
        if self.is_torn:
            self.file.truncate(self.length)

    def append(self, record):
        line = self.encode(json.dumps(record).encode())
        self.file.write(line)
        self.file.flush()  # and no fsync: in virtual time the power fails when the master says so, who cuts the file
        self.length += len(line)

    @staticmethod
    def encode(text):
        return b"%08x %s\n" % (zlib.crc32(text), text)

    @staticmethod
    def decode(line):
        """The record of a line, or None if the line is not as it was written."""
        text = line[9:-1]
        return json.loads(text) if line == Log.encode(text) else None


class Server:
    def __init__(self, init):
        self.name, self.incarnation = init["node_id"], init["incarnation"]
        self.members = init["node_ids"]
        self.clock = 0
        self.entries = {}  # place of a key -> the write that won
        self.digest = 0  # of all entries, in whatever order they came: their digests, combined by exclusive or
        self.answered = {}  # client -> [session, msg_id] and stamp of its last write here
        self.place = None  # the last order to stabilize
        self.awaited = set()  # the children that have not reported yet
        self.lines = []  # what this step puts out
        self.changes = []  # what this step changed in the store
        self.log = Log(os.environ["SPLITBRAIN_DATA"])
        self.is_disk_full = init.get("disk") == "full"

    def start(self, init):
        """The first step of a life: what earlier ones have kept is there again."""
        self.reply("master", init, {"type": "init_ok", "lockstep": 1})
        if self.log.is_torn:
            self.send("disk", {"type": "truncate", "file": "log", "length": self.log.length})
        for entries in self.log.records:
            for entry in entries:
                self.apply(entry)
        self.changes = []  # the digest says it all, and it is short
        self.keep([])  # a disk that is full is found now, and not by the first client
        self.sync()

    # ---- what arrives -------------------------------------------------------------------------------------------

    def take(self, source, body):
        """One event. `source` is who says it: a client, a server, the master or the clock."""
        kind = body["type"]
        if source == "master" and kind == "members":
            self.members = body["servers"]
        elif source == "master" and kind == "stabilize":
            self.place, self.awaited = body, set(body["children"])
            self.report_if_complete()
        elif source == "disk":
            self.is_disk_full = kind == "full"
        elif source.startswith("c"):
            self.serve(source, body)
        elif kind == "replicate":
            self.merge([body["entry"]])
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
        entry, after = self.entries.get(place_of(request["key"])), request.get("after")
        if after and (entry is None or order_of(entry["stamp"]) < order_of(after)):
            # Before ERR_KEY: a server that lacks what the session depends on cannot say that there is no value.
            self.refuse(client, request, DEPENDENCIES_NOT_SATISFIED, "not seen here yet")
        elif entry is None:
            self.refuse(client, request, KEY_DOES_NOT_EXIST, "the key has no value")
        else:
            self.reply(client, request, {"type": "read_ok", "value": entry["value"], "stamp": entry["stamp"]})

    def write(self, client, request):
        number = [request["session"], request["msg_id"]]
        last, stamp = self.answered.get(client, ([0, 0], None))
        if number < last:
            return  # it comes late, and the session has gone on
        if number > last:
            self.clock = max(self.clock, request["clock"]) + 1
            stamp = {"clock": self.clock, "server": self.name, "incarnation": self.incarnation}
            entry = {"key": request["key"], "value": request["value"], "stamp": stamp, "request": [client, number]}
            self.apply(entry)
            self.keep([entry])
            for member in self.members:
                if member != self.name:
                    # Early: that others hold the write is right even if this server then forgets it.
                    self.send(member, {"type": "replicate", "entry": entry}, early=True)
            self.sync()  # before the answer, which promises that the write is not forgotten
        # A retry is answered again, and not taken again.
        self.reply(client, request, {"type": "write_ok", "stamp": stamp})

    def apply(self, entry):
        """Takes a write into the store if it wins. Has it won?"""
        stamp, (client, number) = entry["stamp"], entry["request"]
        self.clock = max(self.clock, stamp["clock"])
        if stamp["server"] == self.name and number > self.answered.get(client, ([0, 0], None))[0]:
            self.answered[client] = (number, stamp)
        present = self.entries.get(place_of(entry["key"]))
        if present and order_of(present["stamp"]) >= order_of(stamp):
            return False
        self.digest ^= digest_of(entry) ^ (digest_of(present) if present else 0)
        self.entries[place_of(entry["key"])] = entry
        self.changes.append([entry["key"], entry["value"]])
        return True

    def merge(self, entries):
        """Takes writes that another server has sent, and keeps those that win."""
        winners = [entry for entry in entries if self.apply(entry)]
        if winners:
            self.keep(winners)
            self.sync()

    # ---- the disk: the server writes its log itself, and says so ------------------------------------------------

    def keep(self, entries):
        """A record is what one step keeps: all of it is there after a crash, or nothing."""
        if self.is_disk_full:
            sys.exit("log: could not append to it: no space left on the disk")
        self.log.append(entries)
        self.send("disk", {"type": "append", "file": "log", "length": self.log.length})

    def sync(self):
        self.send("disk", {"type": "sync", "file": "log"})

    # ---- stabilize: stores are merged on the way up the master's tree, the result on the way down ----------------

    def take_store(self, source, body):
        self.merge(body["entries"])  # merging is always right, whichever round it is
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

    def send(self, dest, body, **envelope):
        self.lines.append(json.dumps({"src": self.name, "dest": dest, **envelope, "body": body}))

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
            server.start(body)
        elif body["type"] == "inspect":
            server.inspect(body)
        else:
            server.take(message["src"], body)
        if "step" in message:
            server.done(message["step"])
        server.flush()


main()
