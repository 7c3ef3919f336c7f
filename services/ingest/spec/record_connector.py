# Runs docs/examples/connector.py as it stands, with its own libraries, and writes down what it sent: what a broker (librdkafka's own, of one process) was given,
# and the key that opens the personal part. Again whenever the example or its order changes, from the root of the repository:
#   python3 -m venv DIR && DIR/bin/pip install confluent-kafka jwcrypto && DIR/bin/python services/ingest/spec/record_connector.py
import base64, hashlib, io, json, runpy, sys, urllib.request
import confluent_kafka
from jwcrypto import jwk

EXAMPLE, ORDER, RECORD = "docs/examples/connector.py", "docs/examples/channel-order.json", "services/ingest/src/channels/connector/fixtures/python-run.json"
key = jwk.JWK.generate(kty="EC", crv="P-256")
asked, sent = [], []


def keys(url):
    asked.append(url)
    return io.BytesIO(json.dumps({"keys": [json.loads(key.export_public())]}).encode())


class Recording(confluent_kafka.Producer):
    def __init__(self, config):
        self.config = config
        super().__init__({**config, "bootstrap.servers": "", "test.mock.num.brokers": 1})

    def produce(self, topic, **message):
        def delivered(error, got):
            assert error is None, error
            sent.append({"topic": got.topic(), "partition": got.partition(), "key": got.key().decode(), "value": base64.b64encode(got.value()).decode(), "headers": message["headers"], "config": self.config})

        super().produce(topic, on_delivery=delivered, **message)


urllib.request.urlopen = keys
confluent_kafka.Producer = Recording
sys.argv = [EXAMPLE]
runpy.run_path(EXAMPLE)
assert len(sent) == 1, sent
digest = lambda path: hashlib.sha256(open(path, "rb").read()).hexdigest()
json.dump({"example": digest(EXAMPLE), "order": digest(ORDER), "asked": asked, "privateKey": json.loads(key.export_private()), **sent[0]}, open(RECORD, "w"), indent=1)
print(f"{RECORD}: {sent[0]['topic']}/{sent[0]['partition']} {sent[0]['key']}")
