import { existsSync, readFileSync } from "node:fs";

const status = "/proc/self/status";

/**
 * The most memory that this process has held, in bytes. Linux hands the figure of `resourceUsage` on
 * from the process that forked this one, so there it is read from the kernel's own account.
 */
export function peakMemory() {
  const line = existsSync(status) && readFileSync(status, "utf8").match(/^VmHWM:\s+(\d+) kB$/m);
  return 1024 * Number(line ? line[1] : process.resourceUsage().maxRSS);
}
