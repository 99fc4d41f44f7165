//! Keys made ahead, on threads of their own, while the rest of kinit does other things.
//!
//! An RSA key takes long and nobody knows how long; `init` needs up to sixteen of them.

use std::cell::RefCell;
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
    /// The last thread waits until this is gone.
    reserve: RefCell<Option<mpsc::Sender<()>>>,
}

impl KeyPool {
    /// Starts making `count` keys, on a thread for each processor but one, which is left to other things until
    /// [`use_every_processor`](Self::use_every_processor).
    #[must_use]
    pub fn start(algorithm: KeyAlgorithm, count: usize) -> Self {
        let (done, ready) = mpsc::channel();
        let (reserve, called) = mpsc::channel();
        let (mut reserve, mut called) = (Some(reserve), Some(called));
        let outstanding = Arc::new(AtomicUsize::new(count));
        let threads = thread::available_parallelism().map_or(1, NonZero::get).min(count);
        for number in (0..threads).rev() {
            let (done, outstanding) = (done.clone(), Arc::clone(&outstanding));
            let last = called.take().filter(|_| number > 0);
            let work = move || {
                if let Some(called) = last {
                    // Nothing is ever sent: it is over when the other end is gone.
                    called.recv().unwrap_or_default();
                }
                while claim(&outstanding) {
                    // Nobody listens any more: the pool is gone.
                    if done.send(PrivateKey::generate(algorithm)).is_err() {
                        return;
                    }
                }
            };
            if thread::Builder::new().name(format!("keys-{number}")).spawn(work).is_err() {
                // Those that there are begin at once. Without any, keys are made when they are taken.
                reserve = None;
            }
        }
        Self { algorithm, ready, outstanding, reserve: RefCell::new(reserve) }
    }

    /// Takes the processor too that was left to other things.
    pub fn use_every_processor(&self) {
        self.reserve.take();
    }

    /// A key that nobody had before: one made ahead, or one made now when there is none left.
    pub fn take(&self) -> Result<PrivateKey, KeyError> {
        if self.outstanding.load(Ordering::Relaxed) == 0 {
            // Nothing is left to make for the thread that waits: it ends, and the channel can close.
            self.use_every_processor();
        }
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
