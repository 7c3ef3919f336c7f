import type { common, ingest, order as contract } from '@flotilla/contracts';
import type { EventStore, Logger } from '@flotilla/event-store';
import type { Incoming } from '@flotilla/messaging';
import { isSealed } from '@flotilla/values';
import { order } from '../decide/order.decider.js';

/** The sealed words of a content that an amendment may change; personal custom fields as `custom.<name>`. */
type Words = Readonly<Record<(typeof addressWords)[number] | 'remark', string>> & Readonly<Record<string, string>>;
const addressWords = ['street', 'company', 'name', 'phone'] as const;

const wordsOf = (shipTo: common.Address, remark: string, custom: readonly contract.CustomField[] = []): Words => ({
  ...Object.fromEntries(custom.flatMap(({ name, value }) => (isSealed(value) ? [[`custom.${name}`, value]] : []))),
  street: shipTo.street,
  company: shipTo.company,
  name: shipTo.name,
  phone: shipTo.phone,
  remark,
});
const amended = 'flotilla.ingest.v1.ChannelOrderAmended';

const contentOf = ({ type, data }: Incoming): ingest.ChannelOrder | undefined => {
  const content = type === amended ? (data as { readonly order?: Partial<ingest.ChannelOrder> }).order : undefined;
  const { shipTo, remark, orderId, custom = [] } = content ?? {};
  const whole = Array.isArray(custom) && custom.every((one: Partial<ingest.CustomValue> | null) => typeof one?.name === 'string' && typeof one.value === 'string') && typeof orderId === 'string' && typeof remark === 'string' && addressWords.every((word) => typeof shipTo?.[word] === 'string');
  return whole ? (content as ingest.ChannelOrder) : undefined;
};

/**
 * Every delivery of an order is sealed anew, and the same words sealed twice look different: without this each update of
 * an order would seem to change its address, and have its parcel labelled again. Answers, for each message that amends an
 * order, the content with the words that are known already in the form in which they are known; else undefined. If the
 * keys cannot be had the content is taken as it is: a change too many is safe, a change too few is not.
 */
export const sameWords =
  (options: { readonly store: Pick<EventStore, 'folded'>; readonly open: (texts: readonly string[]) => Promise<readonly string[]>; readonly log: Logger }) =>
  async (messages: readonly Incoming[]): Promise<readonly (ingest.ChannelOrder | undefined)[]> => {
    const contents = messages.map(contentOf);
    const ids = [...new Set(contents.flatMap((content) => (content ? [content.orderId] : [])))];
    if (ids.length === 0) return contents;
    const states = await options.store.folded(order, ids);
    const known = new Map(
      [...states].flatMap(([id, { state }]): (readonly [string, Words])[] => (state.channelShipTo ? [[id, wordsOf(state.channelShipTo, state.remark, state.custom)]] : [])),
    );
    const texts = [...new Set([...known.values(), ...contents.flatMap((content) => (content && known.has(content.orderId) ? [wordsOf(content.shipTo, content.remark, content.custom)] : []))].flatMap((words) => Object.values(words)))].filter((text) => text !== '');
    let clear: ReadonlyMap<string, string>;
    try {
      const opened = await options.open(texts);
      clear = new Map(texts.map((text, n) => [text, opened[n]!]));
    } catch (error) {
      options.log.warn({ err: error }, 'sealed words could not be compared; amended orders are taken as they came');
      return messages.map(() => undefined);
    }
    return contents.map((content) => {
      const before = content && known.get(content.orderId);
      if (!before) return undefined;
      const now = wordsOf(content.shipTo, content.remark, content.custom);
      const same = (word: string): string => {
        const [fresh = '', was = ''] = [now[word], before[word]];
        return fresh !== '' && was !== '' && clear.get(fresh) === clear.get(was) ? was : fresh;
      };
      const shipTo = { ...content.shipTo, street: same('street'), company: same('company'), name: same('name'), phone: same('phone') };
      const remark = same('remark');
      const custom = (content.custom ?? []).map(({ name, value }) => ({ name, value: isSealed(value) ? same(`custom.${name}`) : value }));
      // The next amendment of this chunk stands upon this one.
      known.set(content.orderId, wordsOf(shipTo, remark, custom));
      return { ...content, shipTo, remark, custom };
    });
  };
