import { broken, notTaken, retryAfterOf, type Handed } from '@flotilla/notify';
import { jsonOf } from '@flotilla/values';
import { z } from 'zod';

const answerShape = z.record(z.string(), z.unknown());

/** Posts JSON to a robot; answers what it says, or how the call ended. Robots answer 200 whatever they think: the code counts. */
export const tell = async (
  fetch: (url: string, init: RequestInit) => Promise<Response>,
  url: string,
  body: object,
  judge: (answer: Readonly<Record<string, unknown>>) => Handed | undefined,
): Promise<Handed> => {
  try {
    const response = await fetch(url, { method: 'POST', redirect: 'error', headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) });
    const answer = answerShape.safeParse(jsonOf(await response.text())).data;
    const judged = answer && judge(answer);
    if (judged) return judged;
    const retryAfterMs = retryAfterOf(response.headers);
    if (response.status === 429) return notTaken('HTTP 429', { retryAfterMs: retryAfterMs ?? 60_000 });
    if (response.status >= 400 && response.status < 500) return notTaken(`HTTP ${response.status}`, { final: true });
    // A 2xx without a code, or a gateway between us and the robot: the message may be there.
    return { accepted: false, certain: false, final: false, detail: `HTTP ${response.status}` };
  } catch (error) {
    return broken(error);
  }
};
