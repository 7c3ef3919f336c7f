import { lookup as resolve, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Agent } from 'undici';

/** Networks of our own to which webhooks may go although they are not public. */
export type Networks = BlockList;

/** `10.20.0.0/16,::1/128`; throws where it is none. */
export const networksOf = (text: string): Networks => {
  const list = new BlockList();
  for (const one of text.split(',').map((part) => part.trim()).filter(Boolean)) {
    const [address, length] = ipaddr.parseCIDR(one);
    list.addSubnet(address.toString(), length, address.kind());
  }
  return list;
};

const isOwn = (address: string, own: Networks): boolean => own.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** Reached over the internet: no loopback, no cluster, no cloud's metadata, in whatever notation. */
const isPublic = (address: string): boolean => ipaddr.process(address).range() === 'unicast';

const allowed = (address: string, own: Networks, secure: boolean): boolean => isOwn(address, own) || (secure && isPublic(address));

const literalOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');

/** What is wrong with an address that webhooks are to go to, as far as it can be told without asking for it. */
export const faultsOf = (text: string, own: Networks): readonly string[] => {
  const url = URL.parse(text);
  if (!url || !['https:', 'http:', 'sftp:'].includes(url.protocol)) return ['url is no https address, and no folder such as sftp://user@host/folder'];
  if (url.protocol === 'sftp:') return folderFaultsOf(url, own);
  if (url.username !== '' || url.password !== '') return ['url holds a password, which would be shown: what is sent is signed'];
  const host = literalOf(url);
  if (isIP(host) && !allowed(host, own, url.protocol === 'https:')) return [`${host} is not reached from the internet, or not by https; FLOTILLA_WEBHOOK_NETWORKS allows networks of your own`];
  if (url.protocol === 'http:' && own.rules.length === 0) return ['url is not https; FLOTILLA_WEBHOOK_NETWORKS allows http within networks of your own'];
  return [];
};

const folderFaultsOf = (url: URL, own: Networks): readonly string[] => {
  const host = literalOf(url);
  if (url.password !== '') return ['url holds a password, which would be shown: it is the secret'];
  if (url.username === '' || host === '' || url.search !== '' || url.hash !== '') return ['url is no folder such as sftp://user@host/folder'];
  if (/%(?![0-9a-f]{2})|%0[0-9a-f]|%1[0-9a-f]/i.test(url.href)) return ['url has characters that no folder has'];
  return isIP(host) && !allowed(host, own, true) ? [`${host} is not reached from the internet; FLOTILLA_WEBHOOK_NETWORKS allows networks of your own`] : [];
};

class Blocked extends Error {
  readonly code = 'EBLOCKED';
}

/** Asks for the addresses of a name, and gives those that are allowed: the connection goes to what was checked, whatever the name says the next time. */
const guarded =
  (own: Networks, secure: boolean): LookupFunction =>
  (host, options, callback) => {
    resolve(host, { ...options, all: true }, (error, found) => {
      const good = (found as readonly LookupAddress[] | undefined)?.filter(({ address }) => allowed(address, own, secure)) ?? [];
      const [first] = good;
      if (error) return callback(error, '', 0);
      if (!first) return callback(new Blocked(`${host} is not reached from the internet`), '', 0);
      if (options.all) return callback(null, [...good]);
      callback(null, first.address, first.family);
    });
  };

/** Connections that go nowhere but where they may. */
export interface Guard {
  /** The address of a host, to connect to that and no other: of several that are allowed the first, IPv4 before IPv6. */
  addressOf(host: string): Promise<string>;
  /** For `fetch`; throws where the address is none that may be called. */
  dispatcherOf(url: string): Agent;
  close(): Promise<void>;
}

export const createGuard = (own: Networks): Guard => {
  const [open, inside] = [true, false].map((secure) => new Agent({ connect: { lookup: guarded(own, secure), timeout: 5_000 }, connections: 4 })) as [Agent, Agent];
  return {
    addressOf: (host) =>
      new Promise((give, fail) => {
        const options = { all: true, order: 'ipv4first' } as const;
        // A name that is an address is looked up as well, and is what it says.
        guarded(own, true)(host, options, (error, found) => (error ? fail(error) : give((found as readonly LookupAddress[])[0]!.address)));
      }),
    dispatcherOf: (text) => {
      // A name that is an address is never looked up.
      if (faultsOf(text, own).length > 0) throw new Blocked('the address of the webhook is not allowed any more');
      return new URL(text).protocol === 'https:' ? open : inside;
    },
    close: async () => void (await Promise.all([open.close(), inside.close()])),
  };
};
