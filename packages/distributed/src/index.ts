export { type AgreedSettings, agree } from './agree.ts';
export { type Arrival, type Arrivals, ReplayError } from './arrivals/arrivals.ts';
export { recorded } from './arrivals/recorded.ts';
export { replayed } from './arrivals/replayed.ts';
export {
  type Act,
  type Collective,
  Communicator,
  type Exchange,
  type Numbers,
  type Pending,
  type Received,
  type Reduction,
  type Request,
} from './communicator.ts';
export { complete, type Program, type Ranks } from './drive.ts';
export {
  type EventLink,
  type EventList,
  type EventMark,
  type EventMessage,
  type EventNote,
  type EventPlace,
  type EventRank,
  type EventsAbout,
  eventList,
  parseEventList,
} from './events/eventList.ts';
export { Recording, type RecordingOptions } from './events/recording.ts';
export {
  type Doing,
  type InFlight,
  placesOf,
  type RankScene,
  type Scene,
  Scenes,
  type Stretch,
} from './events/scenes.ts';
export { NoAnswerError } from './faults.ts';
export { endProcess } from './mpi/library.ts';
export { type Mpi, type MpiOptions, mpi } from './mpi/mpi.ts';
export { RowSums, type RowSumsOptions, rowChunk, rowsOfRank } from './rowSums.ts';
export { alone } from './self.ts';
export type { Flight, NetworkOptions } from './simulator/network.ts';
export type { Down, Failures, Meanwhile, Outage } from './simulator/outages.ts';
export { type Simulation, type SimulationOptions, simulate } from './simulator/simulate.ts';
export type { RankCourse, Span } from './simulator/spans.ts';
export { type SimulatedThreadsOptions, simulateThreads } from './simulator/threads.ts';
export { type Times, timeParameters } from './simulator/times.ts';
export { type RankModule, type ThreadsOptions, threads } from './threads/threads.ts';
export type { Phases, Sent } from './traffic.ts';
