// kubectl and helm as a person has them, on the cluster that KUBECONFIG names.
import { execFile } from 'node:child_process';
import { createServer, connect, type Server } from 'node:net';
import { promisify } from 'node:util';
import { connect as connectRpc, ops } from '@flotilla/contracts';
import { Stop, type ServiceName } from '@flotilla/tasks';

const execute = promisify(execFile);

async function program(name: string, args: readonly string[]): Promise<string> {
  try {
    return (await execute(name, [...args], { maxBuffer: 1 << 26 })).stdout;
  } catch (error) {
    const { code, stderr = '' } = error as { code?: unknown; stderr?: string };
    if (code === 'ENOENT') throw new Stop(`${name} is not there: npm run kube needs helm and kubectl on the PATH.`);
    throw new Error(`${name} ${args.join(' ')}: ${stderr.trim().slice(-1_500)}`);
  }
}

export interface Pod {
  readonly name: string;
  readonly service: string;
  readonly image: string;
  readonly ready: boolean;
  readonly ending: boolean;
  readonly restarts: number;
}

interface Listed {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>>; readonly deletionTimestamp?: string };
    readonly spec: { readonly containers: readonly { readonly image: string }[]; readonly ports?: readonly { readonly name: string; readonly nodePort?: number }[] };
    readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[]; readonly containerStatuses?: readonly { readonly restartCount: number }[] };
  }[];
}

export const clusterOf = (namespace: string) => {
  const kubectl = (...args: string[]): Promise<string> => program('kubectl', ['-n', namespace, ...args]);
  const component = 'app.kubernetes.io/component';
  return {
    namespace,
    kubectl,
    helm: (...args: string[]): Promise<string> => program('helm', ['-n', namespace, ...args]),
    /** Makes or replaces a secret. */
    secret: async (name: string, data: Readonly<Record<string, string>>): Promise<void> => {
      await kubectl('delete', 'secret', name, '--ignore-not-found');
      await kubectl('create', 'secret', 'generic', name, ...Object.entries(data).map(([key, value]) => `--from-literal=${key}=${value}`));
    },
    pods: async (service?: string): Promise<readonly Pod[]> => {
      const { items } = JSON.parse(await kubectl('get', 'pods', '-o', 'json', '-l', service ? `${component}=${service}` : `${component} notin (prepare,test)`)) as Listed;
      return items.map(({ metadata, spec, status }) => ({
        name: metadata.name,
        service: metadata.labels[component]!,
        image: spec.containers[0]!.image,
        ready: status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false,
        ending: metadata.deletionTimestamp !== undefined,
        restarts: status.containerStatuses?.[0]?.restartCount ?? 0,
      }));
    },
    /** Where each service is reached from outside: `order-core` → { http, grpc }. */
    nodePorts: async (): Promise<Readonly<Record<string, Readonly<Record<string, number>>>>> => {
      const { items } = JSON.parse(await kubectl('get', 'services', '-o', 'json', '-l', component)) as Listed;
      return Object.fromEntries(items.map(({ metadata, spec }) => [metadata.labels[component]!, Object.fromEntries((spec.ports ?? []).map(({ name, nodePort = 0 }) => [name, nodePort]))]));
    },
    node: async (): Promise<{ readonly name: string; readonly address: string; readonly count: number }> => {
      const { items } = JSON.parse(await program('kubectl', ['get', 'nodes', '-o', 'json'])) as { items: { metadata: { name: string }; status: { addresses: { type: string; address: string }[] } }[] };
      const first = items[0] ?? undefined;
      if (!first) throw new Stop('The cluster has no node.');
      return { name: first.metadata.name, address: first.status.addresses.find(({ type }) => type === 'InternalIP')!.address, count: items.length };
    },
  };
};

export type Cluster = ReturnType<typeof clusterOf>;

/** What pods send to host:port comes to 127.0.0.1:port: servers of this machine need not listen outside. */
export const forward = (host: string, port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer((from) => {
      const to = connect(port, '127.0.0.1');
      from.pipe(to).pipe(from);
      from.on('error', () => to.destroy());
      to.on('error', () => from.destroy());
    });
    server.on('error', reject);
    server.listen(port, host, () => resolve(server));
  });

export interface Asked {
  readonly questions: number;
  readonly failures: readonly string[];
}

/** Asks every service over and over, each time by a new connection as somebody who just came, until it is told to stop. */
export const keepAsking = (http: Readonly<Record<string, string>>, grpc: Readonly<Record<string, string>>, services: readonly ServiceName[]): { stop(): Promise<Asked> } => {
  let stopped = false;
  let questions = 0;
  const failures: string[] = [];
  const ask = async (what: string, question: () => Promise<unknown>): Promise<void> => {
    questions += 1;
    await question().catch((error: Error) => failures.push(`${new Date().toISOString()} ${what}: ${error.message.slice(0, 160)}`));
  };
  const loops = services.map(async (service) => {
    while (!stopped) {
      await ask(`${service} HTTP`, async () => {
        const answer = await fetch(`${http[service]}/livez`, { headers: { connection: 'close' }, signal: AbortSignal.timeout(10_000) });
        if (!answer.ok) throw new Error(String(answer.status));
      });
      await ask(`${service} gRPC`, async () => {
        const client = connectRpc(ops.Tallies, grpc[service]!, { deadlineMs: 10_000, audience: service });
        await client.get({}).finally(() => client.close());
      });
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  });
  return {
    stop: async () => {
      stopped = true;
      await Promise.all(loops);
      return { questions, failures };
    },
  };
};
