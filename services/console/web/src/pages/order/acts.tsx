import { Button, Checkbox, Group, Modal, MultiSelect, NumberInput, Popover, Select, SimpleGrid, Stack, Switch, Table, Text, Textarea, TextInput } from '@mantine/core';
import type { order } from '@flotilla/contracts';
import { useEffect, useState, type ReactNode } from 'react';
import { Hint, newRequestId, reasonText, refreshAll, rpc, toast, useHotkeys, useLocale, useMay, useWords, withGrace, type Method } from '../../kit/index.js';
import { actionKeys, dangerous } from '../orders/bulk.js';
import { named } from '../orders/names.js';
import { words as deskWords } from '../orders/words.js';
import { words } from './words.js';

type Action = keyof typeof actionKeys;
type Order = order.Order;

const handHolds = ['MANUAL', 'BUYER_REQUEST', 'RISK', 'ADDRESS'] as const;
const steps = ['AUDIT', 'ALLOCATE', 'RELEASE', 'LABEL', 'SHIP'] as const;
const addressFields = ['name', 'phone', 'country', 'province', 'city', 'district', 'postcode', 'street', 'company'] as const;
type Address = Readonly<Record<(typeof addressFields)[number], string>>;

const methods: Readonly<Record<Action, Method>> = {
  Approve: 'flotilla.order.v1.Orders/Approve',
  Hold: 'flotilla.order.v1.Orders/Hold',
  Release: 'flotilla.order.v1.Orders/Release',
  Cancel: 'flotilla.order.v1.Orders/Cancel',
  ChangeAddress: 'flotilla.order.v1.Orders/ChangeAddress',
  Intercept: 'flotilla.order.v1.Orders/Intercept',
  Split: 'flotilla.order.v1.Orders/Split',
  AllowPartial: 'flotilla.order.v1.Orders/AllowPartial',
};

/** What may be done with the order now, one key each; what may not says why. */
export const Acts = ({ order: shown, holdId, onHold }: { readonly order: Order; readonly holdId: string | undefined; readonly onHold: (holdId: string | undefined) => void }) => {
  const t = useWords(words);
  const d = useWords(deskWords);
  const locale = useLocale();
  const may = useMay('flotilla.order.v1.Orders/Approve');
  const [acting, setActing] = useState<Action>();
  const allowed = may ? (shown.allowedActions as readonly Action[]) : [];
  const { orderId, number } = shown;

  const send = (action: Action, request: Readonly<Record<string, unknown>>, what: string = d(action)): void => {
    const requestId = newRequestId();
    withGrace({
      what: d('what', { n: 1, action: what, order: number }),
      subjects: [orderId],
      run: async () => {
        await rpc(methods[action], { orderId, requestId, ...request } as never);
        toast({ message: d('what', { n: 1, action: what, order: number }), tone: 'done', ms: 2_500 });
        refreshAll('flotilla.order.v1.Orders/Overview', 'flotilla.order.v1.Orders/History');
      },
    });
    setActing(undefined);
    onHold(undefined);
  };
  const begin = (action: Action): void => {
    if (action === 'Approve') send('Approve', {});
    else setActing(action);
  };
  useHotkeys(t('actions'), allowed.map((action) => ({ key: actionKeys[action], label: d(action), run: () => begin(action) })));
  const doing = holdId === undefined ? acting : 'Release';
  const close = (): void => {
    setActing(undefined);
    onHold(undefined);
  };
  return (
    <Group gap={6} data-testid="actions">
      {allowed.map((action) => (
        <Button key={action} size="compact-sm" variant={action === 'Approve' ? 'filled' : 'default'} {...(dangerous.includes(action) ? { color: 'red', variant: 'light' } : {})} onClick={() => begin(action)} rightSection={<Hint keys={actionKeys[action]} />}>
          {d(action)}
        </Button>
      ))}
      {may && shown.refusedActions.length > 0 && (
        <Popover position="bottom-end" shadow="md" width={380}>
          <Popover.Target>
            <Button size="compact-sm" variant="subtle" color="gray">
              {allowed.length === 0 ? t('noActions') : t('whyNot')}
            </Button>
          </Popover.Target>
          <Popover.Dropdown p="xs">
            <Stack gap={6}>
              {shown.refusedActions.map(({ action, reason, message }) => (
                <div key={action}>
                  <Text fw={600} size="sm">
                    {d(action as Action)}: {reasonText(reason, locale)}
                  </Text>
                  <Text size="xs" c="dimmed">
                    {message}
                  </Text>
                </div>
              ))}
            </Stack>
          </Popover.Dropdown>
        </Popover>
      )}
      {doing && (
        <Modal opened onClose={close} title={`${d(doing)}: ${number}`} size={doing === 'ChangeAddress' || doing === 'Split' ? 'lg' : 'md'}>
          {doing === 'Hold' && <HoldForm onSend={(request) => send('Hold', request)} />}
          {doing === 'Release' && <ReleaseForm order={shown} first={holdId} onSend={(request) => send('Release', request)} />}
          {doing === 'Cancel' && <ReasonForm danger action={d('Cancel')} onSend={(request) => send('Cancel', request)} />}
          {doing === 'Intercept' && <InterceptForm order={shown} onSend={(request) => send('Intercept', request)} />}
          {doing === 'ChangeAddress' && <AddressForm order={shown} action={d('ChangeAddress')} onSend={(address) => send('ChangeAddress', address)} />}
          {doing === 'Split' && <SplitForm order={shown} onSend={(request) => send('Split', request)} />}
          {doing === 'AllowPartial' && <PartialForm order={shown} onSend={(request) => send('AllowPartial', request, request['allowed'] === true ? d('AllowPartial') : d('ForbidPartial'))} />}
        </Modal>
      )}
    </Group>
  );
};

type Send = (request: Readonly<Record<string, unknown>>) => void;

/** The frame of every form: what it asks, why, and the one button. */
const Form = ({ children, action, danger = false, reason = 'asked', ready = true, onSend }: { readonly children?: ReactNode; readonly action: string; readonly danger?: boolean; readonly reason?: 'needed' | 'asked' | 'none'; readonly ready?: boolean; readonly onSend: (reason: string) => void }) => {
  const d = useWords(deskWords);
  const [why, setWhy] = useState('');
  const lacking = !ready || (reason === 'needed' && why.trim() === '');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!lacking) onSend(why.trim());
      }}
    >
      <Stack gap="sm">
        {children}
        {reason !== 'none' && <Textarea label={d('reason')} required={reason === 'needed'} autosize minRows={2} maxRows={6} maxLength={500} value={why} onChange={(event) => setWhy(event.currentTarget.value)} {...(children === undefined ? { 'data-autofocus': true } : {})} />}
        <Text size="xs" c="dimmed">
          {d('grace')}
        </Text>
        <Group justify="flex-end">
          <Button type="submit" disabled={lacking} {...(danger ? { color: 'red' } : {})}>
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
};

const ReasonForm = ({ action, danger = false, onSend }: { readonly action: string; readonly danger?: boolean; readonly onSend: Send }) => <Form action={action} danger={danger} reason="needed" onSend={(reason) => onSend({ reason })} />;

const HoldForm = ({ onSend }: { readonly onSend: Send }) => {
  const t = useWords(words);
  const d = useWords(deskWords);
  const [type, setType] = useState<string>('MANUAL');
  const [blocks, setBlocks] = useState<string[]>([]);
  return (
    <Form action={d('Hold')} onSend={(reason) => onSend({ type, blocks, reason })}>
      <Select label={d('holdType')} allowDeselect={false} data={handHolds.map((value) => ({ value, label: named('hold', value) }))} value={type} onChange={(value) => setType(value ?? 'MANUAL')} data-autofocus />
      <MultiSelect label={t('blocksWhat')} placeholder={blocks.length === 0 ? t('blocksDefault') : ''} data={steps.map((value) => ({ value, label: named('step', value) }))} value={blocks} onChange={setBlocks} />
    </Form>
  );
};

const ReleaseForm = ({ order: { holds }, first, onSend }: { readonly order: Order; readonly first: string | undefined; readonly onSend: Send }) => {
  const d = useWords(deskWords);
  const open = holds.filter(({ releasable }) => releasable);
  const [holdId, setHoldId] = useState(first ?? open[0]?.holdId ?? '');
  return (
    <Form action={d('Release')} ready={holdId !== ''} onSend={(reason) => onSend({ holdId, reason })}>
      <Select label={d('releaseType')} allowDeselect={false} data={open.map((hold) => ({ value: hold.holdId, label: `${named('hold', hold.type)}: ${hold.reason}` }))} value={holdId} onChange={(value) => setHoldId(value ?? '')} data-autofocus />
    </Form>
  );
};

const AddressFields = ({ value, onChange }: { readonly value: Address; readonly onChange: (value: Address) => void }) => {
  const t = useWords(words);
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs">
        {addressFields.map((field, n) => (
          <TextInput key={field} label={t(`address_${field}`)} required={['name', 'phone', 'country', 'street'].includes(field)} maxLength={field === 'country' ? 2 : 300} value={value[field]} autoComplete="off" {...(n === 0 ? { 'data-autofocus': true } : {})} onChange={(event) => onChange({ ...value, [field]: field === 'country' ? event.currentTarget.value.toUpperCase() : event.currentTarget.value })} />
        ))}
      </SimpleGrid>
      <Text size="xs" c="dimmed">
        {t('sealedAtOnce')}
      </Text>
    </>
  );
};

const complete = (address: Address): boolean => [address.name, address.phone, address.country, address.street].every((text) => text.trim() !== '');

/** What is readable of the old address is begun with; a person's own words are written anew. */
const begunWith = ({ shipTo: { country, province, city, district, postcode } }: Order): Address => ({ name: '', phone: '', country, province, city, district, postcode, street: '', company: '' });

const AddressForm = ({ order: shown, action, onSend }: { readonly order: Order; readonly action: string; readonly onSend: (address: Address) => void }) => {
  const [address, setAddress] = useState(begunWith(shown));
  return (
    <Form action={action} reason="none" ready={complete(address)} onSend={() => onSend(address)}>
      <AddressFields value={address} onChange={setAddress} />
    </Form>
  );
};

const InterceptForm = ({ order: shown, onSend }: { readonly order: Order; readonly onSend: Send }) => {
  const t = useWords(words);
  const d = useWords(deskWords);
  const [elsewhere, setElsewhere] = useState(false);
  const [address, setAddress] = useState(begunWith(shown));
  return (
    <Form action={d('Intercept')} danger reason="needed" ready={!elsewhere || complete(address)} onSend={(reason) => onSend({ reason, ...(elsewhere ? { shipTo: address } : {}) })}>
      <Switch label={t('elsewhere')} checked={elsewhere} onChange={(event) => setElsewhere(event.currentTarget.checked)} data-autofocus />
      {elsewhere && <AddressFields value={address} onChange={setAddress} />}
    </Form>
  );
};

const SplitForm = ({ order: { lines }, onSend }: { readonly order: Order; readonly onSend: Send }) => {
  const t = useWords(words);
  const d = useWords(deskWords);
  const [units, setUnits] = useState<Readonly<Record<string, number>>>({});
  useEffect(() => setUnits({}), [lines]);
  const chosen = lines.map(({ lineId }) => ({ lineId, quantity: units[lineId] ?? 0 })).filter(({ quantity }) => quantity > 0);
  return (
    <Form action={d('Split')} ready={chosen.length > 0} onSend={(reason) => onSend({ lines: chosen, reason })}>
      <Text size="sm">{t('splitHint')}</Text>
      <Table verticalSpacing={4}>
        <Table.Tbody>
          {lines.map((line) => (
            <Table.Tr key={line.lineId}>
              <Table.Td>
                {line.title}
                <Text size="xs" c="dimmed">
                  {line.sku} × {line.quantity}
                </Text>
              </Table.Td>
              <Table.Td w={110}>
                <NumberInput aria-label={`${t('quantity')}: ${line.title}`} min={0} max={line.quantity} clampBehavior="strict" allowDecimal={false} value={units[line.lineId] ?? 0} onChange={(value) => setUnits({ ...units, [line.lineId]: Number(value) || 0 })} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Form>
  );
};

const PartialForm = ({ order: { partialShipment }, onSend }: { readonly order: Order; readonly onSend: Send }) => {
  const t = useWords(words);
  const d = useWords(deskWords);
  const [allowed, setAllowed] = useState(partialShipment !== 'ALLOWED');
  return (
    <Form action={allowed ? d('AllowPartial') : d('ForbidPartial')} onSend={(reason) => onSend({ allowed, reason })}>
      <Checkbox label={t('partialOn')} checked={allowed} onChange={(event) => setAllowed(event.currentTarget.checked)} data-autofocus />
    </Form>
  );
};
