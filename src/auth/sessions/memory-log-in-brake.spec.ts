import { describeLogInBrake } from '../../../test/contract/log-in-brake.contract';
import { MemoryLogInBrake } from './memory-log-in-brake';

describeLogInBrake('MemoryLogInBrake', (clock) => new MemoryLogInBrake(clock));

describe('MemoryLogInBrake', () => {
  it('remembers ten thousand names: those that failed longest ago are forgotten first', () => {
    const brake = new MemoryLogInBrake(() => 0);
    for (let index = 0; index < 4; index++) brake.fail(['first']);
    for (let index = 0; index < 9_999; index++) brake.fail([`n${index}`]);
    expect(brake.waitSeconds(['first'])).toBe(1);
    brake.fail(['one more']);
    expect(brake.waitSeconds(['first'])).toBe(0);
  });
});
