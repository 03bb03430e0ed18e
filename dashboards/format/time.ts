const DAY_SECONDS = 86_400

/** Seconds since 1970 as `2026-11-22 17:20:31` in UTC. */
export function formatUtc(seconds: number): string {
  const day = Math.floor(seconds / DAY_SECONDS)
  const rest = seconds - day * DAY_SECONDS
  const clock = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60]
  return `${civilDate(day)} ${clock.map((part) => String(part).padStart(2, '0')).join(':')}`
}

/** A duration in its largest fitting unit: `8 s`, `3 min`, `2 h`, `5 d`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min`
  if (whole < DAY_SECONDS) return `${Math.floor(whole / 3600)} h`
  return `${Math.floor(whole / DAY_SECONDS)} d`
}

/** Howard Hinnant's days-to-civil: exact for every day of the proleptic Gregorian calendar. */
function civilDate(day: number): string {
  const shifted = day + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  )
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  const dayOfMonth = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return `${String(year).padStart(4, '0')}-${pad(month)}-${pad(dayOfMonth)}`
}

function pad(part: number): string {
  return String(part).padStart(2, '0')
}
