import { describe, it } from '@jest/globals';
import { specify } from '@flotilla/testing';
import { article, warehouseAt } from '../../spec/examples.js';
import { register } from './register.decider.js';
import { sku } from './sku.decider.js';
import { warehouse } from './warehouse.decider.js';

describe('the catalogue', () => {
  const { given } = specify(sku);
  const tea = article('TEA');
  it('ALC-15: takes an article over as a whole', () => given().when({ type: 'DescribeArticle', data: tea }).then({ type: 'ArticleDescribed', data: tea }));
  it('ALC-15: the same again changes nothing', () => given({ type: 'ArticleDescribed', data: tea }).when({ type: 'DescribeArticle', data: tea }).thenNothing());
  it('ALC-15: anything that is other is a change', () => {
    const heavier = { ...tea, grams: 300 };
    given({ type: 'ArticleDescribed', data: tea }).when({ type: 'DescribeArticle', data: heavier }).then({ type: 'ArticleDescribed', data: heavier });
  });
  it('an unknown weight is 0', () => given().when({ type: 'DescribeArticle', data: { ...tea, grams: 0 } }).then({ type: 'ArticleDescribed', data: { ...tea, grams: 0 } }));
  it('refuses less than no weight', () => given().when({ type: 'DescribeArticle', data: { ...tea, grams: -1 } }).thenRefused('BAD_QUANTITY'));
  it('refuses a SKU that no stream could be named by', () => {
    for (const name of ['', ' TEA', '茶', 'x'.repeat(101)]) given().when({ type: 'DescribeArticle', data: { ...tea, sku: name } }).thenRefused('BAD_REQUEST');
  });
});

describe('warehouses', () => {
  const { given } = specify(warehouse);
  const site = warehouseAt('WH1', '广东省');
  it('takes a warehouse over as a whole', () => given().when({ type: 'DescribeWarehouse', data: site }).then({ type: 'WarehouseDescribed', data: site }));
  it('the same again changes nothing', () => given({ type: 'WarehouseDescribed', data: site }).when({ type: 'DescribeWarehouse', data: site }).thenNothing());
  it('refuses an id with a dot: it would be read as a SKU', () => given().when({ type: 'DescribeWarehouse', data: { ...site, warehouse: 'WH.1' } }).thenRefused('BAD_REQUEST'));
  it('refuses a country that is none', () => given().when({ type: 'DescribeWarehouse', data: { ...site, country: 'China' } }).thenRefused('BAD_ADDRESS'));

  const listed = { type: 'WarehouseListed', data: { warehouse: 'WH1' } } as const;
  it('are listed once', () => {
    specify(register).given().when({ type: 'ListWarehouse', data: { warehouse: 'WH1' } }).then(listed);
    specify(register).given(listed).when({ type: 'ListWarehouse', data: { warehouse: 'WH1' } }).thenNothing();
  });
});
