import type { order } from '@flotilla/contracts';
import { useRef } from 'react';
import { asRpcError, formatTime, newRequestId, rpc, Tag, tellError, toast, useSession, useWords, type Chosen } from '../../kit/index.js';
import { claimerOf, type Claimed } from './claimed.js';
import { words } from './words.js';

type Row = order.OrderSummary;

/** Orders that are claimed at once: more are nobody's work of a quarter of an hour. */
const most = 50;

/** A small badge; for orders that somebody has claimed. */
export const Claimer = ({ of }: { readonly of: Claimed }) => {
  const t = useWords(words);
  const { user } = useSession();
  const name = claimerOf(of);
  if (name === '') return null;
  return (
    <Tag color={name === user ? 'teal' : 'gray'} title={t('claimedUntil', { name, time: formatTime(of.claimedUntil) })}>
      {name === user ? t('you') : name}
    </Tag>
  );
};

/** Claims the orders that are chosen, or the one under the cursor; lets them go where all of them are one's own already. */
export const useClaiming = (find: (orderId: string) => Row | undefined): ((chosen: Chosen, cursor: Row | undefined) => Promise<void>) => {
  const t = useWords(words);
  const { user } = useSession();
  const busy = useRef(false);
  return async (chosen, cursor) => {
    if (chosen.kind === 'all' || chosen.keys.size > most) return toast({ message: t('claimMost', { n: most }), tone: 'warning' });
    const ids = chosen.keys.size > 0 ? [...chosen.keys] : cursor ? [cursor.orderId] : [];
    if (ids.length === 0 || busy.current) return undefined;
    busy.current = true;
    const own = (orderId: string): boolean => {
      const row = find(orderId);
      return row !== undefined && claimerOf(row) === user;
    };
    const letGo = ids.every(own);
    let done = 0;
    let others = 0;
    try {
      for (const orderId of ids) {
        try {
          await rpc(letGo ? 'flotilla.order.v1.Orders/ReleaseClaim' : 'flotilla.order.v1.Orders/Claim', { orderId, requestId: newRequestId() });
          done += 1;
        } catch (error) {
          const refused = asRpcError(error);
          // Of many orders that others work at, a number is enough; anything else would be said of each that follows.
          if (refused.reason !== 'CLAIMED' || ids.length === 1) return tellError(refused);
          others += 1;
        }
      }
    } finally {
      busy.current = false;
      if (done > 0) toast({ message: t(letGo ? 'letGo' : 'claimed', { n: done }), tone: 'done', ms: 2_500 });
      if (others > 0) toast({ message: t('claimedByOthers', { n: others }), tone: 'warning' });
    }
    return undefined;
  };
};
