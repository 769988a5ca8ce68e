//! FNV-1a: the checksum of the state (32 bits, part of the wire contract), the ids of conflicts and the
//! numbers of locks (64 bits). Not a defence against anybody who chooses ids to collide.

const OFFSET_32: u32 = 0x811c_9dc5;
const PRIME_32: u32 = 0x0100_0193;
const OFFSET_64: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME_64: u64 = 0x0000_0100_0000_01b3;

/// The checksum of one entity: over the bytes of `id:version`.
pub(super) fn entity(id: &str, version: u32) -> u32 {
    let mut digits = [0; 10];
    id.bytes()
        .chain([b':'])
        .chain(decimal(version, &mut digits).iter().copied())
        .fold(OFFSET_32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(PRIME_32))
}

/// Over all parts in order, each ended by a zero byte, which no part contains.
pub(crate) fn hash64<'a>(parts: impl Iterator<Item = &'a str>) -> u64 {
    parts
        .flat_map(|part| part.bytes().chain([0]))
        .fold(OFFSET_64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME_64))
}

/// The decimal digits of a number, without an allocation.
fn decimal(mut number: u32, digits: &mut [u8; 10]) -> &[u8] {
    let mut first = digits.len();
    loop {
        first -= 1;
        digits[first] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            return &digits[first..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        // Reference values of FNV-1a: hash("a") and hash("foobar") for both widths.
        let plain32 = |text: &str| {
            text.bytes().fold(OFFSET_32, |h, b| (h ^ u32::from(b)).wrapping_mul(PRIME_32))
        };
        assert_eq!(plain32("foobar"), 0xbf9c_f968);
        assert_eq!(entity("course-1", 1), plain32("course-1:1"));
        assert_eq!(entity("x", u32::MAX), plain32("x:4294967295"));
        assert_eq!(entity("", 0), plain32(":0"));
    }

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(hash64(["ab", "c"].into_iter()), hash64(["a", "bc"].into_iter()));
    }
}
