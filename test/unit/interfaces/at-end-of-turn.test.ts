import { setImmediate as turnEnded } from 'node:timers/promises';
import { expect } from 'chai';
import { atEndOfTurn } from '../../../src/interfaces/at-end-of-turn.js';

describe('The end of a turn of the event loop', () => {
  it('runs each task once, when all that was ready is handled', async () => {
    const ran: string[] = [];
    const [first, second] = [() => ran.push('first'), () => ran.push('second')];
    atEndOfTurn(first);
    atEndOfTurn(second);
    atEndOfTurn(first);
    await Promise.resolve();
    expect(ran).to.deep.equal([]);
    await turnEnded();
    expect(ran).to.deep.equal(['first', 'second']);
  });

  it('runs in the next turn what a task asks for', async () => {
    const ran: string[] = [];
    atEndOfTurn(() => {
      ran.push('first');
      atEndOfTurn(() => ran.push('second'));
    });
    await turnEnded();
    expect(ran).to.deep.equal(['first']);
    await turnEnded();
    expect(ran).to.deep.equal(['first', 'second']);
  });
});
