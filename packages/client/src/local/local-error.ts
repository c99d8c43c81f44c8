/** Why a program's request is refused; D-Bus shows `io.lovely.Client1.Error.<code>`, the socket the code. */
export type LocalErrorCode =
  | 'InvalidArguments' // a name, a type or a length is not as it must be
  | 'UnknownMethod' // there is no such method
  | 'TooLarge' // one call carries too much
  | 'TooManyCalls' // the program calls too often; wait a second
  | 'LimitReached' // as many of these as there may be
  | 'UnknownSensor' // nobody registered this sensor
  | 'NotYours' // another program, or another user's, speaks for it
  | 'RuleIsWatched' // the gateway watches this rule by itself
  | 'UnknownRun' // this run of a command or step is over, or was never the program's
  | 'UnknownFile' // the firmware has no such file, or it can't be read
  | 'ProtoTaken'; // another program registered the proto

export class LocalError extends Error {
  readonly code: LocalErrorCode;

  constructor(code: LocalErrorCode, message: string) {
    super(message);
    this.name = 'LocalError';
    this.code = code;
  }
}
