//! How a document is written, as a choice: every one means the same.

use proptest::prelude::*;
use proptest::sample::select;

/// A way of writing.
#[derive(Debug, Clone)]
pub(super) struct Style {
    pub(super) form: Form,
    pub(super) quotes: Quotes,
    pub(super) indent: usize,
    /// Lists stand further in than their key.
    pub(super) lists_in: bool,
    pub(super) comments: bool,
    /// What comes twice is written once.
    pub(super) anchors: bool,
    /// False and true.
    pub(super) booleans: [&'static str; 2],
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Form {
    Block,
    /// A line for each field, its value in brackets.
    Flow,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Quotes {
    /// Only where they are needed.
    Plain,
    Single,
    Double,
}

/// Ways of writing, the plainest first.
pub(super) fn strategy() -> impl Strategy<Value = Style> {
    let form = prop_oneof![6 => Just(Form::Block), 2 => Just(Form::Flow), 1 => Just(Form::Json)];
    let quotes = prop_oneof![4 => Just(Quotes::Plain), 1 => Just(Quotes::Single), 2 => Just(Quotes::Double)];
    let booleans = select(vec![
        ["false", "true"],
        ["false", "true"],
        ["false", "true"],
        ["False", "TRUE"],
        ["no", "yes"],
        ["off", "on"],
    ]);
    let lines = (select(vec![2_usize, 4, 3]), any::<bool>(), prop::bool::weighted(0.2), prop::bool::weighted(0.1));
    (form, quotes, lines, booleans).prop_map(|(form, quotes, (indent, lists_in, comments, anchors), booleans)| Style {
        form,
        quotes,
        indent,
        lists_in,
        comments,
        anchors,
        booleans,
    })
}
