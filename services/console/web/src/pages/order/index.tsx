import { Empty, Page } from '../../kit/index.js';

const Orders = () => (
  <Page title="Orders">
    <Empty />
  </Page>
);
export default Orders;
