export type AccountRefusedCode = 'NAME_TAKEN' | 'NAME_INVALID' | 'ID_TAKEN' | 'ID_INVALID';
export type AccountErrorCode = AccountRefusedCode | 'ACCOUNT_NOT_FOUND' | 'ACCOUNT_IN_USE';

const TEXTS: Record<AccountRefusedCode, string> = {
  NAME_TAKEN: 'an account of this name exists',
  NAME_INVALID: "an account's name has 1 to 1024 bytes and no control characters, and is not itself an account's id",
  ID_TAKEN: 'an account of this id exists',
  ID_INVALID: "an account's id is a UUID of version 4 or 5, in lower case and with its dashes",
};

/** Why nothing was done with an account. The message is for whoever runs the server. */
export abstract class AccountError extends Error {
  abstract readonly code: AccountErrorCode;
}

/** An account can't be made or changed as it is wanted. */
export class AccountRefused extends AccountError {
  override readonly name = 'AccountRefused';
  readonly code: AccountRefusedCode;

  constructor(code: AccountRefusedCode) {
    super(TEXTS[code]);
    this.code = code;
  }
}

/** No account has that id or that name. */
export class AccountNotFound extends AccountError {
  override readonly name = 'AccountNotFound';
  readonly code = 'ACCOUNT_NOT_FOUND';

  /** @param reference the id or the name, as it was written */
  constructor(reference: string) {
    super(`there is no account ${JSON.stringify(reference)}`);
  }
}

/** An account that still keeps certificates is not deleted. */
export class AccountInUse extends AccountError {
  override readonly name = 'AccountInUse';
  readonly code = 'ACCOUNT_IN_USE';

  constructor() {
    super('the account still keeps certificates: delete these first');
  }
}
