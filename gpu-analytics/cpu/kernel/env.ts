// AssemblyScript. What the host gives to the kernels.

/** Tells the host how many iterations or steps are done. */
export declare function report(count: u32): void
