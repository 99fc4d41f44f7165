//! How large an object may become: a few copies of copies would fill the memory.
//!
//! Knows limits; refuses to know how objects are patched.

use serde_json::Value;

use super::Misfit;
use crate::yaml::limits::DEPTH;

/// The most that a patched object may take, and that the operations of one patch may add, copy and move. etcd stores
/// a tenth of it at most.
const MEMORY: usize = 16 << 20;
/// What a value takes beside its text, roughly.
const VALUE: usize = 64;

/// How large a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    /// Bytes in memory, roughly.
    pub(super) memory: usize,
    /// Lists and maps within each other.
    pub(super) depth: usize,
}

impl Size {
    pub(super) fn of(value: &Value) -> Self {
        let own = Self { memory: VALUE, depth: 0 };
        match value {
            Value::Array(items) => items.iter().fold(Self { depth: 1, ..own }, |size, item| size.around(item, 0)),
            Value::Object(map) => {
                map.iter().fold(Self { depth: 1, ..own }, |size, (key, inner)| size.around(inner, key.len()))
            }
            Value::String(text) => Self { memory: VALUE + text.len(), ..own },
            _ => own,
        }
    }

    fn around(self, inner: &Value, key: usize) -> Self {
        let inner = Self::of(inner);
        Self { memory: self.memory + inner.memory + key, depth: self.depth.max(inner.depth + 1) }
    }
}

/// What may still be used of the memory.
#[derive(Debug)]
pub(super) struct Room(usize);

impl Room {
    /// All of it.
    pub(super) fn new() -> Self {
        Self(MEMORY)
    }

    /// Takes what a value needs that is put `below` so many lists and maps.
    pub(super) fn take(&mut self, value: &Value, below: usize) -> Result<(), Misfit> {
        let Size { memory, depth } = Size::of(value);
        if below + depth > DEPTH {
            return Err(Misfit::TooLarge(format!("more than {DEPTH} lists and maps would be within each other")));
        }
        let full = || Misfit::TooLarge(format!("more than {} MiB would be filled", MEMORY >> 20));
        self.0 = self.0.checked_sub(memory).ok_or_else(full)?;
        Ok(())
    }
}
