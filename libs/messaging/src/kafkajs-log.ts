import kafkajs from 'kafkajs';
import type { logCreator } from 'kafkajs';
import type { Logger } from '@flotilla/event-store';

// Said at ERROR or WARN while brokers start and groups form; kafkajs retries all of them by itself.
const benign =
  /rebalanc|coordinator (?:is not available|is loading|load in progress)|not (?:the )?coordinator|coordinator is not aware|does not host this topic-partition|no leader|leadership election|GROUP_LOAD|COORDINATOR|aborted JoinGroup/i;

/** kafkajs's log in ours: what it retries by itself is `debug`, its `info` too. */
export const kafkajsLog =
  (log: Logger): logCreator =>
  () =>
  ({ level, namespace, log: { message, ...said } }) => {
    const fields = Object.fromEntries(Object.entries(said).filter(([name]) => !['timestamp', 'logger', 'stack'].includes(name)));
    const text = `kafka ${namespace}: ${message}`;
    const retried = benign.test(`${message} ${String(fields['error'] ?? '')}`);
    if (level === kafkajs.logLevel.ERROR && !retried) log.error(fields, text);
    else if (level === kafkajs.logLevel.WARN && !retried) log.warn(fields, text);
    else log.debug(fields, text);
  };
