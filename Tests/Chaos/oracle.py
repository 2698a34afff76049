"""The load of `scripts/chaos`, and the judge of what comes of it: dictionaries, a producer, and a read_committed reader.

People are numbered. Each opens a journey; half of them buy. Some things come twice, some cannot be read, and some come
in the wrong order. What the judge relies on:
- A reminder says when its tick was (`emittedAt`). The end offsets of that tick were asked for one lateness later, so all
  that had been acknowledged by then had been read: a purchase among it makes the reminder false.
- The reminders of a partition come in the order of their due times. So somebody whose opening had been acknowledged
  before a tick, and who was due before a reminder of that tick, has been reminded already, or is lost; unless a purchase
  was on its way. Nobody's fate waits for the end of the run, and what is settled is forgotten but for one byte.
"""

import calendar
import collections
import json
import os
import random
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Support"))
import witness  # noqa: E402 (it lies in the folder beside this one)

from confluent_kafka import Consumer, Producer, TopicPartition  # noqa: E402

# So many examples of each kind of violation are kept in words.
EXAMPLES = 20
PATIENCE_SECONDS = 60
CLIENT = {"bootstrap.servers": witness.BROKER, "reconnect.backoff.ms": 50, "reconnect.backoff.max.ms": 500}


def now():
    return int(time.time() * 1000)


def milliseconds(text):
    """Of a time such as 2026-07-01T19:00:00.400Z."""
    moment, _, fraction = text.rstrip("Z").partition(".")
    return calendar.timegm(time.strptime(moment, "%Y-%m-%dT%H:%M:%S")) * 1000 + int((fraction + "000")[:3])


class Person:
    __slots__ = ("number", "opened", "acknowledged", "buying", "bought")

    def __init__(self, number, opened):
        self.number, self.opened = number, opened
        self.acknowledged = self.buying = self.bought = None


class Oracle:
    def __init__(self, request):
        self.topics = request["events"], request["reminders"], request["deadLetters"]
        self.rate, self.wait, self.lateness = request["rate"], request["wait"], request["lateness"]
        self.lock = threading.Lock()
        self.draw = random.Random(request["seed"])
        self.people = {}
        self.sent = bytearray(1)
        partitions = range(request["partitions"])
        # Those who may still be reminded, in the order of their events in the partition.
        self.waiting = {p: collections.deque() for p in partitions}
        self.clocks = {p: 0 for p in partitions}
        self.seen = {p: time.time() for p in partitions}
        self.gap = 0.0
        self.settled = collections.deque()
        # Those that cannot be read: acknowledged and not yet in the dead-letter topic, and all that have been there.
        self.bad, self.letters = {}, bytearray(1)
        self.counts = collections.Counter()
        self.violations = {"lost": 0, "duplicate": 0, "false": 0, "missed": 0}
        self.examples, self.failures = [], []
        self.ends = {}
        self.stopping = threading.Event()
        self.producer = Producer(CLIENT | {
            "acks": "all", "enable.idempotence": True, "partitioner": "murmur2_random", "linger.ms": 2,
            # With more of them librdkafka 2.0.2 may give up for good ("rewound sequence number") when a broker comes back
            # that does not lead its partitions yet.
            "max.in.flight.requests.per.connection": 1})
        # Asks for the ends of partitions, and reads nothing.
        self.asker = Consumer(CLIENT | {"group.id": "oracle", "isolation.level": "read_uncommitted"})
        self.threads = [threading.Thread(target=self.guarded, args=[body], daemon=True)
                        for body in (self.publish_all, self.read_all)]

    def guarded(self, body):
        try:
            body()
        except Exception as error:  # Without it the run would judge nothing from here on.
            self.failures.append(f"{body.__name__}: {type(error).__name__}: {error}")

    def violate(self, kind, words):
        self.violations[kind] += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(f"{kind}: {words}")

    # The load.

    def publish_all(self):
        purchases = []
        start, count = time.time(), 0
        while not self.stopping.is_set():
            moment = now()
            count += 1
            self.open(moment, purchases)
            due = [each for each in purchases if each[0] <= moment]
            purchases = [each for each in purchases if each[0] > moment]
            for _, person in due:
                self.purchase(person, moment)
            if self.draw.random() < 0.05:
                self.publish_bad(moment)
            if self.draw.random() < 0.03:
                self.publish_noise(moment)
            self.producer.poll(0)
            # A broker that is away makes the load late, not denser.
            behind = start + count / self.rate - time.time()
            if behind < -1:
                start, count = time.time(), 0
            time.sleep(max(behind, 0.001))
        self.producer.flush(30)

    def open(self, moment, purchases):
        number = len(self.sent)
        self.sent.append(0)
        person = Person(number, moment)
        with self.lock:
            self.people[number] = person
        if self.draw.random() < 0.02:
            self.purchase(person, moment)  # It overtakes the opening.
        elif self.draw.random() < 0.5:
            purchases.append((moment + self.draw.uniform(0, 2.5 * self.wait), person))
        self.produce(f"p-{number}", self.event("sales-lead.created", number, moment), person, "acknowledged")
        if self.draw.random() < 0.05:
            self.produce(f"p-{number}", self.event("sales-lead.created", number, moment))
        if self.draw.random() < 0.05:
            # Long after its time: whatever has become of the journey, it opens nothing.
            earlier = self.draw.randint(max(1, number - 2000), number)
            with self.lock:
                old = self.people.get(earlier)
            if old is not None:
                self.produce(f"p-{earlier}", self.event("sales-lead.created", earlier, old.opened))

    def purchase(self, person, moment):
        with self.lock:
            person.buying = moment
        for _ in range(2 if self.draw.random() < 0.05 else 1):
            self.produce(f"p-{person.number}", self.event("policy.issued", person.number, moment), person, "bought")

    def event(self, kind, number, moment):
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment // 1000)) + f".{moment % 1000:03d}Z"
        return json.dumps({
            "specversion": "1.0", "id": f"{kind}-{number}", "source": "/load", "type": kind, "time": stamp,
            "data": {"tenant": "shop", "prospect": {"id": f"p-{number}", "email": f"p-{number}@example.com"}}})

    def publish_bad(self, moment):
        number = len(self.letters)
        self.letters.append(0)
        key = f"bad-{number}"
        value = self.draw.choice([
            "{broken", "[]", json.dumps({"specversion": "1.0", "id": key, "source": "/load"}),
            self.event("sales-lead.created", 0, moment)])  # The last one's key is not its prospect's identity.

        def delivered(error, message):
            if error:
                self.failures.append(f"{key} was not delivered: {error}")
            else:
                with self.lock:
                    self.counts["bad"] += 1
                    if not self.letters[number]:
                        self.bad[number] = now()
        self.producer.produce(self.topics[0], key=key, value=value, on_delivery=delivered)

    def publish_noise(self, moment):
        """What is ignored and leaves no dead letter."""
        number = self.draw.randint(1, len(self.sent) - 1)
        self.produce(f"p-{number}", self.draw.choice([None, self.event("newsletter.opened", number, moment)]))

    def produce(self, key, value, person=None, attribute=None):
        def delivered(error, message):
            if error:
                self.failures.append(f"{key} was not delivered: {error}")
                return
            with self.lock:
                self.counts["events"] += 1
                if person is None or getattr(person, attribute) is not None:
                    return
                setattr(person, attribute, now())
                self.counts[attribute] += 1
                if attribute == "acknowledged":
                    self.waiting[message.partition()].append(person)
        self.producer.produce(self.topics[0], key=key, value=value, on_delivery=delivered)

    # The reader.

    def reader(self, topics):
        consumer = Consumer(CLIENT | {
            "group.id": "oracle", "isolation.level": "read_committed", "enable.auto.commit": False,
            "enable.partition.eof": True, "auto.offset.reset": "error", "fetch.wait.max.ms": 50})
        consumer.assign([TopicPartition(topic, partition, 0) for topic in topics
                         for partition in consumer.list_topics(topic, 30).topics[topic].partitions])
        return consumer

    def read_all(self):
        self.consumer = self.reader(self.topics[1:])
        while True:
            for message in self.consumer.consume(500, 0.05):
                place = message.topic(), message.partition()
                if message.error():
                    self.note(message)
                    continue
                if message.topic() == self.topics[1]:
                    self.judge(message)
                else:
                    self.take_letter(message)
                self.ends[place] = message.offset() + 1

    def note(self, message):
        error = message.error()
        if error.name() == "_PARTITION_EOF":
            # Behind the last message there may be what marks the end of a transaction.
            self.ends[message.topic(), message.partition()] = message.offset()
        elif error.name() in ("_AUTO_OFFSET_RESET", "OFFSET_OUT_OF_RANGE"):
            self.failures.append(f"the reader lost its place: {error}")

    def judge(self, message):
        data, read = json.loads(message.value())["data"], time.time()
        name, partition = data["prospect"]["id"], message.partition()
        due, emitted = milliseconds(data["dueAt"]), milliseconds(data["emittedAt"])
        number = int(name[2:])
        with self.lock:
            self.counts["reminders"] += 1
            self.gap = max(self.gap, read - self.seen[partition])
            self.seen[partition] = read
            self.clocks[partition] = max(self.clocks[partition], emitted)
            if not 0 < number < len(self.sent):
                self.violate("false", f"{name} never opened anything")
                return
            self.sent[number] = min(self.sent[number] + 1, 255)
            if self.sent[number] > 1:
                self.violate("duplicate", f"{name}, again at offset {message.offset()} of partition {partition}")
            person = self.people.get(number)
            # Who is forgotten has been judged.
            if person is not None:
                if due != person.opened + self.wait or emitted < due:
                    self.violate("false", f"{name} opened at {person.opened}, due {due}, sent at {emitted}")
                if person.bought is not None and person.bought < emitted + self.lateness:
                    self.violate("false", f"{name} had bought {emitted + self.lateness - person.bought} ms before")
            self.settle(partition, due, emitted)

    def settle(self, partition, due, emitted):
        """Whoever was due before this reminder, and known to its tick."""
        waiting = self.waiting[partition]
        while waiting:
            person = waiting[0]
            if person.opened + self.wait >= due or person.acknowledged >= emitted + self.lateness:
                break
            waiting.popleft()
            if not self.sent[person.number] and person.buying is None:
                self.violate("lost", f"p-{person.number} of partition {partition}, due {person.opened + self.wait}")
            self.settled.append(person.number)
            # Long enough for every purchase to have come, and for late duplicates to be drawn.
            if len(self.settled) > 5000:
                self.people.pop(self.settled.popleft(), None)

    def take_letter(self, message):
        key = (message.key() or b"").decode(errors="replace")
        with self.lock:
            self.counts["deadLetters"] += 1
            number = int(key[4:]) if key.startswith("bad-") else 0
            if not 0 < number < len(self.letters):
                self.violate("false", f"a dead letter of {key}")
                return
            self.letters[number] = min(self.letters[number] + 1, 255)
            self.bad.pop(number, None)
            if self.letters[number] > 1:
                self.violate("duplicate", f"the dead letter {key}")

    # Questions.

    def state(self):
        with self.lock:
            silence = max(time.time() - seen for seen in self.seen.values())
            return {
                "clock": min(self.clocks.values()), "gap": max(self.gap, silence), "counts": dict(self.counts),
                "violations": self.violations, "examples": self.examples, "failures": self.failures[:5]}

    def begin_cycle(self):
        with self.lock:
            self.gap = 0.0

    def wait_for_end(self, topic, partition):
        """Until all that is committed now has been read.

        A transaction's end comes to each of its partitions by itself: where the judge has read reminders of it, dead letters
        of it may still lie behind the last stable offset, which is all that a read_committed handle is told.
        """
        deadline = time.time() + PATIENCE_SECONDS
        end = self.asker.get_watermark_offsets(TopicPartition(topic, partition), PATIENCE_SECONDS)[1]
        while self.ends.get((topic, partition), 0) < end:
            if self.failures or time.time() > deadline:
                raise RuntimeError(f"{topic} was not read to its end: {self.failures[:3]}")
            time.sleep(0.01)

    def find_missed(self, moment):
        """Every partition's clock has passed `moment`: what could not be read by then is in the dead-letter topic."""
        self.wait_for_end(self.topics[2], 0)
        with self.lock:
            for number in [number for number, when in self.bad.items() if when < moment]:
                self.violate("missed", f"bad-{number}, acknowledged {moment - self.bad.pop(number)} ms before")

    def verify(self):
        """A reader of its own counts again, from the first offset on, what the judge has seen on the way."""
        again, letters, ended = bytearray(len(self.sent)), bytearray(len(self.letters)), set()
        consumer = self.reader(self.topics[1:])
        partitions, deadline = len(consumer.assignment()), time.time() + 10 * PATIENCE_SECONDS
        while len(ended) < partitions:
            if time.time() > deadline:
                raise RuntimeError("the reminders were not read to their end")
            for message in consumer.consume(500, 0.2):
                if message.error():
                    if message.error().name() == "_PARTITION_EOF":
                        ended.add((message.topic(), message.partition()))
                    continue
                is_reminder = message.topic() == self.topics[1]
                book = again if is_reminder else letters
                number = (int(json.loads(message.value())["data"]["prospect"]["id"][2:]) if is_reminder
                          else int(message.key()[4:]))
                book[number] = min(book[number] + 1, 255)
        consumer.close()
        for mine, yours, what in ((self.sent, again, "p"), (self.letters, letters, "bad")):
            for number in range(len(yours)):
                if mine[number] != yours[number]:
                    self.failures.append(f"{what}-{number} was read {mine[number]} times, and {yours[number]} times again")


oracle = None


def start(request):
    global oracle
    oracle = Oracle(request)
    for thread in oracle.threads:
        thread.start()
    return {}


def state(request):
    return oracle.state()


def begin_cycle(request):
    oracle.begin_cycle()
    return {}


def find_missed(request):
    oracle.find_missed(request["moment"])
    return oracle.state()


def verify(request):
    """After the engine has ended."""
    oracle.stopping.set()
    oracle.threads[0].join(PATIENCE_SECONDS)
    for partition in oracle.clocks:
        oracle.wait_for_end(oracle.topics[1], partition)
    oracle.wait_for_end(oracle.topics[2], 0)
    oracle.verify()
    return oracle.state()


witness.OPERATIONS |= {
    "start": start, "state": state, "begin_cycle": begin_cycle, "find_missed": find_missed, "verify": verify}
witness.main()
