import { IsOptional, IsString } from 'class-validator';
import { PageQuery } from '../page.query';

/** What the log-in takes. */
export class LoginQuery extends PageQuery {
  /** The page that was asked for; what is not one is passed over. */
  @IsOptional()
  @IsString({ message: 'the address of a page' })
  to?: string;
}
