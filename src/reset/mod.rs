//! Undoing what `init` and `join` made on this machine.
//!
//! Undo goes on past errors and tells them all at the end ([`Troubles`]); it touches only what it knows by name, and
//! never a file below a mount that could not be taken off. What it leaves it lists ([`leftovers`]). Refuses to ask
//! anybody anything.

pub mod cleanup;
pub mod etcd;
pub mod leftovers;
pub mod node;

use std::error::Error;

use crate::failure::chain;
use crate::ui::Ui;

/// What went wrong on the way, while the rest was done.
#[derive(Debug, Default)]
pub struct Troubles(Vec<String>);

impl Troubles {
    /// Takes a result; a failure is noted and told at once, as kubeadm does, with what it means.
    pub fn note<T, E: Error + 'static>(&mut self, ui: &Ui, what: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.say(ui, &format!("{what}: {}", chain(&error)))).ok()
    }

    /// Notes and tells a trouble.
    pub fn say(&mut self, ui: &Ui, text: &str) {
        ui.warn(format_args!("[reset] {text}"));
        self.0.push(text.to_owned());
    }

    /// Everything that went wrong, in order.
    #[must_use]
    pub fn all(&self) -> &[String] {
        &self.0
    }

    /// Lists everything once more, at the end.
    pub fn list(&self, ui: &Ui) {
        if self.0.is_empty() {
            return;
        }
        ui.note("[reset] These steps failed, the others were done; correct the causes and run reset again:");
        for text in &self.0 {
            ui.note(format_args!("\t{text}"));
        }
    }
}

/// A list as Go prints it: `[a b c]`.
fn go_list<T: AsRef<str>>(items: &[T]) -> String {
    let words: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    format!("[{}]", words.join(" "))
}
