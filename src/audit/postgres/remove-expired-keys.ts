import { type Client } from 'pg';

/** Deleted within some milliseconds, for which a record with one of these keys would wait. */
const KEYS_AT_A_TIME = 5000;

/**
 * Removes idempotency keys whose time is over. It is over by the time of the log's newest record, behind which no
 * later record falls, whatever the clocks say; so no key goes that could still be asked for.
 *
 * Cost: one pass over the keys in the order of their index.
 */
export async function removeExpiredKeys(client: Client): Promise<void> {
  for (let last: Buffer = Buffer.alloc(0); ;) {
    const { rows } = await client.query<{ hash: Buffer }>(
      // A key that is being taken again this moment is left alone: nobody may wait here, nor be waited for.
      `WITH expired AS (
         SELECT hash FROM idempotency_keys
         WHERE hash > $1
           AND expires_at <= (SELECT timestamptz 'epoch' + milliseconds * interval '1 millisecond' FROM log_head)
         ORDER BY hash LIMIT ${KEYS_AT_A_TIME}
         FOR UPDATE SKIP LOCKED
       ), removed AS (
         DELETE FROM idempotency_keys USING expired WHERE idempotency_keys.hash = expired.hash
       )
       SELECT hash FROM expired ORDER BY hash DESC LIMIT 1`,
      [last],
    );
    const [row] = rows;
    if (row === undefined) return;
    last = row.hash;
  }
}
