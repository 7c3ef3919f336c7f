import { Refused } from '@flotilla/decider';
import { parseExact } from '../exact-json.js';
import { Fields } from '../fields.js';
import type { Arrived, Reading, Said } from '../platform.js';
import { buyerOf, submitted, toOrder } from './order.js';

/** One message. Whether an order is new is for ingest to know: every submission announces it. */
export const readSubmitted = async ({ topic, body }: Arrived, open: (jwe: string) => Promise<Uint8Array>): Promise<readonly Reading[]> => {
  let channelOrderId = '';
  let buyer = '';
  const said = await (async (): Promise<Said> => {
    const order = Fields.of(parseExact(body));
    if (order === undefined) throw new Refused('BAD_JSON', 'the data is no JSON object');
    channelOrderId = order.text('channelOrderId');
    if (channelOrderId === '' || channelOrderId.length > 200) {
      channelOrderId = '';
      throw new Refused('NO_ORDER_ID', 'channelOrderId is missing or longer than 200 characters');
    }
    buyer = `order:${channelOrderId}`;
    if (topic !== submitted) throw new Refused('UNKNOWN_TOPIC', `messages of the type "${topic.slice(0, 100)}" are not understood; send ${submitted}`);
    const personal = await opened(order.text('personal'), open);
    buyer = buyerOf(personal, channelOrderId);
    return { as: 'order', ...toOrder(order, personal) };
  })().catch((error: unknown): Said => {
    if (error instanceof Refused) return { as: 'failure', reason: error.reason, detail: error.message };
    throw error;
  });
  return [{ channelOrderId, kind: 'announce', buyer, said }];
};

/** The personal part. "" is an order without any: it is accepted, and held for its address. */
const opened = async (jwe: string, open: (jwe: string) => Promise<Uint8Array>): Promise<Fields> => {
  if (jwe === '') return Fields.none;
  let bytes: Uint8Array;
  try {
    bytes = await open(jwe);
  } catch {
    throw new Refused('BAD_PERSONAL', 'personal cannot be opened: encrypt it as compact JWE, ECDH-ES with A256GCM, to the key at GET /v1/keys');
  }
  try {
    const personal = Fields.of(parseExact(bytes));
    if (personal !== undefined) return personal;
  } catch (error) {
    if (error instanceof Refused && error.reason === 'BAD_TEXT') throw error;
  }
  throw new Refused('BAD_PERSONAL', 'personal opens to something that is no JSON object');
};
