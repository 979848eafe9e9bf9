/**
 * Close codes by name. Source: RFC 6455 section 7.4.1; 1012 to 1014 are in the IANA registry; 4402 is a
 * gateway's own.
 */
export const CloseCode = Object.freeze({
  /** The purpose is fulfilled. Also what our own `close` sends. */
  NORMAL: 1000,
  /** The server goes down or has had enough: some services say so when idle or too old. */
  GOING_AWAY: 1001,
  /** A frame broke the protocol. */
  PROTOCOL_ERROR: 1002,
  /** A kind of data that the peer cannot take, such as a binary frame. */
  UNSUPPORTED_DATA: 1003,
  /** Never on the wire: the close frame had no code. */
  NO_STATUS: 1005,
  /** Never on the wire: there was no close frame at all. */
  ABNORMAL: 1006,
  /** Text that is not UTF-8. */
  INVALID_PAYLOAD: 1007,
  /** A policy forbids it. Right after the upgrade it means that this transport is not to be had. */
  POLICY_VIOLATION: 1008,
  /** The message was too large. The same message will be refused again. */
  MESSAGE_TOO_BIG: 1009,
  /** The server lacks an extension that the client asked for. */
  MANDATORY_EXTENSION: 1010,
  /** The server failed. With the reason "keepalive ping timeout": our pongs did not arrive. */
  INTERNAL_ERROR: 1011,
  /** The service restarts. */
  SERVICE_RESTART: 1012,
  /** The service is overloaded. */
  TRY_AGAIN_LATER: 1013,
  /** A gateway got a bad answer from behind. */
  BAD_GATEWAY: 1014,
  /** Never on the wire: the TLS handshake failed. */
  TLS_HANDSHAKE: 1015,
  /** Vercel AI Gateway: out of credits. */
  OUT_OF_CREDITS: 4402,
} as const)
