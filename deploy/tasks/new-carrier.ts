// Writes what a new carrier consists of, so that the conformance suite runs over it and says what is still to be written.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stop } from './ending.ts';
import { camel, inserting, isAdapterName, writeInto, type Written } from './generator.ts';
import { root } from './paths.ts';

const service = 'services/carrier';
const registry = `${service}/src/perform/carriers/registry.ts`;
const played = `${service}/spec/played.ts`;
const rows = `${service}/src/perform/gateways/kdniao/carriers.ts`;
const guide = 'docs/carriers.md';
const usage = 'npm run new:carrier -- <name> [--kdniao CODE]';
const inserted = inserting(guide);

/** `npm run new:carrier`: a folder with a protocol of its own, or with --kdniao a row of that gateway. */
export function newCarrier(args: readonly string[]): Promise<number> {
  const written = writeCarrier(root, args);
  console.log(`${written.map((file) => `  ${file}`).join('\n')}\n\nWhat is missing says TO BE WRITTEN; so does the suite: npm run test:unit -- services/carrier/src/perform/carriers\nHow: ${guide}`);
  return Promise.resolve(0);
}

/** Writes into a checkout; the answer is the files that are new or changed. Nothing is written if anything is wrong. */
export function writeCarrier(checkout: string, args: readonly string[]): readonly string[] {
  const [name = '', option, code = ''] = args;
  if (!isAdapterName(name)) throw new Stop(`"${name}" is no carrier's name: small letters, digits and hyphens, at most 32. ${usage}`);
  if (option !== undefined && (option !== '--kdniao' || !/^[A-Z0-9]{2,12}$/.test(code) || args.length > 3)) throw new Stop(`--kdniao takes the gateway's code of the carrier, such as STO. ${usage}`);
  const read = (file: string): string => readFileSync(join(checkout, file), 'utf8');
  const known = read(rows);
  if (existsSync(join(checkout, `${service}/src/perform/carriers/${name}`)) || new RegExp(`^ {2}'?${name}'?: \\{`, 'm').test(known)) throw new Stop(`There is a carrier ${name} already.`);
  return writeInto(checkout, option === undefined ? folder(name, read) : [[rows, withRow(known, name, code)]]);
}

const withRow = (text: string, name: string, code: string): string =>
  inserted(text, rows, '};\n\n/** The carriers that are bought', `  ${name.includes('-') ? `'${name}'` : name}: { code: '${code}', title: { zh: '', en: '' }, numbers: [] }, // TO BE WRITTEN: its titles and the forms of its numbers\n`);

function folder(name: string, read: (file: string) => string): Written {
  const id = camel(name);
  const prefix = name.toUpperCase().replaceAll('-', '_');
  const type = `${id[0]!.toUpperCase()}${id.slice(1)}`;
  const at = `${service}/src/perform/carriers/${name}`;
  const listed = inserted(inserted(read(registry), registry, "import { own }", `import { ${id}Carrier } from './${name}/${name}.http.js';\n`), registry, ', ...kdniaoCarriers]', `, ${id}Carrier`);
  const fakes = inserted(inserted(read(played), played, "import { account, fakeSf }", `import { fake${type}, ${id}Account } from './fake-${name}.js';\n`), played, '  ...Object.fromEntries(carriers', `  ${name === id ? name : `'${name}'`}: { fake: fake${type}, url: 'FLOTILLA_${prefix}_URL', secret: 'FLOTILLA_${prefix}_SECRET', account: ${id}Account },\n`);
  return [
    [`${at}/manifest.ts`, manifest(name)],
    [`${at}/${name}.http.ts`, http(name, id, prefix)],
    [`${at}/${name}.messages.ts`, messages(name)],
    [`${at}/fixtures/order.response.json`, '{ "TO BE WRITTEN": "an answer in the carrier’s shape, as its documents show it" }\n'],
    [`${at}/README.md`, readme(name, prefix)],
    [`${service}/spec/fake-${name}.ts`, fake(name, id, prefix, type)],
    [registry, listed],
    [played, fakes],
  ];
}

const manifest = (name: string): string => `import type { CarrierManifest } from '../carrier.js';

export const manifest: CarrierManifest = {
  name: '${name}',
  title: { zh: '', en: '' }, // TO BE WRITTEN: as buyers and papers call it
  label: 'express',
  services: ['STANDARD'],
  numbers: [], // TO BE WRITTEN: the forms of its numbers; with a check digit where it has one (number-forms.ts)
  platformCodes: {},
  timeZone: 'Asia/Shanghai',
  ratePerSecond: 10, // TO BE WRITTEN: what it allows
  concurrency: 8,
};
`;

const http = (name: string, id: string, prefix: string): string => `import { z } from 'zod';
import { accountOf } from '../account.js';
import type { CarrierAdapter, Connecting } from '../carrier.js';
import { manifest } from './manifest.js';
import { readAsked, readCancelled, readCreated, readReply, toAsk, toCancel, toCreate, type Reply } from './${name}.messages.js';

interface Account {
  readonly URL: string;
  readonly SECRET: string;
}

const caller = ({ URL: url, SECRET: secret }: Account, { fetch }: Connecting) => async (operation: string, message: object, signal: AbortSignal): Promise<Reply> => {
  // TO BE WRITTEN: its envelope and its signature; a form is what most gateways take.
  const body = new URLSearchParams({ operation, data: JSON.stringify(message), sign: secret });
  try {
    const response = await fetch(url, { method: 'POST', body, signal });
    const answer = await response.text();
    return response.ok ? readReply(answer) : { kind: 'unclear', detail: \`HTTP \${response.status}\` };
  } catch (error) {
    const { name, message: why, cause } = error as Error & { cause?: { code?: string } };
    return { kind: 'unclear', detail: \`\${name}: \${cause?.code ?? why}\` };
  }
};

/** TO BE WRITTEN: which carrier, through what. */
export const ${id}Carrier: CarrierAdapter = {
  manifest,
  config: {
    FLOTILLA_${prefix}_URL: z.string().url().optional().describe('the gateway of ${name}; the sandbox’s where FLOTILLA_SANDBOX_URL is set'),
    FLOTILLA_${prefix}_SECRET: z.string().min(1).optional().describe('what signs every call to ${name}; without an account the carrier is not used'),
  },
  connect: (options) => {
    const account = accountOf(options.config, '${prefix}', ['URL', 'SECRET'], (sandbox) => ({ URL: \`\${sandbox}/${name}\`, SECRET: 'sandbox-secret' }));
    if (!account) return undefined;
    const call = caller(account, options);
    return {
      create: async (order, signal) => readCreated(await call('create', toCreate(order), signal)),
      ask: async ({ reference }, signal) => readAsked(await call('ask', toAsk(reference), signal)),
      cancel: async (reference, waybill, signal) => readCancelled(await call('cancel', toCancel(reference, waybill), signal)),
    };
  },
};
`;

const messages = (name: string): string => `import { parse, unclear } from '../../json.js';
import type { AskAnswer, CancelAnswer, CreateAnswer, PurchaseOrder, Unclear } from '../carrier.js';

// Pure: our order to ${name}'s words, its answers to ours. Only a decision about the parcel is an answer, all else is unclear.

export const toCreate = (order: PurchaseOrder): object => ({ reference: order.reference }); // TO BE WRITTEN
export const toAsk = (reference: string): object => ({ reference }); // TO BE WRITTEN
export const toCancel = (reference: string, waybill: string): object => ({ reference, waybill }); // TO BE WRITTEN

/** What the gateway said. */
export type Reply = { readonly kind: 'said'; readonly data: Readonly<Record<string, unknown>> } | Unclear;

/** Reads an answer's body. TO BE WRITTEN: whose answer is it, and did the gateway let the call through? */
export const readReply = (body: string): Reply => {
  const data = parse(body);
  return data ? { kind: 'said', data } : unclear(\`not JSON: \${body.slice(0, 80)}\`);
};

export const readCreated = (reply: Reply): CreateAnswer => (reply.kind === 'unclear' ? reply : unclear('TO BE WRITTEN: what ${name} answers to an order'));
export const readAsked = (reply: Reply): AskAnswer => (reply.kind === 'unclear' ? reply : unclear('TO BE WRITTEN: what ${name} answers to a question'));
export const readCancelled = (reply: Reply): CancelAnswer => (reply.kind === 'unclear' ? reply : unclear('TO BE WRITTEN: what ${name} answers to a cancel'));
`;

const readme = (name: string, prefix: string): string => `# ${name}

TO BE WRITTEN: through what it is bought, and from which document that is known.

| our word | its request |
|---|---|
| create | TO BE WRITTEN: and how it takes our reference once |
| ask | TO BE WRITTEN |
| cancel | TO BE WRITTEN |

- Which answers are decisions about the parcel, and which are *unclear*: TO BE WRITTEN.
- Settings: \`FLOTILLA_${prefix}_URL\`, \`FLOTILLA_${prefix}_SECRET\`.

\`fixtures/\`: TO BE WRITTEN: where they come from. What is general knowledge: TO BE WRITTEN.
`;

const fake = (name: string, id: string, prefix: string, type: string): string => `import { fakeGateway, takenNumber, type FakeGateway } from './fake-gateway.js';

export const ${id}Account = { FLOTILLA_${prefix}_SECRET: 'sandbox-secret' };

// Of the process: numbers of two gateways must not meet.
let issued = 1_000;

/** TO BE WRITTEN: ${name}'s gateway as its documents tell it, with its own books and its own check of the signature. */
export const fake${type} = (): Promise<FakeGateway> =>
  fakeGateway({
    operations: { create: 'create', cancel: 'cancel' },
    nameOf: (reference) => reference,
    operationOf: (form) => form.get('operation') ?? '',
    barred: (form, closed) => (closed || form.get('sign') !== ${id}Account.FLOTILLA_${prefix}_SECRET ? { error: 'TO BE WRITTEN' } : undefined),
    serve: (operation, form, booked, mishap) => {
      const data = JSON.parse(form.get('data') ?? '') as Record<string, unknown>;
      const reference = String(data['reference']);
      const found = booked.get(reference);
      if (operation === 'cancel' && found && mishap !== 'refused') found.cancelled = true;
      if (operation !== 'create' || found || mishap === 'undeliverable' || mishap === 'refused') return { error: 'TO BE WRITTEN' };
      const waybill = mishap === 'wrong-number' ? 'ZZ12' : (mishap === 'taken-number' && takenNumber(booked)) || String((issued += 7));
      booked.set(reference, { waybill, cancelled: false, asked: data });
      return { waybill };
    },
  });
`;
