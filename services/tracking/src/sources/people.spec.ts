import { expect, it } from '@jest/globals';
import { withoutPeople } from './people.js';

it.each([
  ['快件交给快递员,正在派送途中(联系电话:950***8)', '快件交给快递员,正在派送途中(联系电话:***)'],
  ['快件交给王小明,正在派送途中（联系电话：13800138000）', '快件交给快递员,正在派送途中（联系电话：***）'],
  ['快递员李四 电话：138-0013-8000', '快递员 电话：***'],
  ['已签收,签收人:张三,感谢使用顺丰', '已签收,签收人:***,感谢使用顺丰'],
  ['Signed by: J. SMITH', 'Signed by ***'],
  ['快件在【深圳】完成分拣,准备发往 【杭州转运中心】', '快件在【深圳】完成分拣,准备发往 【杭州转运中心】'],
  ['预计2026-11-22 18:00前送达', '预计2026-11-22 18:00前送达'],
])('TRK-04: the carrier’s words "%s" are kept without the people in them', (told, kept) => {
  expect(withoutPeople(told)).toBe(kept);
});
