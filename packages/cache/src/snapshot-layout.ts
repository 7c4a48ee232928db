/**
 * All samples in one file, for loading. It is derived from the samples' own files and only ever read
 * together with their names: a row without its file is not loaded, a file without its row is read.
 * So it may be damaged, out of date or gone, and two processes may write it at once.
 *
 *     word 0  magic, in the byte order of the machine
 *     word 1  CRC-32 of everything after it
 *     word 2  rows: the oldest sample first, equal times in the order of their file names
 *     word 3  columns of numbers: the known ones, then one for each other field that is a number
 *     word 4  bytes of the names
 *     word 5  bytes of the text
 *     then    a column of float64 for each number, NaN where a row has none
 *     then    a column of uint32 for each text, its index in `texts`
 *     then    the file names as UTF-8, each two separated by a slash
 *     then    UTF-8 JSON: the texts, the names of the other columns of numbers, and what has no column
 */

/** 'AMZ' and the version of this layout. Of another byte order, it reads as another number. */
export const MAGIC = 0x41_4d_5a_03
export const WORD_BYTES = 4
export const HEADER_BYTES = 24
export const HEADER_WORDS: number = HEADER_BYTES / WORD_BYTES
export const NUMBER_BYTES = 8

/** What no file name contains. */
export const NAME_SEPARATOR = '/'
