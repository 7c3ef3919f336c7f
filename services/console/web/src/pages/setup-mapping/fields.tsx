import { ActionIcon, Button, Checkbox, Group, Select, Text, TextInput, Tooltip } from '@mantine/core';
import type { ingest } from '@flotilla/contracts';
import { IconMathFunction, IconX } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { Tag, useWords } from '../../kit/index.js';
import { assign, express, fits, groups, needed, unassign, type Leaf, type Sample } from './model.js';
import { fieldWords, words } from './words.js';

type FieldName = keyof (typeof fieldWords)['en'];

/** What is being dragged, by mouse or by keyboard. */
export interface Held {
  readonly leaf: Leaf | undefined;
  readonly hold: (leaf: Leaf | undefined) => void;
}

/** A value of the sample: dragged, or picked up by a key. */
export const LeafChip = ({ leaf, held, used }: { readonly leaf: Leaf; readonly held: Held; readonly used: boolean }) => {
  const isHeld = held.leaf?.path === leaf.path && held.leaf.line === leaf.line;
  return (
    <button
      type="button"
      className="mp-leaf"
      draggable
      aria-pressed={isHeld}
      data-used={used || undefined}
      data-held={isHeld || undefined}
      data-path={leaf.path}
      onClick={() => held.hold(isHeld ? undefined : leaf)}
      onDragStart={(event) => {
        event.dataTransfer.setData('text/plain', leaf.path);
        event.dataTransfer.effectAllowed = 'copy';
        held.hold(leaf);
      }}
      onDragEnd={() => held.hold(undefined)}
    >
      <span className="mp-path">{leaf.path}</span>
      <span className="mp-example">{leaf.example === '' ? '–' : leaf.example}</span>
    </button>
  );
};

const Target = ({ name, title, rule, sample, held, onDrop, onRemove, isNeeded, after, children }: { readonly name: string; readonly title: string; readonly rule: { readonly from: readonly string[]; readonly expression: string } | undefined; readonly sample: Sample | undefined; readonly held: Held; readonly onDrop: (path: string) => void; readonly onRemove: (path: string) => void; readonly isNeeded: boolean; readonly after?: ReactNode; readonly children?: ReactNode }) => {
  const t = useWords(words);
  const [over, setOver] = useState(false);
  const fitting = held.leaf !== undefined && (sample === undefined || fits(held.leaf, name, sample.kind));
  const put = (): void => {
    if (held.leaf && fitting) onDrop(held.leaf.path);
    held.hold(undefined);
    setOver(false);
  };
  return (
    <div
      className="mp-field"
      data-field={name}
      data-over={(over && fitting) || undefined}
      data-fits={fitting || undefined}
      onDragOver={(event) => {
        if (!fitting) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        put();
      }}
    >
      <div className="mp-name">
        <Text fw={600}>{title}</Text>
        {isNeeded && !rule && (
          <Tag color="orange">{t('needed')}</Tag>
        )}
      </div>
      <div className="mp-from">
        {rule?.from.map((path, place) => (
          <span key={path} className="mp-chip">
            {place > 0 && <em>{t('orElse')}</em>}
            {path}
            <ActionIcon size={16} aria-label={t('remove', { path, field: title })} onClick={() => onRemove(path)}>
              <IconX size={12} />
            </ActionIcon>
          </span>
        ))}
        {fitting ? (
          <Button size="compact-xs" variant="light" onClick={put}>
            {t('dropOn', { path: held.leaf!.path, field: title })}
          </Button>
        ) : (
          !rule && <Text c="dimmed" size="xs">{t('drop')}</Text>
        )}
        {children}
      </div>
      {after}
    </div>
  );
};

const Formula = ({ title, value, onChange }: { readonly title: string; readonly value: string; readonly onChange: (value: string) => void }) => {
  const t = useWords(words);
  const [open, setOpen] = useState(value !== '');
  return open ? (
    <TextInput className="mp-formula" aria-label={t('expressionOf', { field: title })} placeholder={t('expressionHint')} value={value} onChange={(event) => onChange(event.currentTarget.value)} maxLength={1_000} ff="monospace" />
  ) : (
    <Tooltip label={t('expression')}>
      <ActionIcon size="sm" aria-label={t('expressionOf', { field: title })} onClick={() => setOpen(true)}>
        <IconMathFunction size={14} />
      </ActionIcon>
    </Tooltip>
  );
};

/** A group of our fields, each a place to drop a value. */
export const FieldGroup = ({ group, mapping, sample, held, onChange }: { readonly group: keyof typeof groups; readonly mapping: ingest.Mapping; readonly sample: Sample | undefined; readonly held: Held; readonly onChange: (mapping: ingest.Mapping) => void }) => {
  const t = useWords(words);
  const f = useWords(fieldWords);
  return (
    <section aria-label={t(group)} className="mp-group">
      <Text component="h3" fw={650} size="sm">
        {t(group)}
      </Text>
      {groups[group].map((field) => {
        const rule = mapping.fields.find((one) => one.field === field);
        const title = f(field as FieldName);
        return (
          <Target key={field} name={field} title={title} rule={rule} sample={sample} held={held} isNeeded={needed.includes(field)} onDrop={(path) => onChange(assign(mapping, field, path))} onRemove={(path) => onChange(unassign(mapping, field, path))}>
            <Formula title={title} value={rule?.expression ?? ''} onChange={(expression) => onChange(express(mapping, field, expression))} />
          </Target>
        );
      })}
    </section>
  );
};

const types = ['TEXT', 'NUMBER', 'BOOL', 'INSTANT'];

/** Fields that the channel has beyond ours. */
export const CustomFields = ({ mapping, held, onChange }: { readonly mapping: ingest.Mapping; readonly held: Held; readonly onChange: (mapping: ingest.Mapping) => void }) => {
  const t = useWords(words);
  const change = (place: number, with_: Partial<ingest.CustomField> | undefined): void => onChange({ ...mapping, custom: mapping.custom.flatMap((one, at) => (at !== place ? [one] : with_ === undefined ? [] : [{ ...one, ...with_ }])) });
  return (
    <section aria-label={t('custom')} className="mp-group">
      <Text component="h3" fw={650} size="sm">
        {t('custom')}
      </Text>
      {mapping.custom.map((custom, place) => (
        <Target
          key={place}
          name={`custom.${custom.name}`}
          title={custom.name || '…'}
          rule={custom.from.length > 0 ? custom : undefined}
          sample={undefined}
          held={held}
          isNeeded={custom.required}
          onDrop={(path) => change(place, { from: [...custom.from, path] })}
          onRemove={(path) => change(place, { from: custom.from.filter((one) => one !== path) })}
          after={
            <Group gap="xs" mt={4}>
              <TextInput aria-label={t('customName')} placeholder="live_coupon" w={150} value={custom.name} onChange={(event) => change(place, { name: event.currentTarget.value })} />
              <Select aria-label={t('customType')} w={100} data={types} value={custom.type || 'TEXT'} allowDeselect={false} onChange={(type) => change(place, { type: type ?? 'TEXT' })} />
              <Checkbox label={t('required')} checked={custom.required} onChange={(event) => change(place, { required: event.currentTarget.checked })} />
              <Checkbox label={t('personal')} checked={custom.personal} onChange={(event) => change(place, { personal: event.currentTarget.checked })} />
              <ActionIcon aria-label={t('remove', { path: custom.name, field: t('custom') })} onClick={() => change(place, undefined)}>
                <IconX size={14} />
              </ActionIcon>
            </Group>
          }
        />
      ))}
      <Button variant="default" size="compact-xs" mt={6} onClick={() => onChange({ ...mapping, custom: [...mapping.custom, { name: '', type: 'TEXT', from: held.leaf ? [held.leaf.path] : [], expression: '', required: false, values: [], personal: false }] })}>
        {t('addCustom')}
      </Button>
    </section>
  );
};
