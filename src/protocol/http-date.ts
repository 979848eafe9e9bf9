const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const MONTH = `(?<month>${MONTHS.join('|')})`
const TIME = '(?<hour>[01]\\d|2[0-3]):(?<minute>[0-5]\\d):(?<second>[0-5]\\d|60)'

/** IMF-fixdate, then the two obsolete forms that a recipient must still accept (RFC 850 and asctime). */
const FORMS = [
  new RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>\\d{2}) ${MONTH} (?<year>\\d{4}) ${TIME} GMT$`),
  new RegExp(
    `^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\\d{2})-${MONTH}-(?<year>\\d{2}) ${TIME} GMT$`,
  ),
  new RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ${MONTH} (?<day>\\d{2}| \\d) ${TIME} (?<year>\\d{4})$`),
]

/**
 * Reads an HTTP date (RFC 9110 section 5.6.7) as Unix time in ms, or null if it is none.
 *
 * `Date.parse` is not used: it reads years into nonsense, and asctime dates in the local time zone.
 */
export function parseHttpDate(text: string, nowMs: number): number | null {
  for (const form of FORMS) {
    const groups = form.exec(text)?.groups
    if (groups !== undefined) return timeOf(groups, nowMs)
  }
  return null
}

function timeOf(groups: Record<string, string | undefined>, nowMs: number): number | null {
  const field = (name: string): number => Number(groups[name])
  const month = MONTHS.indexOf(groups['month'] ?? '')
  const day = field('day')
  const year = groups['year']?.length === 2 ? nearestYear(field('year'), nowMs) : field('year')
  const midnight = new Date(0)
  // Not `Date.UTC`: that takes the years 0 to 99 for 1900 to 1999.
  midnight.setUTCFullYear(year, month, day)
  if (midnight.getUTCMonth() !== month || midnight.getUTCDate() !== day) return null
  return midnight.getTime() + ((field('hour') * 60 + field('minute')) * 60 + field('second')) * 1000
}

/** A two-digit year that seems more than 50 years ahead is the one in the past (RFC 9110 section 5.6.7). */
function nearestYear(twoDigits: number, nowMs: number): number {
  const thisYear = new Date(nowMs).getUTCFullYear()
  const year = thisYear - (thisYear % 100) + twoDigits
  return year > thisYear + 50 ? year - 100 : year
}
