import { Button, Modal, Stack, Text } from '@mantine/core';
import { IconPrinter } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { useWords } from '../../kit/index.js';
import { asWords } from '../../kit/words.js';
import { commands } from './station.js';
import { words } from './words.js';

const Barcode = ({ code }: { readonly code: string }) => {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    void import('bwip-js/browser').then(({ toCanvas }) => {
      if (canvas.current) toCanvas(canvas.current, { bcid: 'code128', text: code, scale: 3, height: 12, includetext: true, textxalign: 'center' });
    });
  }, [code]);
  return <canvas ref={canvas} role="img" aria-label={code} />;
};

/** Commands as barcodes, to be printed and laid on the desk. */
export const DeskCard = ({ opened, onClose }: { readonly opened: boolean; readonly onClose: () => void }) => {
  const t = useWords(words);
  return (
    <Modal opened={opened} onClose={onClose} title={t('card')} closeButtonProps={{ 'aria-label': asWords('close') }} size="lg">
      <Stack gap="md">
        <Text className="st-no-print" c="dimmed">
          {t('cardMore')}
        </Text>
        <div className="st-card">
          {commands.map((code) => (
            <section key={code}>
              <Barcode code={code} />
              <Text>{t(`command${code.slice(4)}` as 'commandNEXT')}</Text>
            </section>
          ))}
        </div>
        <Button className="st-no-print" leftSection={<IconPrinter size={16} />} onClick={() => window.print()}>
          {t('printCard')}
        </Button>
      </Stack>
    </Modal>
  );
};
