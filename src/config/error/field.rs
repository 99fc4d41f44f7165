//! What is wrong with single documents and fields, and where they stand.

use std::fmt;

use crate::yaml::Place;

/// ` at line 1, column 1`, for what has a known place.
pub(super) fn at(place: Option<Place>) -> String {
    place.map(|place| format!(" at {place}")).unwrap_or_default()
}

/// A document of a type that is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownApi {
    /// As written.
    pub api_version: String,
    /// As written.
    pub kind: String,
    /// Where the document begins, if that is known.
    pub place: Option<Place>,
    /// The known type that was perhaps meant.
    pub meant: Option<&'static str>,
}

impl fmt::Display for UnknownApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "kind {:?} of {:?}{}", self.kind, self.api_version, at(self.place))?;
        match self.meant {
            Some(meant) => write!(f, " (did you mean {meant}?)"),
            None => Ok(()),
        }
    }
}

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
        write!(f, "{}: {}{}: {}", self.kind, self.path, at(self.place), self.reason)
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
        write!(f, "unknown field {:?}{}", self.path, at(self.place))?;
        match self.meant {
            Some(meant) => write!(f, " (did you mean {meant:?}?)"),
            None => Ok(()),
        }
    }
}
