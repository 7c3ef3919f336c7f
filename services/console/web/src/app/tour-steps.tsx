import { Tour } from '@mantine/core';
import { useState } from 'react';
import { useWords } from '../kit/index.js';
import { words } from './words.js';

/** What a page marks with `data-tour`, so that the first look can point at it. */
const steps = ['views', 'query', 'waits', 'jump'] as const;

/** A first look at the desk; one click ends it. */
export const FirstLook = ({ onEnd }: { readonly onEnd: () => void }) => {
  const t = useWords(words);
  const [step, setStep] = useState(0);
  const mac = /Mac|iPhone|iPad/.test(navigator.platform);
  return (
    <Tour active onClose={onEnd} step={step} onStepChange={setStep} closeOnOverlayClick labels={{ next: t('tourNext'), back: t('tourPrevious'), skip: t('tourClose'), close: t('tourDone'), stepCounter: (n, of) => t('tourStep', { n, of }) }}>
      {steps.map((target, n) => (
        <Tour.Step key={target} target={`[data-tour="${target}"]`} title={t(`tour${(n + 1) as 1 | 2 | 3 | 4}`)}>
          {t(`tour${(n + 1) as 1 | 2 | 3 | 4}More`, { key: mac ? '⌘K' : 'Ctrl+K' })}
        </Tour.Step>
      ))}
    </Tour>
  );
};
