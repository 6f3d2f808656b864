export {
  Communicator,
  type Exchange,
  type Numbers,
  type Received,
  type Reduction,
  type Request,
} from './communicator.ts';
export { alone } from './self.ts';
