//! The countries whose rules of the air can be asked for, by their two letters. Pure.
//!
//! Any two capitals would be taken by a profile, and two hundred boxes would then keep to the rules that hold everywhere.

/// Every code that ISO 3166-1 alpha-2 assigns. From two lists that agree: Debian's `iso-codes` 4.15.0 and `iso3166.tab` of the time zone data base 2025b.
const ASSIGNED: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ \
    BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR \
    CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR \
    GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU \
    ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ \
    LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ \
    MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF \
    PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI \
    SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR \
    TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";
/// No country's any more (the Netherlands Antilles), and still in wireless-regdb 2026.05.30, by which Wi-Fi knows countries. All else in there is assigned
/// but `00`, the rules that hold everywhere: a box that is told no country keeps to them.
const STILL_KNOWN: &str = "AN";

/// The letters of a country; `None`: it is none.
pub(super) fn letters(text: &str) -> Option<[u8; 2]> {
    let mut all = ASSIGNED.split(' ').chain([STILL_KNOWN]);
    all.find(|country| *country == text)?
        .as_bytes()
        .try_into()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole_and_in_order() {
        let all: Vec<&str> = ASSIGNED.split(' ').collect();
        assert_eq!(all.len(), 249);
        assert!(all.windows(2).all(|two| two[0] < two[1]));
        assert!(all.iter().all(|country| letters(country).is_some()));
    }

    #[test]
    fn what_is_no_country_is_none() {
        for country in ["PH", "UA", "KE", "SS", "TL", "AN"] {
            assert_eq!(
                letters(country).as_ref().map(|two| &two[..]),
                Some(country.as_bytes())
            );
        }
        // Of nobody, of users (Kosovo's as well), reserved, everywhere's, and what a hand mistypes.
        for text in [
            "XX", "ZZ", "XK", "UK", "EU", "00", "ph", "Ph", "", "P", "PHL", "AD AE", " ",
        ] {
            assert_eq!(letters(text), None, "{text}");
        }
    }
}
