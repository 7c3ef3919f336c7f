import { useCallback } from 'react';
import { useSearchParams } from 'react-router';

/** A filter of the page that stands in its address; "" where it does not. */
export const useParam = (name: string): readonly [value: string, set: (value: string) => void] => {
  const [params, setParams] = useSearchParams();
  const set = useCallback(
    (value: string) =>
      setParams(
        (before) => {
          const next = new URLSearchParams(before);
          if (value === '') next.delete(name);
          else next.set(name, value);
          return next;
        },
        { replace: true },
      ),
    [name, setParams],
  );
  return [params.get(name) ?? '', set];
};
