//! Undoing what `init` and `join` made on this machine.
//!
//! Undo goes on past errors and tells them all at the end ([`Troubles`]); it touches only what it knows by name, and
//! never a file below a mount that could not be taken off. What it leaves it lists ([`leftovers`]). Refuses to ask
//! anybody anything.

pub mod cleanup;
pub mod etcd;
pub mod leftovers;
pub mod node;
pub mod static_pod;

use std::cell::RefCell;
use std::error::Error;

use crate::failure::chain;
use crate::ui::Ui;

/// What went wrong on the way, while the rest was done; shared by the phases of one reset.
#[derive(Debug, Default)]
pub struct Troubles(RefCell<Vec<String>>);

impl Troubles {
    /// Takes a result; a failure is noted and told at once, as kubeadm does, with what it means.
    pub fn note<T, E: Error + 'static>(&self, ui: &Ui, what: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.say(ui, &format!("{what}: {}", chain(&error)))).ok()
    }

    /// Notes and tells a trouble.
    pub fn say(&self, ui: &Ui, text: &str) {
        ui.warn(format_args!("[reset] {text}"));
        self.0.borrow_mut().push(text.to_owned());
    }

    /// Everything that went wrong, in order.
    #[must_use]
    pub fn all(&self) -> Vec<String> {
        self.0.borrow().clone()
    }

    /// Lists everything once more, at the end.
    pub fn list(&self, ui: &Ui) {
        let all = self.0.borrow();
        if all.is_empty() {
            return;
        }
        ui.note("[reset] These steps failed, the others were done; correct the causes and run reset again:");
        for text in all.iter() {
            ui.note(format_args!("\t{text}"));
        }
    }
}

/// A list as Go prints it: `[a b c]`.
fn go_list<T: AsRef<str>>(items: &[T]) -> String {
    let words: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    format!("[{}]", words.join(" "))
}
