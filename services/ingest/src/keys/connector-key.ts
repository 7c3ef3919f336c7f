import { unwrapKey, wrapKey } from '@flotilla/values';
import { calculateJwkThumbprint, compactDecrypt, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import type pg from 'pg';

const largest = 64 * 1024;

/** The key pair to which connectors encrypt the personal part of an order. The private half is stored under the KEK alone. */
export interface ConnectorKey {
  /** What GET /v1/keys shows. */
  readonly jwks: { readonly keys: readonly JWK[] };
  /** Throws for anything but a compact JWE of ours: ECDH-ES with A256GCM. */
  open(jwe: string): Promise<Uint8Array>;
}

/** Reads the key pair, or makes it where there is none; replicas that start together end up with the same. */
export const loadConnectorKey = async (pool: pg.Pool, kek: Uint8Array): Promise<ConnectorKey> => {
  const stored = (await read(pool)) ?? (await make(pool, kek));
  const jwk = JSON.parse(new TextDecoder().decode(unwrapKey(kek, `connector ${stored.kid}`, stored.wrapped.toString()))) as JWK;
  const key = await importJWK(jwk, 'ECDH-ES');
  return {
    jwks: { keys: [stored.shown] },
    open: async (jwe) => {
      if (jwe.length > largest) throw new Error('too long');
      const { plaintext } = await compactDecrypt(jwe, key, { keyManagementAlgorithms: ['ECDH-ES'], contentEncryptionAlgorithms: ['A256GCM'] });
      return plaintext;
    },
  };
};

interface Stored {
  readonly kid: string;
  readonly shown: JWK;
  readonly wrapped: Buffer;
}

const read = async (pool: pg.Pool): Promise<Stored | undefined> =>
  (await pool.query<Stored>('SELECT kid, shown, wrapped FROM keys.connector_key WHERE current')).rows[0];

const make = async (pool: pg.Pool, kek: Uint8Array): Promise<Stored> => {
  const { privateKey, publicKey } = await generateKeyPair('ECDH-ES', { crv: 'P-256', extractable: true });
  const open = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(open);
  const shown: JWK = { ...open, kid, use: 'enc', alg: 'ECDH-ES' };
  const wrapped = wrapKey(kek, `connector ${kid}`, new TextEncoder().encode(JSON.stringify(await exportJWK(privateKey))));
  await pool.query('INSERT INTO keys.connector_key (kid, shown, wrapped, current) VALUES ($1, $2, $3, true) ON CONFLICT DO NOTHING', [kid, shown, Buffer.from(wrapped)]);
  const stored = await read(pool);
  if (stored === undefined) throw new Error('the connectors’ key could not be stored');
  return stored;
};
