//! Network addresses.

use serde_json::Value as Json;

/// The form of a MAC address, as PostgreSQL prints it. The crate's own text is in upper case.
#[cfg(feature = "with-mac_address")]
pub(super) fn mac(address: sea_orm::sea_query::value::prelude::MacAddress) -> String {
    let [a, b, c, d, e, f] = address.bytes();
    format!("{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}")
}

/// A MAC address: six pairs of hex digits, with any of the separators in use.
#[cfg(feature = "with-mac_address")]
pub(super) fn decode_mac(json: &Json) -> Option<sea_orm::sea_query::value::prelude::MacAddress> {
    let digits: String = json.as_str()?.split([':', '-', '.']).collect();
    let bytes: [u8; 6] = super::bytes::unhex(&digits)?.try_into().ok()?;
    Some(bytes.into())
}

/// An IP network; an address without prefix is a network of one.
#[cfg(feature = "with-ipnetwork")]
pub(super) fn decode_ip(json: &Json) -> Option<sea_orm::prelude::IpNetwork> {
    json.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[cfg(feature = "with-mac_address")]
    #[test]
    fn a_mac_address_is_read_with_any_separator() {
        let address = [0x08, 0x00, 0x2b, 0x01, 0x02, 0xff].into();
        assert_eq!(mac(address), "08:00:2b:01:02:ff");
        for text in [
            "08:00:2b:01:02:ff",
            "08-00-2B-01-02-FF",
            "08002b0102ff",
            "0800.2b01.02ff",
        ] {
            assert_eq!(decode_mac(&json!(text)), Some(address), "{text}");
        }
        for text in [
            "08:00:2b:01:02",
            "08:00:2b:01:02:fg",
            "08:00:2b:01:02:ff:00",
            "",
        ] {
            assert_eq!(decode_mac(&json!(text)), None, "{text}");
        }
    }

    #[cfg(feature = "with-ipnetwork")]
    #[test]
    fn an_address_is_a_network_of_one() {
        assert_eq!(
            decode_ip(&json!("10.0.0.1")).unwrap().to_string(),
            "10.0.0.1/32"
        );
        assert_eq!(
            decode_ip(&json!("10.0.0.1/8")).unwrap().to_string(),
            "10.0.0.1/8"
        );
        assert_eq!(
            decode_ip(&json!("2001:DB8::1/64")).unwrap().to_string(),
            "2001:db8::1/64"
        );
        assert_eq!(decode_ip(&json!("10.0.0.1/33")), None);
    }
}
