import { FatalError } from '@foggara/schema'

/**
 * Loads a package that an installation may lack.
 *
 * @throws {PackageMissingError} when it is not installed, or not for this platform.
 */
export async function loadOptional<Module>(
  name: string,
  what: string,
  load: () => Promise<Module>,
): Promise<Module> {
  try {
    return await load()
  } catch (cause) {
    throw new PackageMissingError(name, what, cause)
  }
}

/** Something was asked for that needs a package which is not installed. */
export class PackageMissingError extends FatalError {
  constructor(name: string, what: string, cause: unknown) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'a failure'
    super('PACKAGE_MISSING', `${what}: expected the package ${name}, found ${code}`, {
      cause,
      hint: `Install it with: npm install ${name}`,
    })
  }
}
