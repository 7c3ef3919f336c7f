import { Refused } from '@flotilla/decider';
import type { common, order as contract } from '@flotilla/contracts';
import type { ServiceContext } from '@flotilla/service-kit';
import { normaliseCountry, normalisePostcode, phoneE164 } from '@flotilla/values';
import type { Act } from '../decide/actions.js';
import { steps } from '../decide/order.state.js';

const defaultBlocks: Readonly<Record<string, readonly string[]>> = {
  MANUAL: ['RELEASE', 'LABEL', 'SHIP'],
  BUYER_REQUEST: ['RELEASE', 'LABEL', 'SHIP'],
  RISK: ['AUDIT', 'ALLOCATE'],
  ADDRESS: ['RELEASE', 'LABEL'],
};
const longestReason = 500;

export const reasonGiven = (reason: string): string => {
  const text = reason.trim();
  if (text.length > longestReason) throw new Refused('TOO_LARGE', `a reason has at most ${longestReason} characters`);
  return text;
};

/** A hold as the desk may set it; without blocks it has those of its type. */
export const holdAct = ({ type, blocks, reason }: { readonly type: string; readonly blocks: readonly string[]; readonly reason: string }): Act => {
  const known = Object.hasOwn(defaultBlocks, type) ? defaultBlocks[type]! : undefined;
  if (!known) throw new Refused('BAD_REQUEST', `type is one of ${Object.keys(defaultBlocks).join(', ')}`);
  const unknown = blocks.filter((block) => !steps.includes(block));
  if (unknown.length > 0) throw new Refused('BAD_REQUEST', `${unknown.join(', ')} cannot be blocked; choose from ${steps.join(', ')}`);
  return { action: 'Hold', type, blocks: blocks.length > 0 ? steps.filter((step) => blocks.includes(step)) : known, reason: reasonGiven(reason) };
};

/** What bulk work does to each of its orders. An address is one order's own, and so is where it is cut. */
export const bulkAct = ({ action, reason, holdType, blocks }: Pick<contract.StartOperationRequest, 'action' | 'reason' | 'holdType' | 'blocks'>): Act => {
  switch (action) {
    case 'Approve':
    case 'Cancel':
      return { action, reason: reasonGiven(reason) };
    case 'Hold':
      return holdAct({ type: holdType, blocks, reason });
    case 'Release':
      if (holdType === '') throw new Refused('BAD_REQUEST', 'hold_type is missing: which holds are to be released');
      return { action, holdId: '', type: holdType, reason: reasonGiven(reason) };
    case 'Intercept':
      return { action, shipTo: null, reason: reasonGiven(reason) };
    case 'AllowPartial':
      return { action, allowed: true, reason: reasonGiven(reason) };
    default:
      throw new Refused('BAD_REQUEST', 'action is one of Approve, Hold, Release, Cancel, Intercept, AllowPartial');
  }
};

/** The address as it will be kept: personal parts sealed with the buyer's key, the rest readable for routing. */
export const sealedAddress = async (ctx: Pick<ServiceContext, 'seal' | 'index'>, subject: string, request: contract.ChangeAddressRequest): Promise<common.Address> => {
  const country = normaliseCountry(request.country);
  if (country === undefined) throw new Refused('BAD_ADDRESS', `"${request.country}" is not a country; give a code such as CN`);
  if (request.city.trim() === '' || request.street.trim() === '' || request.name.trim() === '') throw new Refused('BAD_ADDRESS', 'an address needs country, city, street and name');
  const [street, company, name, phone] = await Promise.all([
    ctx.seal(subject, 'street', request.street.trim()),
    ctx.seal(subject, 'company', request.company.trim()),
    ctx.seal(subject, 'name', request.name.trim()),
    ctx.seal(subject, 'phone', request.phone.trim()),
  ]);
  const e164 = request.phone.trim() === '' ? undefined : phoneE164(request.phone, country);
  const { province, city, district } = request;
  return { country, province, city: city.trim(), district, postcode: normalisePostcode(request.postcode), street, company, name, phone, phoneIndex: e164 === undefined ? '' : ctx.index('phone', e164), token: '' };
};
