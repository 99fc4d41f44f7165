//! Keys made ahead, on threads of their own, while the rest of kinit does other things.
//!
//! An RSA key takes long and nobody knows how long; `init` needs up to eighteen of them.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;

use super::keys::{KeyAlgorithm, KeyError, PrivateKey};

/// A supply of fresh private keys of one algorithm.
#[derive(Debug)]
pub struct KeyPool {
    algorithm: KeyAlgorithm,
    ready: mpsc::Receiver<Result<PrivateKey, KeyError>>,
    /// How many the threads have still to begin; none once the pool is gone.
    outstanding: Arc<AtomicUsize>,
}

impl KeyPool {
    /// Starts making `count` keys, on a thread for each processor.
    #[must_use]
    pub fn start(algorithm: KeyAlgorithm, count: usize) -> Self {
        let (done, ready) = mpsc::channel();
        let outstanding = Arc::new(AtomicUsize::new(count));
        let threads = thread::available_parallelism().map_or(1, NonZero::get).min(count);
        for number in 0..threads {
            let (done, outstanding) = (done.clone(), Arc::clone(&outstanding));
            let work = move || {
                while claim(&outstanding) {
                    // Nobody listens any more: the pool is gone.
                    if done.send(PrivateKey::generate(algorithm)).is_err() {
                        return;
                    }
                }
            };
            // Without any thread, keys are made when they are taken.
            let _running = thread::Builder::new().name(format!("keys-{number}")).spawn(work);
        }
        Self { algorithm, ready, outstanding }
    }

    /// The algorithm of its keys.
    #[must_use]
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// A key that nobody had before: one made ahead, or one made now when there is none left.
    pub fn take(&self) -> Result<PrivateKey, KeyError> {
        // The channel closes when the last thread has sent its last key.
        self.ready.recv().unwrap_or_else(|_| PrivateKey::generate(self.algorithm))
    }
}

impl Drop for KeyPool {
    fn drop(&mut self) {
        self.outstanding.store(0, Ordering::Relaxed);
    }
}

/// Takes one off the count, unless there is none left.
fn claim(outstanding: &AtomicUsize) -> bool {
    outstanding.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_more_than_it_made_ahead_and_never_the_same_twice() {
        let pool = KeyPool::start(KeyAlgorithm::EcdsaP256, 3);
        let keys: Vec<_> = (0..5).map(|_| pool.take().unwrap()).collect();
        let mut publics: Vec<_> = keys.iter().map(PrivateKey::public_key).collect();
        publics.sort_unstable();
        publics.dedup();
        assert_eq!(publics.len(), 5);
    }
}
