import { Tour } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useWords } from '../kit/index.js';
import { words } from './words.js';

const key = 'flotilla.tour';
const begin = 'flotilla:tour';

/** Begins the first look again. */
export const startTour = (): void => void globalThis.dispatchEvent(new Event(begin));

/** What a page marks with `data-tour`, so that the first look can point at it. */
const steps = ['views', 'query', 'waits', 'jump'] as const;

/** A first look at the desk: once by itself, whenever it is asked for after that. It waits for what it points at, and one click ends it. */
export const FirstLook = () => {
  const t = useWords(words);
  const [active, setActive] = useState(false);
  const [step, setStep] = useState(0);
  useEffect(() => {
    const start = (): void => {
      setStep(0);
      setActive(true);
    };
    globalThis.addEventListener(begin, start);
    if (localStorage.getItem(key) !== null) return () => globalThis.removeEventListener(begin, start);
    // Not before there is something to point at; a page without a desk needs no tour of one.
    const waiting = setInterval(() => {
      if (!document.querySelector('[data-tour="views"]') || !document.querySelector('[data-tour="waits"]')) return;
      clearInterval(waiting);
      start();
    }, 500);
    return () => {
      clearInterval(waiting);
      globalThis.removeEventListener(begin, start);
    };
  }, []);
  const end = (): void => {
    localStorage.setItem(key, 'seen');
    setActive(false);
  };
  if (!active) return null;
  const mac = /Mac|iPhone|iPad/.test(navigator.platform);
  return (
    <Tour active onClose={end} step={step} onStepChange={setStep} closeOnOverlayClick labels={{ next: t('tourNext'), back: t('tourPrevious'), skip: t('tourClose'), close: t('tourDone'), stepCounter: (n, of) => t('tourStep', { n, of }) }}>
      {steps.map((target, n) => (
        <Tour.Step key={target} target={`[data-tour="${target}"]`} title={t(`tour${(n + 1) as 1 | 2 | 3 | 4}`)}>
          {t(`tour${(n + 1) as 1 | 2 | 3 | 4}More`, { key: mac ? '⌘K' : 'Ctrl+K' })}
        </Tour.Step>
      ))}
    </Tour>
  );
};
