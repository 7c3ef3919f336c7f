import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

/** A TCP proxy on 127.0.0.1 whose connections can be hurt. */
export interface TcpProxy {
  readonly port: number;
  /** Connections that are open. */
  readonly connections: number;
  /** How many answers `dropNextResponse` has thrown away. */
  readonly dropped: number;
  /**
   * Lets requests reach the target, but throws away its next answer (of those that `which` chooses; chunks as they come)
   * and cuts that connection: the caller cannot know whether it was done.
   */
  dropNextResponse(which?: (request: Buffer, response: Buffer) => boolean): void;
  /** Cuts every connection; new ones are refused until `heal`. */
  cut(): void;
  /** Delays each chunk, in both directions. */
  delay(ms: number): void;
  /** Swallows one direction: `'up'` requests, `'down'` answers. Connections stay open, as in a half-broken network. */
  oneWay(lost: 'up' | 'down'): void;
  /** Ends every fault. */
  heal(): void;
  close(): Promise<void>;
}

/** Writes chunks after their delay, never one before another that came earlier: also when the delay ends. */
const inOrder = (to: Socket): ((chunk: Buffer, delayMs: number) => void) => {
  const waiting: { readonly chunk: Buffer; readonly due: number }[] = [];
  const drain = (): void => {
    while (waiting.length > 0 && waiting[0]!.due <= Date.now()) {
      const { chunk } = waiting.shift()!;
      if (!to.destroyed) to.write(chunk);
    }
    if (waiting.length > 0) setTimeout(drain, waiting[0]!.due - Date.now());
  };
  return (chunk, delayMs) => {
    if (waiting.length === 0 && delayMs === 0) return void to.write(chunk);
    waiting.push({ chunk, due: Math.max(Date.now() + delayMs, waiting.at(-1)?.due ?? 0) });
    if (waiting.length === 1) setTimeout(drain, delayMs);
  };
};

/** Starts a proxy in front of `host:port`. */
export const tcpProxy = async ({ target }: { readonly target: { readonly host?: string; readonly port: number } }): Promise<TcpProxy> => {
  const open = new Set<Socket>();
  let drop: ((request: Buffer, response: Buffer) => boolean) | undefined;
  let dropped = 0;
  let refusing = false;
  let delayMs = 0;
  let lost: 'up' | 'down' | undefined;

  const server = createServer((client) => {
    if (refusing) return void client.destroy();
    const upstream = connect(target.port, target.host ?? '127.0.0.1');
    let request: Buffer = Buffer.alloc(0);
    const end = (): void => {
      client.destroy();
      upstream.destroy();
      open.delete(client);
    };
    const up = inOrder(upstream);
    const down = inOrder(client);
    open.add(client);
    client.setNoDelay(true).on('data', (chunk) => {
      request = chunk;
      if (lost !== 'up') up(chunk, delayMs);
    });
    upstream.setNoDelay(true).on('data', (chunk) => {
      if (lost === 'down') return;
      if (drop?.(request, chunk) === true) {
        drop = undefined;
        dropped += 1;
        return end();
      }
      down(chunk, delayMs);
    });
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));

  const cutAll = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return open.size;
    },
    get dropped() {
      return dropped;
    },
    dropNextResponse: (which = () => true) => void (drop = which),
    cut: () => {
      refusing = true;
      cutAll();
    },
    delay: (ms) => void (delayMs = ms),
    oneWay: (direction) => void (lost = direction),
    heal: () => {
      [drop, refusing, delayMs, lost] = [undefined, false, 0, undefined];
    },
    close: async () => {
      cutAll();
      await new Promise((closed) => server.close(closed));
    },
  };
};
