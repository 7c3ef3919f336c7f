// Who reads and writes which topic (kafka-access.json), as users and access lists of a broker.
import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { alterUserScramCredentialsV0, Connection, ScramMechanisms } from '@platformatic/kafka';
import kafkajs from 'kafkajs';
import type { AclEntry } from 'kafkajs';
import { kafkaClient } from './kafka.ts';
import { topics } from './topics.ts';

export interface KafkaAccess {
  readonly reads: readonly string[];
  readonly writes: readonly string[];
}

/** By principal. Consumer groups begin with the principal's name. */
export const kafkaAccess = (): Readonly<Record<string, KafkaAccess>> => JSON.parse(readFileSync(join(import.meta.dirname, 'kafka-access.json'), 'utf8')) as Record<string, KafkaAccess>;

export const verifyPrincipal = 'verify';
export const kafkaPrincipals: readonly string[] = [...Object.keys(kafkaAccess()), verifyPrincipal];

const outsiders = new Set(['connector', verifyPrincipal]);

/** Every access list. Services park what they read on its `.dlq`, and anchor their logs; verify reads everything and writes nothing. */
export const aclsOf = (access: Readonly<Record<string, KafkaAccess>> = kafkaAccess()): AclEntry[] => {
  const { AclResourceTypes: resource, AclOperationTypes: operation, AclPermissionTypes: permission, ResourcePatternTypes: pattern } = kafkajs;
  const may = (principal: string, resourceType: number, resourceName: string, operations: readonly number[], resourcePatternType: number = pattern.LITERAL): AclEntry[] =>
    operations.map((one) => ({ principal: `User:${principal}`, host: '*', resourceType, resourceName, resourcePatternType, operation: one, permissionType: permission.ALLOW }) as AclEntry);
  const there = new Set(topics().map(({ name }) => name));
  return [
    ...Object.entries(access).flatMap(([principal, { reads, writes }]) => [
      ...reads.flatMap((topic) => may(principal, resource.TOPIC, topic, [operation.READ])),
      ...new Set([...writes, ...(outsiders.has(principal) ? [] : ['audit-anchors.v1', ...reads.map((topic) => `${topic}.dlq`).filter((topic) => there.has(topic))])]).values().flatMap((topic) => may(principal, resource.TOPIC, topic, [operation.WRITE])),
      ...may(principal, resource.GROUP, principal, [operation.READ], pattern.PREFIXED),
    ]),
    ...[...there].flatMap((topic) => may(verifyPrincipal, resource.TOPIC, topic, [operation.READ])),
    ...may(verifyPrincipal, resource.GROUP, verifyPrincipal, [operation.READ], pattern.PREFIXED),
  ];
};

const iterations = 8_192;

/** Makes the users and their access lists, by a way in on which one may do everything; passwords may be changed by doing it again. */
export async function secureKafka({ brokers, passwords }: { brokers: string; passwords: Readonly<Record<string, string>> }): Promise<void> {
  const [host = '', port = ''] = brokers.split(',')[0]!.split(':');
  const connection = new Connection('flotilla-tasks');
  await connection.connect(host, Number(port));
  try {
    const users = Object.entries(passwords).map(([name, password]) => {
      const salt = randomBytes(32);
      return { name, mechanism: ScramMechanisms.SCRAM_SHA_512, iterations, salt, saltedPassword: pbkdf2Sync(password, salt, iterations, 64, 'sha512') };
    });
    await alterUserScramCredentialsV0.api.async(connection, [], users);
  } finally {
    await connection.close();
  }
  const admin = kafkaClient(brokers).admin();
  await admin.connect();
  try {
    await admin.createAcls({ acl: aclsOf() });
  } finally {
    await admin.disconnect();
  }
}
