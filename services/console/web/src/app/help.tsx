import { Group, Modal, SimpleGrid, Stack, Table, Text, TextInput, Title } from '@mantine/core';
import { useState } from 'react';
import { Hint, reasonText, useLocale, useShownHotkeys, useWords } from '../kit/index.js';
import { words } from './words.js';

/** `?`: the keys that work now, and what a refusal's reason means. */
export const Help = ({ opened, onClose }: { readonly opened: boolean; readonly onClose: () => void }) => {
  const t = useWords(words);
  const locale = useLocale();
  const shown = useShownHotkeys();
  const [reason, setReason] = useState('');
  const code = reason.trim().toUpperCase();
  const meaning = code === '' ? '' : reasonText(code, locale);
  const groups = [...new Set(shown.map(({ group }) => group))];
  return (
    <Modal opened={opened} onClose={onClose} title={t('help')} size="lg" closeButtonProps={{ 'aria-label': t('tourClose') }}>
      <Stack gap="md">
        <Text c="dimmed">{t('helpHint')}</Text>
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
          {groups.map((group) => (
            <div key={group}>
              <Title order={2} size="h4" mb={4}>
                {group}
              </Title>
              <Table verticalSpacing={3} horizontalSpacing={4}>
                <Table.Tbody>
                  {shown
                    .filter((one) => one.group === group)
                    .map((one) => (
                      <Table.Tr key={`${one.key} ${one.label}`}>
                        <Table.Td w={70}>
                          <Hint keys={one.key} />
                          <span className="f-unseen">{one.key}</span>
                        </Table.Td>
                        <Table.Td>{one.label}</Table.Td>
                      </Table.Tr>
                    ))}
                </Table.Tbody>
              </Table>
            </div>
          ))}
        </SimpleGrid>
        <TextInput label={t('reasons')} description={t('reasonsHint')} placeholder="ALREADY_SHIPPED" value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
        {meaning !== '' && meaning !== code && (
          <Group gap="xs" role="status">
            <Text fw={600}>{meaning}</Text>
          </Group>
        )}
      </Stack>
    </Modal>
  );
};
