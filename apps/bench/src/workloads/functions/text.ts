/** Functions over texts; each is self-contained, so that it travels as its source. */

/** Rows of a CSV file with quoted fields, as records. */
export function parseCsv(text: string): Record<string, string>[] {
  const rows: string[][] = []
  let row: string[] = []
  let field = ''
  let isQuoted = false
  for (let index = 0; index < text.length; index++) {
    const char = text[index]!
    if (isQuoted) {
      if (char !== '"') field += char
      else if (text[index + 1] === '"') {
        field += '"'
        index++
      } else isQuoted = false
    } else if (char === '"') isQuoted = true
    else if (char === ',' || char === '\n') {
      row.push(field)
      field = ''
      if (char === '\n') {
        rows.push(row)
        row = []
      }
    } else field += char
  }
  const [header = [], ...records] = rows
  return records.map((values) =>
    Object.fromEntries(header.map((name, column) => [name, values[column] ?? ''])),
  )
}

/** Headings, lists, emphasis, code and links of a small Markdown dialect, as HTML. */
export function renderMarkdown(text: string): string {
  const inline = (line: string): string =>
    line
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replace(/`([^`]+)`/g, '<code>$1</code>')
      .replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
      .replace(/\*([^*]+)\*/g, '<em>$1</em>')
      .replace(/\[([^\]]+)\]\(([^)]+)\)/g, '<a href="$2">$1</a>')
  const html: string[] = []
  let isList = false
  for (const line of text.split('\n')) {
    const heading = /^(#{1,6}) (.*)$/.exec(line)
    const entry = /^[-*] (.*)$/.exec(line)
    if (isList !== Boolean(entry)) html.push(isList ? '</ul>' : '<ul>')
    isList = Boolean(entry)
    if (heading)
      html.push(`<h${heading[1]!.length}>${inline(heading[2]!)}</h${heading[1]!.length}>`)
    else if (entry) html.push(`<li>${inline(entry[1]!)}</li>`)
    else if (line.trim() !== '') html.push(`<p>${inline(line)}</p>`)
  }
  if (isList) html.push('</ul>')
  return html.join('\n')
}

/** Host, time, method, path, status and size of a line of a web server's log. */
export function parseLogLine(line: string): { host: string; path: string; status: number } | null {
  const match =
    /^(\S+) \S+ \S+ \[([^\]]+)\] "([A-Z]+) ([^ "]+) HTTP\/[0-9.]+" (\d{3}) (\d+|-)/.exec(line)
  return match && { host: match[1]!, path: match[4]!, status: Number(match[5]) }
}

/** Mail addresses and dates in a text. */
export function findAddresses(text: string): string[] {
  return text.match(/\b[\w.+-]+@[\w-]+\.[\w.]+\b|\b\d{4}-\d{2}-\d{2}\b/g) ?? []
}

/** The ten most frequent words of a text. */
export function frequentWords(text: string): [string, number][] {
  const counts = new Map<string, number>()
  for (const word of text.toLowerCase().split(/\W+/)) {
    if (word !== '') counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  return [...counts].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, 10)
}

/** Edit distance of two texts. @see Wagner and Fischer, J. ACM 21(1), 1974. */
export function editDistance({ a, b }: { a: string; b: string }): number {
  let previous = new Int32Array(b.length + 1).map((_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const current = new Int32Array(b.length + 1)
    current[0] = i
    const code = a.charCodeAt(i - 1)
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1]! + (code === b.charCodeAt(j - 1) ? 0 : 1)
      const moved = Math.min(previous[j]!, current[j - 1]!) + 1
      current[j] = replaced < moved ? replaced : moved
    }
    previous = current
  }
  return previous[b.length]!
}

/** Base64 by hand, as code without Node's buffers has to. */
export function encodeBase64(bytes: Uint8Array): string {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  let text = ''
  for (let index = 0; index < bytes.length; index += 3) {
    const group = (bytes[index]! << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0)
    text += digits[group >> 18]! + digits[(group >> 12) & 63]!
    text += index + 1 < bytes.length ? digits[(group >> 6) & 63]! : '='
    text += index + 2 < bytes.length ? digits[group & 63]! : '='
  }
  return text
}

/** How often each letter occurs. */
export function letterCounts(text: string): number[] {
  const counts = Array.from({ length: 26 }, () => 0)
  for (let index = 0; index < text.length; index++) {
    const letter = (text.charCodeAt(index) | 32) - 97
    if (letter >= 0 && letter < 26) counts[letter]!++
  }
  return counts
}
