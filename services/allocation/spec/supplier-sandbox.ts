import { startSandbox, type Sandbox } from '../../../deploy/sandbox/src/app.js';
import { readConfig } from '../../../deploy/sandbox/src/config.js';

const password = 'sandbox-wms-secret';

/** The sandbox's suppliers that have files alone, driven over HTTP as anybody would. */
export interface SupplierSandbox {
  /** Opens one; answers what FLOTILLA_SUPPLIER_FILES says of it. */
  open(supplier: string): Promise<{ readonly host: string; readonly port: number; readonly user: string; readonly password: string; readonly hostKey: string }>;
  /** Its people take what lies there and answer it. */
  work(supplier: string, answer?: 'ACCEPTED' | 'REFUSED', reason?: string): Promise<readonly string[]>;
  /** Puts a file among its answers. */
  put(supplier: string, name: string, text: string): Promise<void>;
  files(supplier: string): Promise<readonly { readonly path: string; readonly text: string }[]>;
  fault(fault: { readonly kind: string; readonly operation: string; readonly ms?: number; readonly count?: number }): Promise<void>;
  close(): Promise<void>;
}

export const supplierSandbox = async (): Promise<SupplierSandbox> => {
  const sandbox: Sandbox = await startSandbox({ ...readConfig({ FLOTILLA_HTTP_PORT: '0', FLOTILLA_SMTP_PORT: '0' }), wmsSecret: password });
  const call = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await fetch(`http://127.0.0.1:${sandbox.httpPort}/_control/${path}`, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  return {
    open: async (supplier) => {
      const { sftpPort: port, hostKey } = await call<{ sftpPort: number; hostKey: string }>('PUT', `suppliers/${supplier}`);
      return { host: '127.0.0.1', port, user: supplier, password, hostKey };
    },
    work: async (supplier, answer = 'ACCEPTED', reason = 'OTHER') => (await call<{ taken: readonly string[] }>('POST', `suppliers/${supplier}/work`, { answer, reason })).taken,
    put: async (supplier, name, text) => void (await call('POST', `suppliers/${supplier}/files`, { name, text })),
    files: async (supplier) => (await call<{ files: readonly { path: string; text: string }[] }>('GET', `suppliers/${supplier}/files`)).files,
    fault: async (fault) => void (await call('POST', 'faults', { target: 'suppliers', ...fault })),
    close: () => sandbox.close(),
  };
};
