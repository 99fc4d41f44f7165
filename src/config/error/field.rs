//! What is wrong with single fields, and where they stand.

use std::fmt;

use crate::yaml::Place;

/// A field that holds what it can't hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongField {
    /// The document's kind.
    pub kind: String,
    /// `a.b[0].c`.
    pub path: String,
    /// Its place in the file, if it is known.
    pub place: Option<Place>,
    /// What is wrong, and what to write.
    pub reason: String,
}

impl fmt::Display for WrongField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.path)?;
        if let Some(place) = self.place {
            write!(f, " at {place}")?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// The fields of one document that its version does not have, in the words of Go's strict decoder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownFields {
    /// The document's type, as Go prints it.
    pub gvk: String,
    /// At least one.
    pub fields: Vec<UnknownField>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownField {
    /// `a.b[0].c`.
    pub path: String,
    /// Its place in the file, if it is known.
    pub place: Option<Place>,
    /// The known name that was perhaps meant.
    pub meant: Option<&'static str>,
}

impl fmt::Display for UnknownFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields: Vec<String> = self.fields.iter().map(ToString::to_string).collect();
        write!(f, "error unmarshaling configuration {}: strict decoding error: {}", self.gvk, fields.join(", "))
    }
}

impl fmt::Display for UnknownField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown field {:?}", self.path)?;
        if let Some(place) = self.place {
            write!(f, " at {place}")?;
        }
        match self.meant {
            Some(meant) => write!(f, " (did you mean {meant:?}?)"),
            None => Ok(()),
        }
    }
}
