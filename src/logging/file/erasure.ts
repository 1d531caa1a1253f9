import { makeTombstone } from '../make-tombstone';
import { type PredictionRecord } from '../prediction-record';
import { type LineRange } from './log-line';

/** Characters of a client id: those around a shorter id would make it another one. */
const ID_CHARACTERS = 'A-Za-z0-9._:@-';

/** Whom to erase, and what is written in its place. */
export class Erasure {
  /** The same for all records of one erasure. */
  readonly tombstone = makeTombstone();
  private readonly name: RegExp;

  /**
   * @param clientId as `POST /predict` takes it
   * @param at ISO 8601, UTC
   * @param tenant whose client it is, as tenants name clients as they like; all of them when undefined
   */
  constructor(
    private readonly clientId: string,
    readonly at: string,
    private readonly tenant?: string,
  ) {
    const literal = clientId.replaceAll('.', '\\.');
    this.name = new RegExp(`(?<![${ID_CHARACTERS}])${literal}(?![${ID_CHARACTERS}])`);
  }

  /** Whether a record is the client's. */
  concerns(record: PredictionRecord): boolean {
    return record.clientId === this.clientId && (this.tenant === undefined || record.tenant === this.tenant);
  }

  /** Whether bytes, sound or not, hold the client's name. Ids are ASCII, so bytes are characters. */
  isNamedIn(bytes: Buffer, { start, end }: LineRange): boolean {
    const part = bytes.subarray(start, end);
    return part.includes(this.clientId, 0, 'latin1') && this.name.test(part.toString('latin1'));
  }
}
