//! Random numbers, for tests that look for what no order of events was written down for.

use std::{
    hash::{BuildHasher, RandomState},
    ops::Range,
};

/// SplitMix64, see <https://prng.di.unimi.it/splitmix64.c>.
#[derive(Debug)]
pub struct Dice(u64);

impl Dice {
    /// Other numbers each time.
    pub fn random() -> Self {
        Self(RandomState::new().hash_one(std::process::id()))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub fn within(&mut self, range: Range<i32>) -> i32 {
        let width = u64::try_from(range.end - range.start).unwrap();
        range.start + i32::try_from(self.below(width)).unwrap()
    }

    /// Once in so many times.
    pub fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }
}
