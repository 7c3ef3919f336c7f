import { randomBytes } from 'node:crypto';
import { startSftpServer } from '../sftp/server.js';
import type { House, Line } from './house.js';

export interface SftpSite {
  readonly port: number;
  /** SHA-256 of the server's key, base64. */
  readonly hostKey: string;
  /** Works off the files in /in as people would, and puts a stock file into /out. Answers what was done. */
  work(house: House): readonly string[];
  /** Puts a file into /out. */
  put(name: string, text: string): void;
  list(): readonly { path: string; text: string }[];
  close(): Promise<void>;
}

const FOLDERS = ['/in', '/in/done', '/in/rejected', '/out', '/out/done', '/out/parked'];

/** A third party that has nothing but SFTP: user = the warehouse's id. */
export async function startSftp(user: string, password: string): Promise<SftpSite> {
  const server = await startSftpServer({ user, password, folders: FOLDERS });
  return {
    port: server.port,
    hostKey: server.hostKey,
    close: () => server.close(),
    put: (name, text) => server.put(`/out/${name}`, text),
    list: () => server.list().toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    work: (house) => {
      const worked = server.list().filter(({ path }) => /^\/in\/[^/]+\.csv$/.test(path)).map(({ path, text }) => {
        const name = path.slice('/in/'.length);
        const done = apply(house, name, text);
        server.move(path, `/in/${done ? 'done' : 'rejected'}/${name}`);
        return `${done ? 'done' : 'rejected'} ${name}`;
      });
      const asOf = new Date().toISOString();
      const rows = [...house.shelves].map(([sku, { physical, unsellable }]) => `${asOf},PHYSICAL,${sku},${physical},${unsellable}`);
      server.put(`/out/stock-${asOf.replaceAll(/[:.]/g, '')}-${randomBytes(2).toString('hex')}.csv`, ['as_of,meaning,sku,quantity,unsellable', ...rows, ''].join('\n'));
      return worked;
    },
  };
}

// lock.csv sets aside, confirm.csv keeps, release.csv gives back, ship.csv takes; columns as the first line names them.
function apply(house: House, name: string, text: string): boolean {
  const [head = '', ...rows] = text.trim().split(/\r?\n/);
  const columns = head.split(',');
  const records = rows.map((row) => Object.fromEntries(row.split(',').map((value, index) => [columns[index] ?? '', value])));
  const first = records[0] ?? {};
  const id = first['lock_id'] ?? '';
  const lines: Line[] = records.map((record) => ({ sku: record['sku'] ?? '', quantity: Number(record['quantity']) }));
  switch (name.split('.').at(-2)) {
    case 'lock':
      return house.lock(id, first['reference'] ?? '', lines, Date.now() + 86_400_000).state !== 'REFUSED';
    case 'confirm':
      return house.confirm(id, house.find(id)?.fence ?? 0)?.state === 'CONFIRMED';
    case 'release':
      return house.release(id).state === 'RELEASED';
    case 'ship':
      return house.consume(id, house.find(id)?.fence ?? 0, first['parcel_id'] ?? '')?.state === 'CONSUMED';
    default:
      return false;
  }
}
