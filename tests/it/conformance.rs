//! The judge's cases, tested without a machine: the modules are the lab's, and so are their tests.

#[path = "../lab/conformance/case.rs"]
#[expect(dead_code, reason = "the machine that it describes is the lab's")]
mod case;
#[path = "../lab/conformance/generate/mod.rs"]
mod generate;
