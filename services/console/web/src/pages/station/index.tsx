import { ActionIcon, Alert, Anchor, Button, Group, Modal, Paper, Progress, Select, SegmentedControl, Stack, Table, Text, TextInput, Tooltip } from '@mantine/core';
import { IconBarcode, IconCamera, IconCameraOff, IconId, IconVolume, IconVolumeOff } from '@tabler/icons-react';
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from 'react';
import { Link } from 'react-router';
import { asRpcError, Empty, Hint, Page, reasonText, Tag, tellError, toast, useHotkeys, useMay, useRpc, useSession, useWords, type Say } from '../../kit/index.js';
import { asWords } from '../../kit/words.js';
import { DeskCard } from './desk-card.js';
import { play } from './sounds.js';
import { isComplete, missing, newStation, step, type Effect, type Input, type Mode, type Note, type Station, type Work } from './station.js';
import { useScanner } from './use-scanner.js';
import { perform, print } from './work.js';
import { words } from './words.js';
import './station.css';

const Camera = lazy(() => import('./camera.js'));
const LabelPreview = lazy(() => import('./label-preview.js'));

const kept = (key: string, otherwise: string): string => localStorage.getItem(`flotilla.station.${key}`) ?? otherwise;
const keep = (key: string, value: string): void => localStorage.setItem(`flotilla.station.${key}`, value);

/** The machine, with somebody who does what it owes. `printMs`: from the last scan until its print job stood in the queue. */
const useStation = (place: { readonly station: string; readonly warehouse: string; readonly packer: string }, muted: boolean) => {
  const [state, setState] = useState<Station>(() => newStation((kept('mode', 'verify') as Mode) || 'verify'));
  const [printMs, setPrintMs] = useState<number>();
  const [shipped, setShipped] = useState(0);
  const now = useRef(state);
  const latest = useRef({ place, muted });
  latest.current = { place, muted };
  const begun = useRef(0);
  const send = useCallback((input: Input): void => {
    // What is owed is done at once, and what comes of it is the next input.
    const owe = (effect: Effect): void => {
      if (effect.do === 'tone') {
        if (!latest.current.muted) play(effect.tone);
        return;
      }
      void perform(effect, latest.current.place).then((next) => next && take(next));
    };
    const take = (taken: Input): void => {
      if (taken.type === 'printed') setPrintMs(Math.round(performance.now() - begun.current));
      if (taken.type === 'closed') setShipped((count) => count + 1);
      const { state: next, effects } = step(now.current, taken);
      now.current = next;
      setState(next);
      if (effects.some((effect) => effect.do === 'find')) begun.current = performance.now();
      effects.forEach(owe);
    };
    take(input);
  }, []);
  return { state, send, printMs, shipped };
};

const noteText = (t: Say<typeof words>, { what, detail }: Note): string => {
  const own: Readonly<Record<string, keyof (typeof words)['en']>> = { item: 'itemOk', shipped: 'shippedNote', reprint: 'reprintNote', closing: 'closingNote', stopped: 'stoppedNote', NOT_SCANNED: 'notScanned' };
  const key = own[what] ?? what;
  return key in words.en ? t(key as 'parcel', { detail }) : `${reasonText(what)}${detail === '' ? '' : `: ${detail}`}`;
};

const toneColor = { ok: 'teal', wrong: 'red', duplicate: 'yellow', done: 'brand' } as const;

const Band = ({ state, send, printMs, t }: { readonly state: Station; readonly send: (input: Input) => void; readonly printMs: number | undefined; readonly t: Say<typeof words> }) => {
  const { phase, work, stop, mode, notes } = state;
  const all = work?.lines.reduce((sum, { quantity }) => sum + quantity, 0) ?? 0;
  const text = {
    idle: work ? (work.printed ? t('printing') : t(mode === 'ship' ? 'idleShip' : 'idle')) : t(mode === 'ship' ? 'idleShip' : 'idle'),
    finding: t('finding', { code: notes[0]?.code ?? '' }),
    choosing: t('choosing'),
    working: work && isComplete(work) ? t('ready') : t('working', { n: all - (work ? missing(work) : 0), all }),
    closing: t('closing'),
    done: t('done'),
    stopped: stop ? (stop.what === 'WRONG_ITEM' || stop.what === 'SURPLUS_ITEM' ? t(stop.what) : reasonText(stop.what)) : t('stopped'),
  }[phase];
  return (
    <div className="st-band" data-phase={phase} role={phase === 'stopped' ? 'alert' : 'status'} aria-live={phase === 'stopped' ? 'assertive' : 'polite'} data-testid="band" data-print-ms={printMs}>
      <div>
        {phase === 'stopped' && <strong className="st-stop">{t('stopped')}</strong>}
        <div className="st-band-text">{text}</div>
        {phase === 'stopped' && stop && (stop.what === 'WRONG_ITEM' || stop.what === 'SURPLUS_ITEM') && <div>{t('takeOut', { code: stop.code })}</div>}
        {phase === 'stopped' && stop?.detail !== '' && <div className="st-band-more">{stop?.detail}</div>}
        {phase !== 'stopped' && work && (
          <div className="st-band-more">
            {[work.number, work.carrier, work.waybill].filter(Boolean).join(' · ')}
            {printMs !== undefined && work.printed ? ` · ${t('tookMs', { n: printMs })}` : ''}
          </div>
        )}
      </div>
      {phase === 'stopped' && (
        <Button color="dark" variant="white" size="sm" onClick={() => send({ type: 'acknowledge' })} rightSection={<Hint keys="Escape" />}>
          {t('goOn')}
        </Button>
      )}
    </div>
  );
};

const Lines = ({ work, t }: { readonly work: Work; readonly t: Say<typeof words> }) => {
  const all = work.lines.reduce((sum, { quantity }) => sum + quantity, 0);
  return (
    <Stack gap={6}>
      <Progress value={all === 0 ? 0 : ((all - missing(work)) / all) * 100} size="lg" color={isComplete(work) ? 'teal' : 'brand'} aria-label={t('working', { n: all - missing(work), all })} />
      {work.advice.length > 0 && (
        <Group gap={6}>
          <Text fw={600}>{t('advice')}:</Text>
          {work.advice.map((code) => (
            <Tag key={code} color="orange">
              {code in words.en ? t(code as 'FRAGILE') : code}
            </Tag>
          ))}
        </Group>
      )}
      <Table verticalSpacing={6} className="st-lines">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('item')}</Table.Th>
            <Table.Th ta="end">{t('quantity')}</Table.Th>
            <Table.Th ta="end">{t('scanned')}</Table.Th>
            <Table.Th ta="end">{t('left')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {work.lines.map((line) => (
            <Table.Tr key={line.sku} data-complete={line.scanned >= line.quantity || undefined}>
              <Table.Td>
                <Text fw={600}>{line.name || line.sku}</Text>
                <Text size="xs" c="dimmed" ff="monospace">
                  {line.sku}
                </Text>
              </Table.Td>
              <Table.Td ta="end">{line.quantity}</Table.Td>
              <Table.Td ta="end">{line.scanned}</Table.Td>
              <Table.Td ta="end" fw={700}>
                {line.scanned >= line.quantity ? '✓' : line.quantity - line.scanned}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
};

const Notes = ({ notes, t }: { readonly notes: readonly Note[]; readonly t: Say<typeof words> }) => (
  <Paper component="section" aria-label={t('lastScans')}>
    <Text fw={600} mb={4}>
      {t('lastScans')}
    </Text>
    {notes.length === 0 && <Text c="dimmed">{t('noScans')}</Text>}
    <ol className="st-notes" data-testid="last-scans">
      {notes.map((note) => (
        <li key={note.id} data-tone={note.tone}>
          <Tag color={toneColor[note.tone]}>{t(note.tone)}</Tag>
          <span className="st-code">{note.code}</span>
          <span>{noteText(t, note)}</span>
        </li>
      ))}
    </ol>
  </Paper>
);

const jobColor: Readonly<Record<string, string>> = { QUEUED: 'gray', SENT: 'brand', PRINTED: 'teal', FAILED: 'red' };

const Papers = ({ parcelId, onReprint, t }: { readonly parcelId: string; readonly onReprint: () => void; readonly t: Say<typeof words> }) => {
  const { data } = useRpc('flotilla.carrier.v1.Printing/List', { parcelId, page: { size: 6 } }, { live: ['printJob'], every: 5_000 });
  return (
    <Paper component="section" aria-label={t('papers')}>
      <Group justify="space-between" mb={4}>
        <Text fw={600}>{t('papers')}</Text>
        <Button variant="default" size="compact-xs" onClick={onReprint}>
          {t('reprint')}
        </Button>
      </Group>
      {data?.jobs.length === 0 && <Text c="dimmed">{t('noPapers')}</Text>}
      <Stack gap={4}>
        {data?.jobs.map((job) => (
          <Group key={job.jobId} gap={6} wrap="nowrap" data-testid="paper">
            <Tag color={jobColor[job.state] ?? 'gray'}>{t(job.state as 'QUEUED')}</Tag>
            <Text lineClamp={2}>
              {t(job.document as 'LABEL')} {job.copy > 1 ? `#${job.copy}` : ''} · {job.printer}
              {job.reason === '' ? '' : ` · ${job.reason}`}
              {job.detail === '' ? '' : ` · ${job.detail}`}
            </Text>
          </Group>
        ))}
      </Stack>
    </Paper>
  );
};

const reasonsOf = ['why.smudged', 'why.jam', 'why.lost', 'why.size'] as const;

const ReprintDialog = ({ work, onClose, onPrint, t }: { readonly work: Work | null; readonly onClose: () => void; readonly onPrint: (documents: readonly string[], reason: string) => Promise<unknown>; readonly t: Say<typeof words> }) => {
  const [reason, setReason] = useState('');
  const [documents, setDocuments] = useState('LABEL');
  const [busy, setBusy] = useState(false);
  useEffect(() => setReason(''), [work?.parcelId]);
  return (
    <Modal opened={work !== null} onClose={onClose} title={t('reprintTitle')} closeButtonProps={{ 'aria-label': asWords('close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (reason.trim() === '' || busy) return;
          setBusy(true);
          void onPrint(documents === 'both' ? ['LABEL', 'PACKING_SLIP'] : [documents], reason.trim()).finally(() => setBusy(false));
        }}
      >
        <Stack gap="sm">
          <Text c="dimmed">{t('reprintMore')}</Text>
          <SegmentedControl aria-label={t('documents')} value={documents} onChange={setDocuments} data={[{ value: 'LABEL', label: t('LABEL') }, { value: 'PACKING_SLIP', label: t('PACKING_SLIP') }, { value: 'both', label: `${t('LABEL')} + ${t('PACKING_SLIP')}` }]} />
          <Group gap={6}>
            {reasonsOf.map((key) => (
              <Button key={key} size="compact-sm" variant={reason === t(key) ? 'filled' : 'default'} onClick={() => setReason(t(key))} aria-pressed={reason === t(key)}>
                {t(key)}
              </Button>
            ))}
          </Group>
          <TextInput label={asWords('reason')} required maxLength={200} value={reason} data-autofocus onChange={(event) => setReason(event.currentTarget.value)} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {asWords('cancel')}
            </Button>
            <Button type="submit" disabled={reason.trim() === ''} loading={busy}>
              {t('reprint')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
};

export default function StationPage() {
  const t = useWords(words);
  const session = useSession();
  const maySetUp = useMay('flotilla.carrier.v1.Printing/PutStation');
  const [stationId, setStationId] = useState(() => kept('id', ''));
  const [muted, setMuted] = useState(() => kept('muted', '') === 'yes');
  const [camera, setCamera] = useState(false);
  const [card, setCard] = useState(false);
  const [composed, setComposed] = useState(false);
  const [typed, setTyped] = useState('');
  const { data: stations } = useRpc('flotilla.carrier.v1.Printing/ListStations', {}, { every: 10_000 });
  const chosen = stations?.stations.find(({ station }) => station === stationId) ?? (stations?.stations.length === 1 ? stations.stations[0] : undefined);
  const { state, send, printMs, shipped } = useStation({ station: chosen?.station ?? '', warehouse: chosen?.warehouse ?? '', packer: session.user }, muted);
  const { work, phase, mode } = state;
  const scan = useCallback((code: string, at: number) => send({ type: 'scan', code, at }), [send]);
  useScanner(scan, { onComposed: () => setComposed(true) });
  useHotkeys(t('title'), [{ key: 'Escape', label: t('goOn'), run: () => send({ type: 'acknowledge' }) }], phase === 'stopped');

  const reprint = async (documents: readonly string[], reason: string): Promise<void> => {
    if (!work) return;
    try {
      await print(chosen?.station ?? '', work.parcelId, { documents, reason });
      toast({ message: t('reprintSent'), tone: 'done' });
      send({ type: 'modal', open: false });
    } catch (error) {
      tellError(asRpcError(error));
    }
  };

  return (
    <Page
      title={t('title')}
      subtitle={shipped > 0 ? t('shippedCount', { n: shipped }) : undefined}
      actions={
        <>
          <Select aria-label={t('station')} placeholder={t('noStation')} w={170} data={stations?.stations.map(({ station, name }) => ({ value: station, label: name })) ?? []} value={chosen?.station ?? null} onChange={(value) => (setStationId(value ?? ''), keep('id', value ?? ''))} />
          <Tooltip label={muted ? t('soundOff') : t('soundOn')}>
            <ActionIcon size="lg" aria-label={t('sound')} aria-pressed={!muted} onClick={() => (setMuted(!muted), keep('muted', muted ? '' : 'yes'))}>
              {muted ? <IconVolumeOff size={18} /> : <IconVolume size={18} />}
            </ActionIcon>
          </Tooltip>
          <Tooltip label={camera ? t('cameraOff') : t('camera')}>
            <ActionIcon size="lg" aria-label={camera ? t('cameraOff') : t('camera')} aria-pressed={camera} onClick={() => setCamera(!camera)}>
              {camera ? <IconCameraOff size={18} /> : <IconCamera size={18} />}
            </ActionIcon>
          </Tooltip>
          <Button variant="default" leftSection={<IconId size={16} />} onClick={() => setCard(true)}>
            {t('card')}
          </Button>
        </>
      }
    >
      {composed && (
        <Alert color="yellow" title={t('ime')} withCloseButton closeButtonLabel={t('gotIt')} onClose={() => setComposed(false)} data-testid="ime">
          {t('imeMore')}
        </Alert>
      )}
      {stations?.stations.length === 0 && (
        <Alert color="yellow" title={t('noStations')}>
          {t('noStationsMore')}{' '}
          {maySetUp && (
            <Anchor component={Link} to="/setup/stations" size="sm">
              {t('setUp')}
            </Anchor>
          )}
        </Alert>
      )}
      <div className="st-room">
        <Stack gap="sm" className="st-main">
          <Group gap="sm" align="end" wrap="wrap">
            <SegmentedControl
              aria-label={t('mode')}
              value={mode}
              onChange={(value) => (keep('mode', value), send({ type: 'mode', mode: value as Mode }))}
              disabled={phase !== 'idle' && phase !== 'done'}
              data={[{ value: 'verify', label: t('verify') }, { value: 'print', label: t('print') }, { value: 'ship', label: t('ship') }]}
            />
            <form
              className="st-scan"
              onSubmit={(event) => {
                event.preventDefault();
                const code = typed.trim();
                if (code === '') return;
                setTyped('');
                scan(code, event.timeStamp);
              }}
            >
              <TextInput size="md" aria-label={t('scanHere')} placeholder={`${t('scanHere')}: ${t('scanHint')}`} leftSection={<IconBarcode size={20} />} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} maxLength={100} autoComplete="off" spellCheck={false} data-testid="scan-field" autoFocus={window.matchMedia('(hover: hover)').matches} />
              <Button type="submit" size="md" variant="default">
                {t('look')}
              </Button>
            </form>
          </Group>
          {camera && (
            <Suspense fallback={null}>
              <Camera onCode={(code) => scan(code, performance.now())} />
            </Suspense>
          )}
          <Band state={state} send={send} printMs={printMs} t={t} />
          {phase === 'choosing' && (
            <Group gap="xs">
              {state.choices.map((one) => (
                <Button key={one.parcelId} variant="default" onClick={() => send({ type: 'choose', parcelId: one.parcelId })}>
                  {one.waybill} · {one.lines.map(({ quantity, sku }) => `${quantity} × ${sku}`).join(', ')}
                </Button>
              ))}
            </Group>
          )}
          {work && <Lines work={work} t={t} />}
          {!work && phase === 'idle' && <Empty title={t(mode === 'ship' ? 'idleShip' : 'idle')} icon={<IconBarcode size={26} />} />}
        </Stack>
        <Stack gap="sm" className="st-side">
          <Notes notes={state.notes} t={t} />
          {work && <Papers parcelId={work.parcelId} onReprint={() => send({ type: 'command', command: 'CMD-REPRINT' })} t={t} />}
          {work && work.waybill !== '' && (
            <Paper component="section" aria-label={t('preview')}>
              <Group justify="space-between" mb={6}>
                <Text fw={600}>{t('preview')}</Text>
                <Tag>ZPL</Tag>
              </Group>
              <Suspense fallback={null}>
                <LabelPreview parcelId={work.parcelId} waybill={work.waybill} />
              </Suspense>
            </Paper>
          )}
        </Stack>
      </div>
      <ReprintDialog work={state.modal ? work : null} onClose={() => send({ type: 'modal', open: false })} onPrint={reprint} t={t} />
      <DeskCard opened={card} onClose={() => setCard(false)} />
    </Page>
  );
}
