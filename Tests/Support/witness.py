"""A witness that shares no code with Winback: produces, reads what is committed, and alters groups, through
python3-confluent-kafka. One JSON object a line comes in, one goes out; it ends with its standard input, and takes the
processes that it was told to guard with it."""

import json
import os
import pty
import random
import signal
import sys
import threading
import time

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewPartitions

BROKER = sys.argv[1]
producers = {}
guarded = set()


def producer(transaction=None):
    if transaction not in producers:
        settings = {"bootstrap.servers": BROKER, "acks": "all", "partitioner": "murmur2_random", "linger.ms": 2,
                    "message.max.bytes": 3_000_000}
        if transaction:
            settings |= {"transactional.id": transaction, "transaction.timeout.ms": 60_000}
        producers[transaction] = Producer(settings)
        if transaction:
            producers[transaction].init_transactions(30)
    return producers[transaction]


def raw(value):
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) else None if value is None else value.encode()


def text(value):
    if value is None:
        return None
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"hex": value.hex()}


def produce(request):
    client, failures = producer(request.get("transaction")), []

    def delivered(error, _):
        if error:
            failures.append(str(error))

    for message in request["messages"]:
        options = {name: message[name] for name in ("partition", "timestamp") if name in message}
        client.produce(
            request["topic"], key=raw(message.get("key")), value=raw(message.get("value")),
            headers=[(name, raw(value)) for name, value in message.get("headers", [])], on_delivery=delivered, **options)
        client.poll(0)
    left = client.flush(30)
    if failures or left:
        raise RuntimeError(f"{left} messages not delivered; {failures[:3]}")
    return {}


def begin(request):
    producer(request["transaction"]).begin_transaction()
    return {}


def end(request):
    client = producer(request["transaction"])
    (client.commit_transaction if request["commits"] else client.abort_transaction)(30)
    return {}


def read(request):
    """Everything that a read_committed consumer sees, from the first offset to the end; waits for `count` messages."""
    topic, wanted, deadline = request["topic"], request.get("count", 0), time.time() + request.get("seconds", 30)
    consumer = Consumer({
        "bootstrap.servers": BROKER, "group.id": "witness", "isolation.level": "read_committed",
        "enable.auto.commit": False, "enable.partition.eof": True, "auto.offset.reset": "earliest",
        "fetch.wait.max.ms": 50})
    try:
        partitions = list(consumer.list_topics(topic, 30).topics[topic].partitions)
        consumer.assign([TopicPartition(topic, partition, 0) for partition in partitions])
        messages, ended = [], set()
        while len(ended) < len(partitions) or len(messages) < wanted:
            if time.time() > deadline and len(ended) == len(partitions):
                break
            if time.time() > deadline + 60:
                raise RuntimeError(f"{topic} was not read to its end")
            message = consumer.poll(0.2)
            if message is None:
                continue
            if message.error():
                if message.error().name() != "_PARTITION_EOF":
                    raise KafkaException(message.error())
                ended.add(message.partition())
                continue
            messages.append({
                "partition": message.partition(), "offset": message.offset(), "key": text(message.key()),
                "value": text(message.value()), "timestamp": message.timestamp()[1],
                "headers": [[name, text(value)] for name, value in message.headers() or []]})
        return {"messages": messages}
    finally:
        consumer.close()


def set_offsets(request):
    """Commits offsets as someone does who knows nothing of Winback's metadata; waits until the group is empty."""
    consumer = Consumer({"bootstrap.servers": BROKER, "group.id": request["group"], "enable.auto.commit": False})
    deadline = time.time() + 30
    try:
        while True:
            try:
                consumer.commit(
                    offsets=[TopicPartition(request["topic"], int(p), o) for p, o in request["offsets"].items()],
                    asynchronous=False)
                return {}
            except KafkaException:
                if time.time() > deadline:
                    raise
                time.sleep(0.2)
    finally:
        consumer.close()


def all_is_committed(request):
    """Whether the group's committed offsets are the ends of a topic whose messages were written without transactions."""
    consumer = Consumer({"bootstrap.servers": BROKER, "group.id": request["group"]})
    try:
        partitions = [TopicPartition(request["topic"], number) for number in range(request["partitions"])]
        return {"done": all(
            place.offset == consumer.get_watermark_offsets(place, timeout=10)[1]
            for place in consumer.committed(partitions, timeout=10))}
    finally:
        consumer.close()


def add_partitions(request):
    admin = AdminClient({"bootstrap.servers": BROKER})  # Its answers die with it.
    for future in admin.create_partitions([NewPartitions(request["topic"], request["count"])]).values():
        future.result(30)
    return {}


load = {}


def start_load(request):
    """People who open a journey and, some of them, buy: until `stop_load`. All that was acknowledged is kept, with when."""
    state = {"leads": {}, "purchases": {}, "stop": threading.Event(), "failures": []}
    client = Producer({"bootstrap.servers": BROKER, "acks": "all", "partitioner": "murmur2_random", "linger.ms": 2})
    draw = random.Random(request["seed"])

    def run():
        due, number = [], 0
        while not state["stop"].is_set():
            now = time.time()
            number += 1
            person = f"p-{number}"
            publish(person, request["opens"], now, state["leads"])
            if draw.random() < 0.5:
                due.append((now + draw.uniform(0, request["longest"]), person))
            for when, who in [each for each in due if each[0] <= now]:
                publish(who, request["converts"], now, state["purchases"])
            due = [each for each in due if each[0] > now]
            client.poll(0)
            time.sleep(1 / request["rate"])
        if client.flush(30):
            state["failures"].append("not all events were delivered")

    def publish(person, kind, now, book):
        def delivered(error, _):
            if error:
                state["failures"].append(str(error))
            else:
                book[person] = time.time() * 1000
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now * 1000) % 1000:03d}Z"
        event = {"specversion": "1.0", "id": f"{kind}-{person}", "source": "/load", "type": kind, "time": stamp,
                 "data": {"prospect": {"id": person, "email": f"{person}@example.com"}}}
        client.produce(request["topic"], key=person, value=json.dumps(event), on_delivery=delivered)

    state["thread"] = threading.Thread(target=run, daemon=True)
    state["thread"].start()
    load.update(state)
    return {}


def stop_load(_):
    load["stop"].set()
    load["thread"].join(60)
    if load["failures"]:
        raise RuntimeError(str(load["failures"][:3]))
    return {"leads": load["leads"], "purchases": load["purchases"]}


def kill_at_message(request):
    """Kills a process some time after it has sent the next message to a topic, committed or not."""
    topic, deadline = request["topic"], time.time() + 30
    consumer = Consumer({
        "bootstrap.servers": BROKER, "group.id": "witness", "isolation.level": "read_uncommitted",
        "enable.auto.commit": False, "auto.offset.reset": "latest"})
    try:
        partitions = [TopicPartition(topic, p) for p in consumer.list_topics(topic, 30).topics[topic].partitions]
        for partition in partitions:
            partition.offset = consumer.get_watermark_offsets(partition, 30)[1]
        consumer.assign(partitions)
        while time.time() < deadline:
            message = consumer.poll(0.2)
            if message is not None and not message.error():
                time.sleep(request["after"])
                os.kill(request["pid"], signal.SIGKILL)
                return {}
        raise RuntimeError(f"no message came to {topic}")
    finally:
        consumer.close()


def at_terminal(request):
    """Runs a command as somebody at a terminal does who types `answer` when it asks."""
    child, screen = pty.fork()
    if child == 0:
        os.execv(request["command"][0], request["command"])
    said, deadline = b"", time.time() + 60
    while time.time() < deadline:
        try:
            more = os.read(screen, 4096)
        except OSError:  # Its end of the terminal is closed.
            more = b""
        if not more:
            break
        said += more
        if said.endswith(request["question"].encode()):
            os.write(screen, request["answer"].encode() + b"\n")
    if time.time() >= deadline:
        os.kill(child, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return {"code": code, "said": said.decode(errors="replace")}


def guard(request):
    (guarded.add if request["alive"] else guarded.discard)(request["pid"])
    return {}


def validate(request):
    import jsonschema
    folder, name = request["folder"], request["schema"]
    with open(f"{folder}/{name}.schema.json", encoding="utf-8") as file:
        schema = json.load(file)
    validator = jsonschema.Draft202012Validator(
        schema, resolver=jsonschema.RefResolver(f"file://{folder}/", schema), format_checker=jsonschema.FormatChecker())
    return {"errors": [f"{error.json_path} {error.message}"
                       for document in request["documents"] for error in validator.iter_errors(json.loads(document))]}


OPERATIONS = {
    "produce": produce, "begin": begin, "end": end, "read": read, "set_offsets": set_offsets,
    "all_is_committed": all_is_committed, "guard": guard,
    "add_partitions": add_partitions, "kill_at_message": kill_at_message, "start_load": start_load,
    "stop_load": stop_load, "validate": validate, "at_terminal": at_terminal}


def main():
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = OPERATIONS[request["do"]](request)
        except Exception as error:  # Whatever it is, the test is to hear of it.
            answer = {"error": f"{request['do']}: {type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)
    for process in guarded:
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            pass
    os._exit(0)


if __name__ == "__main__":
    main()
