/** The form in which two spellings of a name are equal: RFC 8265 §3.3, with NFKC for the widths. */
export const nameKey = (name: string): string => name.slice(0, 200).normalize("NFKC").toLowerCase().normalize("NFKC")
