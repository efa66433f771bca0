//! Values by number, sorted in a vector.

/// A map for few entries, most of them added at the end. (`BTreeMap` is 8 KB of code for each kind of value.)
pub struct Sorted<V>(Vec<(u64, V)>);

impl<V> Sorted<V> {
    /// Without entries.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// How many keys are at most `key`.
    fn rank(&self, key: u64) -> usize {
        self.0.partition_point(|(other, _)| *other <= key)
    }

    /// Adds a value, under a key that is not there.
    pub fn insert(&mut self, key: u64, value: V) {
        self.0.insert(self.rank(key), (key, value));
    }

    /// The entry with the largest key up to `key`.
    pub fn last_up_to(&self, key: u64) -> Option<&(u64, V)> {
        self.0[..self.rank(key)].last()
    }

    /// The value of `key`.
    pub fn get(&self, key: u64) -> Option<&V> {
        self.last_up_to(key)
            .filter(|(found, _)| *found == key)
            .map(|(_, value)| value)
    }

    /// Takes the value of `key` out.
    pub fn remove(&mut self, key: u64) -> Option<V> {
        self.get(key)?;
        Some(self.0.remove(self.rank(key) - 1).1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_by_key_and_from_above() {
        let mut sorted = Sorted::new();
        for key in [5, 1, 9, u64::MAX] {
            sorted.insert(key, key / 2);
        }
        assert_eq!(sorted.len(), 4);
        assert_eq!(sorted.get(5), Some(&2));
        assert_eq!(sorted.get(6), None);
        assert_eq!(sorted.last_up_to(8), Some(&(5, 2)));
        assert_eq!(sorted.last_up_to(0), None);
        assert_eq!(sorted.last_up_to(u64::MAX), Some(&(u64::MAX, u64::MAX / 2)));
        assert_eq!(sorted.remove(4), None);
        assert_eq!(sorted.remove(5), Some(2));
        assert_eq!(sorted.get(5), None);
        assert_eq!(sorted.last_up_to(8), Some(&(1, 0)));
    }
}
