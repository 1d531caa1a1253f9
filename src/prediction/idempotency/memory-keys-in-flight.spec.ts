import { describeKeysInFlight } from '../../../test/contract/keys-in-flight.contract';
import { MemoryKeysInFlight } from './memory-keys-in-flight';

describeKeysInFlight('MemoryKeysInFlight', () => new MemoryKeysInFlight());
