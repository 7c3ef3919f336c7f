import { useEffect, useState } from 'react';

const key = 'flotilla.tour';
const begin = 'flotilla:tour';

/** Begins the first look again. */
export const startTour = (): void => void globalThis.dispatchEvent(new Event(begin));

/** Whether the first look goes on: once by itself, whenever it is asked for after that. It waits for what it points at. */
export const useTour = (): readonly [active: boolean, end: () => void] => {
  const [active, setActive] = useState(false);
  useEffect(() => {
    const start = (): void => setActive(true);
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
  return [active, end];
};
