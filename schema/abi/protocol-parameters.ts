import { parseAbi } from 'viem'

/** The parameters that governance may change; `key` is the ASCII name padded to 32 bytes. */
export const protocolParametersAbi = parseAbi([
  'event ParameterSet(uint64 sequence, bytes32 indexed key, uint256 previousValue, uint256 value)',
])
