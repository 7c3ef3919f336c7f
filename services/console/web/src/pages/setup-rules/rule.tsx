import { ActionIcon, Group, NumberInput, Paper, SimpleGrid, TagsInput, Text, TextInput } from '@mantine/core';
import type { allocation } from '@flotilla/contracts';
import { IconTrash } from '@tabler/icons-react';
import { Tag, useWords } from '../../kit/index.js';
import { words } from './words.js';

export interface Known {
  readonly warehouses: readonly string[];
  readonly carriers: readonly string[];
  readonly channels: readonly string[];
}

/** One rule: when it applies, and what it excludes or demands. */
export const RuleCard = ({ rule, known, matched, locked, onChange, onRemove }: { readonly rule: allocation.RoutingRule; readonly known: Known; readonly matched: number | undefined; readonly locked: boolean; readonly onChange: (rule: allocation.RoutingRule) => void; readonly onRemove: () => void }) => {
  const t = useWords(words);
  const { when, exclude, only } = rule;
  const condition = (name: 'countries' | 'provinces' | 'cities' | 'channels' | 'services' | 'tags', data: readonly string[] = []) => (
    <TagsInput label={t(name)} placeholder={when[name].length === 0 ? t('any') : ''} disabled={locked} data={[...data]} value={[...when[name]]} onChange={(value) => onChange({ ...rule, when: { ...when, [name]: value } })} />
  );
  const figure = (name: 'gramsAbove' | 'gramsUpTo' | 'priorityFrom') => <NumberInput label={t(name)} min={0} disabled={locked} value={when[name]} onChange={(value) => onChange({ ...rule, when: { ...when, [name]: Number(value) } })} />;
  const target = (side: 'exclude' | 'only', name: 'carriers' | 'warehouses', label: 'excludeCarriers' | 'onlyCarriers' | 'excludeWarehouses' | 'onlyWarehouses') => (
    <TagsInput label={t(label)} disabled={locked} data={[...known[name]]} value={[...(side === 'exclude' ? exclude : only)[name]]} onChange={(value) => onChange({ ...rule, [side]: { ...rule[side], [name]: value } })} />
  );
  return (
    <Paper component="section" aria-label={rule.name || t('ruleName')}>
      <Group justify="space-between" wrap="nowrap" align="end" mb="xs">
        <TextInput label={t('ruleName')} value={rule.name} disabled={locked} maxLength={100} onChange={(event) => onChange({ ...rule, name: event.currentTarget.value })} style={{ flex: 1 }} />
        {matched !== undefined && (
          <div data-testid="matched">
            <Tag color="brand">{t('matched', { n: matched })}</Tag>
          </div>
        )}
        {!locked && (
          <ActionIcon aria-label={t('remove', { name: rule.name })} onClick={onRemove}>
            <IconTrash size={16} />
          </ActionIcon>
        )}
      </Group>
      <Text fw={600} size="xs" c="dimmed">
        {t('when')}
      </Text>
      <SimpleGrid cols={{ base: 2, md: 4 }} mb="xs">
        {condition('provinces')}
        {condition('cities')}
        {condition('countries')}
        {condition('channels', known.channels)}
        {figure('gramsAbove')}
        {figure('gramsUpTo')}
        {condition('services', ['STANDARD', 'EXPRESS', 'PICKUP', 'SAME_CITY'])}
        {condition('tags')}
      </SimpleGrid>
      <Text fw={600} size="xs" c="dimmed">
        {t('then')}
      </Text>
      <SimpleGrid cols={{ base: 2, md: 4 }}>
        {target('exclude', 'carriers', 'excludeCarriers')}
        {target('only', 'carriers', 'onlyCarriers')}
        {target('exclude', 'warehouses', 'excludeWarehouses')}
        {target('only', 'warehouses', 'onlyWarehouses')}
      </SimpleGrid>
    </Paper>
  );
};
