import { startSandbox, type Sandbox } from '../../../deploy/sandbox/src/app.js';
import { readConfig } from '../../../deploy/sandbox/src/config.js';
import type { HouseLock, Shelf } from '../../../deploy/sandbox/src/wms/house.js';

export const wmsKey = 'flotilla';
export const wmsSecret = 'sandbox-wms-secret';

/** The sandbox's third-party warehouses, driven over HTTP as anybody would. */
export interface WmsSandbox {
  readonly url: string;
  /** Opens a warehouse; answers its SFTP port and host key where it has files. */
  open(warehouse: string, setup?: { readonly meaning?: 'PHYSICAL' | 'SELLABLE'; readonly deltas?: boolean; readonly careless?: boolean; readonly push?: boolean; readonly sftp?: boolean }): Promise<{ readonly sftpPort: number; readonly hostKey: string }>;
  receive(warehouse: string, sku: string, quantity: number): Promise<void>;
  fault(fault: { readonly kind: string; readonly operation: string; readonly ms?: number; readonly count?: number; readonly probability?: number }): Promise<void>;
  calm(): Promise<void>;
  /** The people over there work their files off. */
  work(warehouse: string): Promise<readonly string[]>;
  put(warehouse: string, name: string, text: string): Promise<void>;
  files(warehouse: string): Promise<readonly { readonly path: string; readonly text: string }[]>;
  ledger(warehouse: string): Promise<{ readonly position: number; readonly shelves: Readonly<Record<string, Shelf>>; readonly locks: readonly HouseLock[] }>;
  lock(warehouse: string, lockId: string): Promise<HouseLock | undefined>;
  /** Calls about a lock, in order, with what became of each. */
  calls(lockId: string): Promise<readonly { readonly kind: string; readonly status: string }[]>;
  close(): Promise<void>;
}

export const wmsSandbox = async (allocationUrl = 'http://127.0.0.1:9'): Promise<WmsSandbox> => {
  const sandbox: Sandbox = await startSandbox({ ...readConfig({ FLOTILLA_HTTP_PORT: '0', FLOTILLA_SMTP_PORT: '0' }), allocationUrl, wmsKey, wmsSecret });
  const at = `http://127.0.0.1:${sandbox.httpPort}`;
  const call = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await fetch(at + path, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  const ledger: WmsSandbox['ledger'] = (warehouse) => call('GET', `/_control/wms/${warehouse}/ledger`);
  return {
    url: `${at}/wms`,
    open: (warehouse, setup = {}) => call('PUT', `/_control/wms/${warehouse}`, setup),
    receive: async (warehouse, sku, quantity) => void (await call('POST', `/_control/wms/${warehouse}/receive`, { sku, quantity })),
    fault: async (fault) => void (await call('POST', '/_control/faults', { target: 'wms', ...fault })),
    calm: async () => void (await call('DELETE', '/_control/faults')),
    work: async (warehouse) => (await call<{ worked: readonly string[] }>('POST', `/_control/wms/${warehouse}/files/work`)).worked,
    put: async (warehouse, name, text) => void (await call('POST', `/_control/wms/${warehouse}/files`, { name, text })),
    files: async (warehouse) => (await call<{ files: readonly { path: string; text: string }[] }>('GET', `/_control/wms/${warehouse}/files`)).files,
    ledger,
    lock: async (warehouse, lockId) => (await ledger(warehouse)).locks.find(({ id }) => id === lockId),
    calls: async (lockId) => (await call<{ entries: readonly { kind: string; status: string; orderId: string }[] }>('GET', '/_control/ledger')).entries.filter(({ orderId }) => orderId === lockId),
    close: () => sandbox.close(),
  };
};
