//! ISO 639-3, as archives have it, to the BCP 47 subtag that browsers and readers know.

/// Archives name several languages with commas: the first one counts. A code without a short form is valid BCP 47 as it is.
pub(crate) fn bcp47(code: &str) -> String {
    let first = code
        .split(',')
        .next()
        .unwrap_or("")
        .trim()
        .to_ascii_lowercase();
    let short = match first.as_str() {
        "eng" => "en",
        "fra" | "fre" => "fr",
        "ara" => "ar",
        "spa" => "es",
        "ukr" => "uk",
        "amh" => "am",
        "ben" => "bn",
        "deu" | "ger" => "de",
        "fas" | "per" => "fa",
        "hau" => "ha",
        "heb" => "he",
        "hin" => "hi",
        "ind" => "id",
        "ita" => "it",
        "jpn" => "ja",
        "khm" => "km",
        "kor" => "ko",
        "kur" => "ku",
        "lao" => "lo",
        "msa" | "may" => "ms",
        "mya" | "bur" => "my",
        "nep" => "ne",
        "nld" | "dut" => "nl",
        "orm" => "om",
        "pol" => "pl",
        "por" => "pt",
        "pus" => "ps",
        "ron" | "rum" => "ro",
        "rus" => "ru",
        "som" => "so",
        "swa" => "sw",
        "tgl" => "tl",
        "tha" => "th",
        "tir" => "ti",
        "tur" => "tr",
        "urd" => "ur",
        "vie" => "vi",
        "yor" => "yo",
        "zho" | "chi" => "zh",
        "mul" | "und" | "zxx" => "",
        other
            if (2..=8).contains(&other.len()) && other.bytes().all(|b| b.is_ascii_alphabetic()) =>
        {
            other
        }
        _ => "",
    };
    short.to_owned()
}
