"""What everybody has to do: the rows of the table, each as options of kyo-load."""

# Notes are as long as a frame of this many bytes needs: kyo's, with 100 bytes of notes, has about as many.
FRAME = 450
AROUND_NOTES = {"kyo": 350, "relay": 59, "nchan": 59, "socketio": 70, "nats": 90, "centrifugo": 118, "pusher": 125}


class Work:
    """A row for each peer: the people, the rates, and who can do it at all."""

    def __init__(self, name, title, options, durable=False, lists="deliveries"):
        self.name, self.title, self.options = name, title, options
        # Durable work is for those that keep what they acknowledge.
        self.durable, self.lists = durable, lists

    def is_for(self, peer):
        return peer.keeps or not self.durable

    def command(self, system, seconds):
        options = {"seconds": seconds, "moves": 0, "payload": FRAME - AROUND_NOTES[system], **self.options}
        return [word for name, value in options.items() for word in (f"--{name}", str(value))]


WORK = [
    Work("fanout", "one room of 1,000, 40 operations a second",
         {"rooms": 1, "editors": 1, "watchers": 999, "edits": 40, "courses": 1}),
    Work("rooms", "100 rooms of 20, 1,000 operations a second",
         {"rooms": 100, "editors": 1, "watchers": 19, "edits": 1000, "courses": 1}),
    Work("cursors", "50 people in a room, 30 pointer positions a second each",
         {"rooms": 1, "editors": 50, "watchers": 0, "edits": 0, "cursors": 1500, "courses": 1}),
    Work("durable", "32 rooms of 2, 1,000 operations a second, each committed",
         {"rooms": 32, "editors": 1, "watchers": 1, "edits": 1000, "courses": 16, "moves": 100}, durable=True, lists="acks"),
    Work("idle", "5,000 connections in 250 rooms of 20, nothing to do",
         {"rooms": 250, "editors": 0, "watchers": 20, "edits": 0, "courses": 1, "warm-up": 0}, lists="connections"),
]
