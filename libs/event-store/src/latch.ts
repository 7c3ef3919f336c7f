/** A promise that is resolved from outside. */
export interface Latch {
  readonly promise: Promise<void>;
  open(): void;
}

export const latch = (): Latch => {
  let open = (): void => undefined;
  const promise = new Promise<void>((resolve) => (open = resolve));
  return { promise, open };
};
