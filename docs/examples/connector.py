# A platform connector: sends one order to channel-orders.v1. pip install confluent-kafka jwcrypto; python connector.py [order.json]
# Send the whole order again whenever it changes: the newest modifiedAt wins. What is wrong with it stands in ingest's quarantine.
import datetime, json, sys, urllib.request, uuid
from confluent_kafka import Producer
from jwcrypto import jwe, jwk
order = json.load(open(sys.argv[1] if len(sys.argv) > 1 else "docs/examples/channel-order.json", encoding="utf-8"))
key = jwk.JWK(**json.load(urllib.request.urlopen("http://127.0.0.1:8101/v1/keys"))["keys"][0])
sealed = jwe.JWE(json.dumps(order["personal"]).encode(), json.dumps({"alg": "ECDH-ES", "enc": "A256GCM"}), recipient=key)
order["personal"] = sealed.serialize(compact=True)  # whoever it is for never stands in clear on the topic
headers = {"ce_specversion": "1.0", "ce_id": str(uuid.uuid4()), "ce_source": "connector/python", "ce_type": "flotilla.connector.v1.ChannelOrderSubmitted",
           "ce_time": datetime.datetime.now(datetime.timezone.utc).isoformat().replace("+00:00", "Z"), "content-type": "application/json"}
producer = Producer({"bootstrap.servers": "127.0.0.1:9092", "partitioner": "murmur2_random", "acks": "all"})  # murmur2: an order's messages stay in order
producer.produce("channel-orders.v1", key=f'{order["channel"]}/{order["channelOrderId"]}', value=json.dumps(order), headers=headers)
producer.flush()
