import { ActionIcon, Button, Checkbox, Combobox, Group, Menu, Pill, Popover, ScrollArea, Stack, Text, TextInput, useCombobox } from '@mantine/core';
import { IconFilter, IconX } from '@tabler/icons-react';
import { memo, useEffect, useMemo, useRef, useState } from 'react';
import { Hint, useHotkeys, useLocale, useWords } from '../../kit/index.js';
import { fields } from './fields.js';
import { added, caretAt, compile, conditionText, parse, replaced, toggledValue, valueText, without, type Condition, type Fault, type Term } from './filter-language.js';
import { named, waitName } from './names.js';
import { words } from './words.js';

/** What people read for a value of a field. */
const valueName = (field: string, value: string): string => {
  switch (field) {
    case 'state':
      return named('state', value);
    case 'waits':
      return waitName(value);
    case 'hold':
      return named('hold', value);
    default:
      return value;
  }
};

const asChip = (term: Term, text: string): string => {
  if (term.kind !== 'condition') return text.slice(term.from, term.to);
  return `${term.negated ? '≠ ' : ''}${term.field}${term.operator === ':' ? ': ' : ` ${term.operator} `}${term.values.map((value) => valueName(term.field, value)).join(', ')}`;
};

const FaultNote = ({ fault }: { readonly fault: Fault }) => {
  const t = useWords(words);
  return (
    <Text size="xs" c="var(--mantine-color-error)" role="alert">
      {t('column', { n: fault.from + 1 })}: {t(fault.what, fault.values)}
    </Text>
  );
};

/** A chip: it says a term, its menu changes the values, its cross takes it away. */
const Chip = ({ term, n, text, values, onChange }: { readonly term: Term; readonly n: number; readonly text: string; readonly values: readonly string[]; readonly onChange: (text: string) => void }) => {
  const t = useWords(words);
  const label = asChip(term, text);
  const body = (
    <Pill component="span" size="sm" className="f-chip">
      {label}
    </Pill>
  );
  return (
    <Group gap={0} wrap="nowrap" className="f-chip-group">
      {term.kind === 'condition' && term.operator === ':' && values.length > 0 ? (
        <Popover position="bottom-start" shadow="md" trapFocus>
          <Popover.Target>
            <button type="button" className="f-plain" aria-label={t('edit', { term: label })}>
              {body}
            </button>
          </Popover.Target>
          <Popover.Dropdown p="xs">
            <ScrollArea.Autosize mah={280} type="auto">
              <Stack gap={8}>
                {values.map((value) => (
                  <Checkbox
                    key={value}
                    label={valueName(term.field, value)}
                    checked={term.values.includes(value)}
                    onChange={() => {
                      const next = term.values.includes(value) ? term.values.filter((one) => one !== value) : [...term.values, value];
                      onChange(next.length === 0 ? without(text, n) : replaced(text, n, conditionText(term.field, ':', next, term.negated)));
                    }}
                  />
                ))}
              </Stack>
            </ScrollArea.Autosize>
          </Popover.Dropdown>
        </Popover>
      ) : (
        body
      )}
      <button type="button" className="f-plain f-chip-x" aria-label={t('remove', { term: label })} onClick={() => onChange(without(text, n))}>
        <IconX size={11} aria-hidden />
      </button>
    </Group>
  );
};

/**
 * One text in three forms: what is typed, chips, and (by whoever holds it) the address bar. `known`: values that a field may have, where the
 * console knows them.
 */
export const QueryBar = memo(({ value, known, onChange }: { readonly value: string; readonly known: Readonly<Record<string, readonly string[]>>; readonly onChange: (text: string) => void }) => {
  const t = useWords(words);
  const locale = useLocale();
  const [text, setText] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const [caret, setCaret] = useState(0);
  useEffect(() => setText(value), [value]);
  useHotkeys(t('title'), [{ key: '/', label: t('focusQuery'), run: () => input.current?.focus() }]);

  const valuesOf = (field: string): readonly string[] => {
    const one = fields[field];
    return one?.kind === 'list' ? (one.values ?? known[field] ?? []) : (known[field] ?? []);
  };
  const faults = useMemo(() => compile(text).faults, [text]);
  const shown = useMemo(() => parse(value), [value]);
  const at = caretAt(text, caret);
  const typed = at.typed.toLowerCase();
  const proposals = (
    at.kind === 'field'
      ? Object.keys(fields).filter((field) => typed !== '' && field.startsWith(typed)).map((field) => ({ value: `${field}:`, label: field, hint: '' }))
      : valuesOf(at.field)
          .filter((one) => one.toLowerCase().includes(typed) || valueName(at.field, one).toLowerCase().includes(typed))
          .map((one) => ({ value: valueText(one), label: one, hint: valueName(at.field, one) === one ? '' : valueName(at.field, one) }))
  ).slice(0, 12);

  const take = (proposal: string): void => {
    const next = `${text.slice(0, at.from)}${proposal}${text.slice(at.from + at.typed.length)}`;
    const place = at.from + proposal.length;
    setText(next);
    setCaret(place);
    combobox.resetSelectedOption();
    if (!proposal.endsWith(':')) combobox.closeDropdown();
    requestAnimationFrame(() => input.current?.setSelectionRange(place, place));
  };
  const submit = (next: string): void => {
    combobox.closeDropdown();
    setText(next);
    if (compile(next).faults.length === 0) onChange(next.trim());
  };

  return (
    <Stack gap={4} data-tour="query">
      <Combobox store={combobox} onOptionSubmit={take} position="bottom-start" width={320}>
        <Combobox.Target withAriaAttributes>
          <TextInput
            ref={input}
            size="sm"
            aria-label={t('query')}
            placeholder={t('queryHint')}
            value={text}
            error={faults.length > 0}
            leftSection={<IconFilter size={15} aria-hidden />}
            rightSectionWidth={text === '' ? 28 : 30}
            rightSection={
              text === '' ? (
                <Hint keys="/" />
              ) : (
                <ActionIcon aria-label={t('clear')} onClick={() => submit('')}>
                  <IconX size={14} />
                </ActionIcon>
              )
            }
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => {
              setText(event.currentTarget.value);
              setCaret(event.currentTarget.selectionStart ?? event.currentTarget.value.length);
              combobox.openDropdown();
              combobox.resetSelectedOption();
            }}
            onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? 0)}
            onBlur={() => combobox.closeDropdown()}
            onKeyDown={(event) => {
              if (event.nativeEvent.isComposing) return;
              if (event.key === 'Tab' && combobox.dropdownOpened && proposals.length > 0 && at.typed !== '') {
                event.preventDefault();
                take(proposals[0]!.value);
              }
              if (event.key === 'Enter' && (combobox.getSelectedOptionIndex() < 0 || !combobox.dropdownOpened)) {
                event.preventDefault();
                submit(text);
                if (faults.length === 0) event.currentTarget.blur();
              }
              if (event.key === 'Escape') {
                if (combobox.dropdownOpened) combobox.closeDropdown();
                else {
                  setText(value);
                  event.currentTarget.blur();
                }
              }
            }}
          />
        </Combobox.Target>
        {proposals.length > 0 && (
          <Combobox.Dropdown>
            <Combobox.Options aria-label={t('proposals')}>
              {proposals.map((one) => (
                <Combobox.Option key={one.value} value={one.value}>
                  <Group justify="space-between" gap="xs" wrap="nowrap">
                    <Text size="sm" ff="monospace">
                      {one.label}
                    </Text>
                    <Text size="xs" c="dimmed" lang={locale}>
                      {one.hint}
                    </Text>
                  </Group>
                </Combobox.Option>
              ))}
            </Combobox.Options>
          </Combobox.Dropdown>
        )}
      </Combobox>
      {faults.length > 0 && <FaultNote fault={faults[0]!} />}
      <Group gap={4}>
        {shown.terms.map((term, n) => (
          <Chip key={`${n} ${value.slice(term.from, term.to)}`} term={term} n={n} text={value} values={term.kind === 'condition' ? valuesOf(term.field) : []} onChange={submit} />
        ))}
        <FilterMenu text={value} valuesOf={valuesOf} onChange={submit} onType={(start) => {
          setText(start);
          setCaret(start.length);
          input.current?.focus();
        }} />
      </Group>
    </Stack>
  );
});

const offered = ['state', 'waits', 'hold', 'can', 'channel', 'warehouse', 'service'] as const;
const typedFields = ['waiting>', 'placed>=', 'total>=', 'sku:', 'tag:', 'carrier:', 'country:', 'place:', 'buyer:'] as const;

const FilterMenu = ({ text, valuesOf, onChange, onType }: { readonly text: string; readonly valuesOf: (field: string) => readonly string[]; readonly onChange: (text: string) => void; readonly onType: (text: string) => void }) => {
  const t = useWords(words);
  const chosen = (field: string): readonly string[] => parse(text).terms.find((term): term is Condition => term.kind === 'condition' && term.field === field && term.operator === ':' && !term.negated)?.values ?? [];
  return (
    <Menu shadow="md" position="bottom-start" closeOnItemClick={false} width={200}>
      <Menu.Target>
        <Button size="compact-xs" variant="subtle" color="gray">
          + {t('addFilter')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {offered
          .filter((field) => valuesOf(field).length > 0)
          .map((field) => (
            <Menu.Sub key={field}>
              <Menu.Sub.Target>
                <Menu.Sub.Item>{field}</Menu.Sub.Item>
              </Menu.Sub.Target>
              <Menu.Sub.Dropdown>
                <ScrollArea.Autosize mah={320} type="auto">
                  {valuesOf(field).map((value) => (
                    <Menu.Item key={value} onClick={() => onChange(toggledValue(text, field, value))} aria-checked={chosen(field).includes(value)} role="menuitemcheckbox" leftSection={<span style={{ width: 12, display: 'inline-block' }}>{chosen(field).includes(value) ? '✓' : ''}</span>}>
                      {valueName(field, value)}
                    </Menu.Item>
                  ))}
                </ScrollArea.Autosize>
              </Menu.Sub.Dropdown>
            </Menu.Sub>
          ))}
        <Menu.Divider />
        {typedFields.map((field) => (
          <Menu.Item key={field} closeMenuOnClick onClick={() => onType(added(text, field))} ff="monospace">
            {field}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
};
