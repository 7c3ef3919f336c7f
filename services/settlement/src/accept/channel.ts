import { Refused } from '@flotilla/decider';

const longest = 60;

/** A channel as a caller or a file names it: no longer than ingest's may be. */
export const boundedChannel = (text: string): string => {
  if (text.length > longest) throw new Refused('BAD_REQUEST', `a channel has at most ${longest} characters`);
  return text;
};
