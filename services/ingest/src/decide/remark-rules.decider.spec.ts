import { describe, it } from '@jest/globals';
import { specify } from '@flotilla/testing';
import { remarkRules } from './remark-rules.decider.js';

const { given } = specify(remarkRules);
const rules = { carriers: [], rules: [{ tag: 'buyer:eco', title: 'eco', titleZh: '环保', any: ['eco'], unless: [] }] };
const put = { rules, at: '2026-11-30T10:00:00.000Z', by: 'user:w' };

describe('remark rules', () => {
  it('ING-10: every change is a version', () => given({ type: 'RemarkRulesPut', data: { ...put, rules: { carriers: [], rules: [] }, version: 1 } }).when({ type: 'PutRemarkRules', data: put }).then({ type: 'RemarkRulesPut', data: { ...put, version: 2 } }));
  it('ING-10: the same rules again are no change', () => given({ type: 'RemarkRulesPut', data: { ...put, version: 1 } }).when({ type: 'PutRemarkRules', data: put }).thenNothing());
});
