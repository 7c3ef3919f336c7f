import { Button, Group, Text } from '@mantine/core';
import { IconHandStop } from '@tabler/icons-react';
import type { order } from '@flotilla/contracts';
import { useEffect, useState } from 'react';
import { Confirm, formatTime, Hint, useCommand, useHotkeys, useLocale, useMay, useSession, useWords } from '../../kit/index.js';
import { claimerOf, claimKey } from '../orders/claimed.js';
import { words } from './words.js';

const refreshes = ['flotilla.order.v1.Orders/Overview'] as const;

/** Who works at the order, and what one may do about it. */
export const ClaimLine = ({ claim }: { readonly claim: order.OrderClaim }) => {
  const t = useWords(words);
  const locale = useLocale();
  const { user } = useSession();
  const may = useMay('flotilla.order.v1.Orders/Claim');
  const take = useCommand('flotilla.order.v1.Orders/Claim', { refreshes });
  const release = useCommand('flotilla.order.v1.Orders/ReleaseClaim', { refreshes });
  const [taking, setTaking] = useState(false);
  const [, tick] = useState(0);
  const { orderId, claimedUntil } = claim;
  // Nobody says that it is over.
  useEffect(() => {
    const left = Date.parse(claimedUntil) - Date.now();
    if (!(left > 0)) return undefined;
    const timer = setTimeout(() => tick((n) => n + 1), left + 1);
    return () => clearTimeout(timer);
  }, [claimedUntil]);
  const name = claimerOf(claim);
  const acts =
    name === ''
      ? [{ label: t('claim'), run: () => void take.run({ orderId }) }]
      : name === user
        ? [{ label: t('letGo'), run: () => void release.run({ orderId }) }, { label: t('renew'), run: () => void take.run({ orderId }) }]
        : [{ label: t('takeOver'), run: () => setTaking(true) }];
  useHotkeys(t('actions'), may ? [{ key: claimKey, ...acts[0]! }] : []);
  if (name === '' && !may) return null;
  return (
    <Group gap="xs" data-testid="claim">
      <IconHandStop size={16} aria-hidden />
      <Text size="sm" {...(name === '' || name === user ? { c: 'dimmed' } : { fw: 600 })} role="status">
        {name === '' ? t('unclaimed') : t(name === user ? 'claimedByYou' : 'claimedBy', { name, time: formatTime(claimedUntil, locale) })}
      </Text>
      {may &&
        acts.map(({ label, run }, n) => (
          <Button key={label} size="compact-xs" variant={n === 0 ? 'default' : 'subtle'} loading={take.busy || release.busy} onClick={run} rightSection={n === 0 && <Hint keys={claimKey} />}>
            {label}
          </Button>
        ))}
      <Confirm opened={taking} title={t('takeOverFrom', { name })} reason="needed" action={t('takeOver')} onClose={() => setTaking(false)} onConfirm={(reason) => take.run({ orderId, takeOver: true, reason })} />
    </Group>
  );
};
