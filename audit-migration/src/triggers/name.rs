//! What the names of triggers and functions have in common.

/// A number that stands for a name which is too long: FNV-1a, the same in every version of this library, which the standard
/// library's hashes are not.
///
/// See <http://www.isthe.com/chongo/tech/comp/fnv/>.
pub(super) fn stable_hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::stable_hash;

    /// The algorithm's own test vectors: another number would be another name.
    #[test]
    fn the_number_of_a_name_never_changes() {
        assert_eq!(stable_hash(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(stable_hash("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(stable_hash("foobar"), 0x8594_4171_f739_67e8);
    }
}
