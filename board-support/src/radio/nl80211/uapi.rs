//! The numbers of nl80211 that are used here. Source: Linux, include/uapi/linux/nl80211.h, whose names stand in the comments' stead:
//! `command::GET_WIPHY` is `NL80211_CMD_GET_WIPHY`, `attribute::IFINDEX` is `NL80211_ATTR_IFINDEX`, and so on.

pub(super) mod command {
    pub(crate) const GET_WIPHY: u8 = 1;
    pub(crate) const SET_WIPHY: u8 = 2;
    pub(crate) const GET_INTERFACE: u8 = 5;
    pub(crate) const GET_STATION: u8 = 17;
    pub(crate) const REQ_SET_REG: u8 = 27;
    pub(crate) const GET_REG: u8 = 31;
    pub(crate) const GET_SCAN: u8 = 32;
    pub(crate) const TRIGGER_SCAN: u8 = 33;
    pub(crate) const NEW_SCAN_RESULTS: u8 = 34;
    pub(crate) const SCAN_ABORTED: u8 = 35;
    pub(crate) const GET_SURVEY: u8 = 50;
    pub(crate) const RELOAD_REGDB: u8 = 126;
}

pub(super) mod attribute {
    pub(crate) const WIPHY: u16 = 1;
    pub(crate) const IFINDEX: u16 = 3;
    pub(crate) const IFNAME: u16 = 4;
    pub(crate) const IFTYPE: u16 = 5;
    pub(crate) const MAC: u16 = 6;
    pub(crate) const STA_INFO: u16 = 21;
    pub(crate) const WIPHY_BANDS: u16 = 22;
    pub(crate) const SUPPORTED_IFTYPES: u16 = 32;
    pub(crate) const REG_ALPHA2: u16 = 33;
    /// MHz each.
    pub(crate) const SCAN_FREQUENCIES: u16 = 44;
    pub(crate) const BSS: u16 = 47;
    pub(crate) const SURVEY_INFO: u16 = 84;
    pub(crate) const WIPHY_TX_POWER_SETTING: u16 = 97;
    pub(crate) const WIPHY_TX_POWER_LEVEL: u16 = 98;
    pub(crate) const SCAN_FLAGS: u16 = 158;
    pub(crate) const SPLIT_WIPHY_DUMP: u16 = 174;
    pub(crate) const MAX_AP_ASSOC_STA: u16 = 202;
}

/// `NL80211_BAND_2GHZ`, `NL80211_BAND_5GHZ`.
pub(super) mod band {
    pub(crate) const TWO: u16 = 0;
    pub(crate) const FIVE: u16 = 1;
    /// `NL80211_BAND_ATTR_FREQS`.
    pub(crate) const FREQS: u16 = 1;
}

/// `NL80211_FREQUENCY_ATTR_…`.
pub(super) mod frequency {
    /// MHz.
    pub(crate) const FREQ: u16 = 1;
    pub(crate) const DISABLED: u16 = 2;
    pub(crate) const NO_IR: u16 = 3;
    pub(crate) const RADAR: u16 = 5;
    /// Hundredths of a dBm.
    pub(crate) const MAX_TX_POWER: u16 = 6;
}

/// `NL80211_IFTYPE_…`.
pub(super) mod iftype {
    pub(crate) const STATION: u32 = 2;
    pub(crate) const AP: u32 = 3;
}

/// `NL80211_BSS_…`.
pub(super) mod bss {
    pub(crate) const BSSID: u16 = 1;
    /// MHz.
    pub(crate) const FREQUENCY: u16 = 2;
    pub(crate) const INFORMATION_ELEMENTS: u16 = 6;
    /// Hundredths of a dBm.
    pub(crate) const SIGNAL_MBM: u16 = 7;
    /// 0 to 100 of nothing that is known.
    pub(crate) const SIGNAL_UNSPEC: u16 = 8;
    pub(crate) const SEEN_MS_AGO: u16 = 10;
    pub(crate) const BEACON_IES: u16 = 11;
}

/// `NL80211_STA_INFO_…`, `NL80211_RATE_INFO_…`, `NL80211_STA_FLAG_…`.
pub(super) mod station {
    /// Milliseconds.
    pub(crate) const INACTIVE_TIME: u16 = 1;
    /// dBm, signed.
    pub(crate) const SIGNAL: u16 = 7;
    pub(crate) const TX_BITRATE: u16 = 8;
    pub(crate) const SIGNAL_AVG: u16 = 13;
    /// `struct nl80211_sta_flag_update`: which flags are told, and which of them are set, 32 bits each.
    pub(crate) const FLAGS: u16 = 17;
    /// Of them: it has shown that it knows the phrase, or none is wanted.
    pub(crate) const AUTHORIZED: u32 = 1 << 1;
    /// Of 100 kbit/s, as 16 bits.
    pub(crate) const BITRATE: u16 = 1;
    /// The same as 32 bits.
    pub(crate) const BITRATE32: u16 = 5;
}

/// `NL80211_SURVEY_INFO_…`.
pub(super) mod survey {
    pub(crate) const IN_USE: u16 = 3;
    /// Milliseconds in which frames came in.
    pub(crate) const TIME_RX: u16 = 7;
}

/// `NL80211_TX_POWER_LIMITED`.
pub(super) const TX_POWER_LIMITED: u32 = 1;
/// `NL80211_SCAN_FLAG_FLUSH`: what was heard before is forgotten.
pub(super) const SCAN_FLAG_FLUSH: u32 = 2;
/// `NL80211_SCAN_FLAG_AP`: though it is an access point.
pub(super) const SCAN_FLAG_AP: u32 = 4;
